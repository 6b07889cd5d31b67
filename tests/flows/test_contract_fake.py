"""The fake keeps the same promises as real Asterisk, which tests/asterisk/test_contract.py checks."""

import asyncio

import pytest

from models.site import Site
from tests.contract import PROMISES, ContractStage, Promise, Telephone
from tests.contract.stage import PUBLIC
from tests.fakes.application import FakeAri
from tests.fakes.people import BUSY, FakePhone
from tests.fakes.switch import FakeSwitch
from tests.fakes.virtual_time import VirtualClock, VirtualLoop
from tests.flows.conftest import MONDAY_10_H

pytestmark = pytest.mark.flows


class FakeTelephone:
    def __init__(self, phone: FakePhone) -> None:
        self._phone = phone

    async def picks_up(self) -> None:
        self._phone.picks_up()

    async def says_busy(self) -> None:
        self._phone.hangs_up(BUSY)

    async def presses(self, key: str) -> None:
        await self._phone.presses(key)

    async def hangs_up(self) -> None:
        self._phone.hangs_up()

    async def hears(self, prompt: str) -> None:
        await self._phone.hears_out(prompt)

    async def keys_heard(self) -> str:
        return self._phone.keys

    async def has_heard(self, prompt: str) -> list[str]:
        return [heard for heard in self._phone.prompts if heard == prompt]

    async def speaks(self) -> None:
        """Every fake phone does."""

    async def voices(self, *numbers: str) -> set[str]:
        await asyncio.sleep(2)
        return self._phone.voices & set(numbers)


class FakeStage:
    def __init__(self, loop: VirtualLoop, site: Site) -> None:
        self.switch = FakeSwitch(VirtualClock(loop, MONDAY_10_H))
        self.ari = FakeAri(self.switch, "contract")
        self.site = site
        self.switch.public(PUBLIC)
        for number in ("7001", "7002", "7050"):
            self.switch.phone(number)
        self.switch.phone("7022").is_unplugged()

    def telephone(self, number: str) -> Telephone:
        return FakeTelephone(self.switch.public(number) if number == PUBLIC else self.switch.phone(number))

    async def __aenter__(self) -> ContractStage:
        self._running = asyncio.create_task(self.ari.run())
        await self.ari.connected.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(10)
        self._running.cancel()
        assert not self.switch.channels
        assert not self.switch.bridges


@pytest.fixture
def stage(loop: VirtualLoop, site: Site) -> FakeStage:
    return FakeStage(loop, site)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
async def test_the_fake_keeps_its_promise(stage: FakeStage, promise: Promise) -> None:
    await promise(stage)
