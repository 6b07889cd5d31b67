"""From what Asterisk copies to us: who called which line, and what sound was offered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.refused import line_of, message_of, offer_of
from models.instance.home import PROJECT_ROOT
from models.site import Site

pytestmark = pytest.mark.unit

PLAIN = "m=audio 4000 RTP/AVP 18 101\r\na=rtpmap:101 telephone-event/8000\r\n"


def packet(message: bytes) -> bytes:
    def chunk(kind: int, data: bytes) -> bytes:
        return b"\0\0" + kind.to_bytes(2) + (6 + len(data)).to_bytes(2) + data

    chunks = chunk(1, b"\x02") + chunk(15, message) + chunk(17, b"call-id")
    return b"HEP3" + (6 + len(chunks)).to_bytes(2) + chunks


def invite(*headers: str, caller: str = "<sip:13900139018@ims.example>", sdp: str = PLAIN, to: str = "") -> bytes:
    lines = ["INVITE sip:8000;phone-context=+86@127.0.0.1 SIP/2.0", f"From: {caller};tag=1", f"To: <sip:8000@x>{to}"]
    return ("\r\n".join([*lines, "Call-ID: one", "CSeq: 1 INVITE", *headers]) + f"\r\n\r\nv=0\r\n{sdp}").encode()


@pytest.mark.parametrize(
    ("sdp", "sound"),
    [
        (PLAIN, "G729"),
        ("m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 iLBC/8000\r\n", "iLBC"),
        ("m=image 4000 udptl t38\r\n", "image udptl t38"),
        ("m=audio 4000 RTP/SAVP 8\r\na=rtpmap:8 PCMA/8000\r\n", "RTP/SAVP PCMA"),
        ("m=audio 4000 RTP/AVP 18\r\nm=video 4002 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n", "G729, video H264"),
    ],
)
def test_what_was_offered_is_named(sdp: str, sound: str) -> None:
    offer = offer_of(message_of(packet(invite(sdp=sdp))), set(), 0)
    assert offer is not None
    assert (offer.call_id, offer.dialled, offer.number, offer.sound) == ("one", "8000", "13900139018", sound)


@pytest.mark.parametrize(
    ("headers", "caller", "number"),
    [
        (["P-Asserted-Identity: <sip:+8613900139017@x>"], "<sip:anonymous@x>", "+8613900139017"),
        (["P-Asserted-Identity: <sip:+8613900139017@x>", "Privacy: id;critical"], "<sip:anonymous@x>", None),
        (["Remote-Party-ID: <sip:1@x>;privacy=full"], "<sip:13900139018@x>", None),
        (["P-Asserted-Identity: <sip:13900139017@x>"], "<sip:7001@x>", "7001"),
        ([], '"<sip:110@x>" <tel:+86-139>', "110"),
    ],
)
def test_who_called_is_what_the_network_asserts_and_a_telephone_of_ours_is_itself(
    headers: list[str], caller: str, number: str | None
) -> None:
    offer = offer_of(invite(*headers, caller=caller), {"7001"}, 0)
    assert offer is not None
    assert offer.number == number


def test_an_invite_within_a_call_begins_none() -> None:
    assert offer_of(invite(to=";tag=2"), set(), 0) is None


@given(st.binary(max_size=200))
def test_whatever_arrives_is_read_or_left(data: bytes) -> None:
    for received in (data, packet(data), b"HEP3" + data, packet(b"INVITE " + data)):
        message = message_of(received)
        if message.startswith(b"INVITE "):
            offer_of(message, set(), 0)


def test_a_line_is_known_by_its_number_and_by_its_public_ones() -> None:
    site = Site.load(PROJECT_ROOT / "site.example.toml")
    assert line_of("8000", site) == "8000"
    assert line_of("7001", site) is None
