"""Real Asterisk keeps the promises on which our conversations, and the fake of the fast tests, rely."""

import asyncio
from contextlib import suppress

import pytest

from ivr.ari.client import Ari
from models.instance.secrets import Secrets
from phones import hearing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.network import public_number
from phones.phone import Phone
from tests.contract import PROMISES, Promise, Telephone
from tests.contract.stage import PUBLIC

pytestmark = pytest.mark.asterisk


TONES = dict(zip(("7001", "7002", "7050"), tones(3), strict=True))


class RealTelephone:
    def __init__(self, phone: Phone) -> None:
        self._phone = phone

    async def picks_up(self) -> None:
        await asyncio.to_thread(self._phone.wait_ringing)
        await asyncio.to_thread(self._phone.answer)

    async def says_busy(self) -> None:
        await asyncio.to_thread(self._phone.wait_ringing)
        await asyncio.to_thread(self._phone.reject)

    async def presses(self, key: str) -> None:
        # The next key is pressed after this one's tone has ended.
        self._phone.press(key)
        await asyncio.sleep(0.2)

    async def hangs_up(self) -> None:
        await asyncio.to_thread(self._phone.hang_up)

    async def hears(self, prompt: str) -> None:
        await asyncio.to_thread(self._phone.wait_heard, prompt)

    async def keys_heard(self) -> str:
        return self._phone.call.keys

    async def has_heard(self, prompt: str) -> list[str]:
        found = hearing.find(self._phone.heard(), hearing.prompt(prompt, self._phone.language))
        return [one.name for one in found]

    async def speaks(self) -> None:
        self._phone.say(TONES[self._phone.number])

    async def voices(self, *numbers: str) -> set[str]:
        heard = await asyncio.to_thread(self._phone.hears_now, [TONES[number].hertz for number in numbers])
        return {number for number in numbers if TONES[number].hertz in heard}


class RealStage:
    """Our client as a second application of the same Asterisk, beside the hotline's own."""

    def __init__(self, hotline: LiveHotline, outside: Phone) -> None:
        password = Secrets.load_or_create(hotline.home, hotline.site).ari_password
        url = f"http://127.0.0.1:{hotline.ports.http}/ari"
        self.ari = Ari(url, "contract", "hotline", password, signature="contract")
        self.site = hotline.site
        self._phones = {number: hotline.phone(number) for number in TONES} | {PUBLIC: outside}

    def telephone(self, number: str) -> Telephone:
        return RealTelephone(self._phones[number])

    async def keeps(self, promise: Promise) -> None:
        running = asyncio.create_task(self.ari.run())
        try:
            await asyncio.wait_for(self.ari.connected.wait(), 10)
            await promise(self)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_asterisk_keeps_its_promise(hotline: LiveHotline, promise: Promise) -> None:
    with public_number(hotline, PUBLIC) as outside:
        asyncio.run(RealStage(hotline, outside).keeps(promise))
