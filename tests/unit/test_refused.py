"""From what Asterisk copies to us: who called which line, and what sound was offered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.refused import Offer, line_of, message_of, offer_of, source_of
from models.instance.home import PROJECT_ROOT
from models.site import Site
from models.site.trunks import Trunk

pytestmark = pytest.mark.unit

PLAIN = "m=audio 4000 RTP/AVP 18 101\r\na=rtpmap:101 telephone-event/8000\r\n"


def packet(message: bytes, source: bytes = b"\x7f\0\0\x02") -> bytes:
    def chunk(kind: int, data: bytes) -> bytes:
        return b"\0\0" + kind.to_bytes(2) + (6 + len(data)).to_bytes(2) + data

    chunks = chunk(1, b"\x02") + chunk(3, source) + chunk(15, message) + chunk(17, b"call-id")
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
    found = offer_of(message_of(packet(invite(sdp=sdp))), set(), 0)
    assert found is not None
    assert (found.call_id, found.dialled, found.number, found.sound) == ("one", "8000", "13900139018", sound)


@pytest.mark.parametrize(
    ("headers", "caller", "number"),
    [
        (["P-Asserted-Identity: <sip:+8613900139017@x>"], "<sip:anonymous@x>", "+8613900139017"),
        (["P-Asserted-Identity: <sip:+8613900139017@x>", "Privacy: id;critical"], "<sip:anonymous@x>", None),
        (["Remote-Party-ID: <sip:1@x>;privacy=full"], "<sip:13900139018@x>", None),
        (['Authorization: Digest username="7001"'], "<sip:7001@x>", "7001"),
        ([], "<sip:7001@x>", None),
        (["P-Asserted-Identity: <sip:7001@x>"], "<sip:13900139018@x>", None),
        ([], '"<sip:110@x>" <tel:+86-139>', "110"),
    ],
)
def test_who_called_is_what_the_network_asserts_and_a_telephone_of_ours_is_itself(
    headers: list[str], caller: str, number: str | None
) -> None:
    found = offer_of(invite(*headers, caller=caller), {"7001"}, 0)
    assert found is not None
    assert found.number == number


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
    assert line_of(offer("8000"), site) == "8000"
    assert line_of(offer("7001"), site) is None


def test_whatever_comes_over_a_trunk_with_a_line_of_its_own_is_for_that_line() -> None:
    """A carrier where we register dials the account or anything, a gateway its port."""
    example = Site.load(PROJECT_ROOT / "site.example.toml")
    ims = {"name": "ims", "kind": "registration", "server": "192.0.2.9", "user": "02088886666", "line": "8000"}
    trunks = [Trunk(**ims), Trunk(name="box", kind="gateway", line="8001")]  # type: ignore[arg-type]
    site = example.model_copy(update={"trunks": trunks})
    assert line_of(offer("02088886666"), site) == "8000"
    assert line_of(offer("anything", source="192.0.2.9"), site) == "8000"
    assert line_of(offer("line-1", login="box"), site) == "8001"
    assert line_of(offer("8003", login="box"), site) == "8003"
    assert line_of(offer("line-1", source="192.0.2.8"), site) is None


def test_the_source_and_the_login_are_read() -> None:
    data = packet(invite('Authorization: Digest username="box", realm="hotline"'))
    found = offer_of(message_of(data), set(), 0, source_of(data))
    assert found is not None
    assert (found.source, found.login) == ("127.0.0.2", "box")


def offer(dialled: str, source: str = "", login: str = "") -> Offer:
    return Offer("one", dialled, None, "G729", 0, source, login)
