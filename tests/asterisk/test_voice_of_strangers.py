"""A stranger sends voice into the talk of somebody silent: `[rtp] learn` and SRTP decide what he gets of it."""

import base64
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from models.instance.secrets import Secrets
from models.tables import Talk
from phones.hearing import tone_seconds
from phones.instance import CARRIER, LiveHotline
from phones.microphone import Tone
from phones.raw import RawPhone, registered
from phones.written import wait_nothing_left
from recordings.voice import sound
from tests.asterisk.conftest import QUICK_RINGS

pytestmark = pytest.mark.asterisk

STRANGER = "127.0.0.9"
HERTZ = 1130.0
SENDS_S = 6.0
"""Also on a busy machine, longer than the words to the agent take."""
_FRAME, _FRAME_S, _ALAW = 160, 0.02, 8
_KEY = base64.b64encode(bytes(range(30))).decode()
CRYPTO = f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{_KEY}\r\n"


@pytest.fixture(scope="module", params=["trunk", "nobody"])
def learning(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    site = {"rtp.learn": request.param, "sip.tls": "optional"}
    with LiveHotline.running(tmp_path_factory.mktemp(request.param), site=site, policy=QUICK_RINGS) as instance:
        yield instance


@pytest.fixture
def hotline(learning: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    return at_the_end(learning)


@contextmanager
def calling(hotline: LiveHotline, who: str) -> Iterator[tuple[RawPhone, int]]:
    """Somebody who has dialled the switchboard and says nothing, and the port at which Asterisk hears him."""
    here = hotline.site.sip.address, hotline.ports.sip
    number, address = ("13900139121", CARRIER) if who == "trunk" else ("1101", "127.0.0.1")
    with RawPhone(number, here, address, silent=True) as caller:
        password = None if who == "trunk" else Secrets.load_or_create(hotline.home, hotline.site).sip[number]
        answer = caller.invite("8003", password=password, more_media=CRYPTO if who == "srtp" else "")
        assert answer.status == 200
        assert ("a=crypto" in answer.body) is (who == "srtp")
        yield caller, int(answer.body.partition("m=audio ")[2].split()[0])


def talks(hotline: LiveHotline, agent: RawPhone) -> bool:
    if agent.dialog is not None:
        agent.press("1")
    return hotline.store.read(lambda s: s.scalar(select(Talk.id).where(Talk.ended_at.is_(None)))) is not None


def speaks_at(hotline: LiveHotline, port: int) -> int:
    """The stranger sends a tone to this port; how many packets he gets."""
    voice, got = sound.to_alaw(Tone(HERTZ, 1.0).samples()), 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind((STRANGER, 0))
        stranger.setblocking(False)
        for number in range(round(SENDS_S / _FRAME_S)):
            place = number * _FRAME % len(voice)
            header = struct.pack("!BBHII", 0x80, _ALAW, number, number * _FRAME, 0xBAD)
            stranger.sendto(header + voice[place : place + _FRAME], (hotline.site.sip.address, port))
            time.sleep(_FRAME_S)
            got += _received(stranger)
    return got


def _received(stranger: socket.socket) -> int:
    try:
        return bool(stranger.recv(2048))
    except BlockingIOError:
        return 0


HEARD_AND_ANSWERED = {"telephone": (True, False), "srtp": (False, False), "trunk": (True, True)}
"""With `learn = "trunk"`, as delivered. With "nobody" he is neither."""


@pytest.mark.parametrize("who", HEARD_AND_ANSWERED)
def test_what_a_stranger_gets_of_the_talk_of_somebody_silent_is_what_the_page_on_security_says(
    hotline: LiveHotline, who: str
) -> None:
    heard, answered = HEARD_AND_ANSWERED[who] if hotline.site.rtp.learn == "trunk" else (False, False)
    with registered(hotline, "7001") as agent, calling(hotline, who) as (caller, port):
        agent.wait_rung(seconds=30)
        hotline.until(lambda: talks(hotline, agent), "talk", 20)
        agent.media.speaks(None)
        since = agent.media.ear.seconds
        got = speaks_at(hotline, port)
        assert (tone_seconds(agent.media.ear.heard(since), HERTZ) > 1, got > 10) == (heard, answered), got
        assert heard or tone_seconds(agent.media.ear.heard(since), HERTZ) < 0.1
        assert answered or got == 0
        caller.request("BYE")
    wait_nothing_left(hotline)
