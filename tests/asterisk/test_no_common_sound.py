"""A caller with whom we have no sound in common is refused, and is not lost unseen: a row says so."""

import subprocess
import sys

import pytest

from models.states.calls import CallState, EndedBy
from phones.instance import CARRIER, LiveHotline
from phones.raw import RawPhone, registered
from phones.written import call_of

pytestmark = pytest.mark.asterisk

NUMBER = "1390013904"
OFFERS = {
    "G729": "m=audio {port} RTP/AVP 18 101\r\na=rtpmap:18 G729/8000\r\na=rtpmap:101 telephone-event/8000\r\n",
    "image udptl t38": "m=image {port} udptl t38\r\na=T38FaxVersion:0\r\n",
    "RTP/SAVP PCMA": "m=audio {port} RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80"
    " inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4\r\n",
    "G729, video H264": "m=audio {port} RTP/AVP 18\r\nm=video 9 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n",
}


@pytest.mark.parametrize("sound", OFFERS)
def test_a_call_without_a_codec_of_ours_is_refused_with_a_row(hotline: LiveHotline, sound: str) -> None:
    """Asterisk answers 488 before any dialplan."""
    number = f"{NUMBER}{list(OFFERS).index(sound)}"
    with RawPhone(number, (hotline.site.sip.address, hotline.ports.sip), CARRIER) as caller:
        offer = f"v=0\r\no=- 1 1 IN IP4 {CARRIER}\r\ns=-\r\nc=IN IP4 {CARRIER}\r\nt=0 0\r\n{OFFERS[sound]}"
        assert caller.invite("8000", offer=offer.format(port=hotline.ports.spare[5])).status == 488
    call = call_of(hotline, number).call
    assert (call.state, call.ended_by, call.line) == (CallState.ENDED, EndedBy.SYSTEM, "8000")
    assert call.end_reason == f"no sound in common: {sound}"
    lists = [sys.executable, "-m", "hotline", "--home", str(hotline.home.path), "--lang", "en", "calls"]
    shown = subprocess.run(lists, capture_output=True, text=True, check=True).stdout
    assert "refused, no codec in common" in shown
    assert sound.split()[0] in shown


def test_a_line_answers_the_next_call_of_that_number(hotline: LiveHotline) -> None:
    with RawPhone(f"{NUMBER}8", (hotline.site.sip.address, hotline.ports.sip), CARRIER) as caller:
        assert caller.invite("8000").status == 200
        caller.media.wait_heard("greeting")
    assert call_of(hotline, f"{NUMBER}8").call.end_reason != "no sound in common"


def test_an_agents_telephone_that_is_refused_within_a_talk_keeps_its_talk(hotline: LiveHotline) -> None:
    """A re-INVITE that offers nothing of ours is answered 488, and what was agreed before goes on (RFC 3261 14.2)."""
    with registered(hotline, "7001") as phone, RawPhone(f"{NUMBER}9", phone.server, CARRIER) as caller:
        assert caller.invite("8000").status == 200
        caller.media.wait_heard("menu")
        assert caller.offers(caller.sdp(codec="18 G729/8000")).status == 488
        caller.press("0")
        phone.wait_rung(seconds=20)
    assert call_of(hotline, f"{NUMBER}9").call.end_reason != "no sound in common"
