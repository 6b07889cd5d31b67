"""Trunks with TLS and SRTP, and a second Asterisk at their other end, whose certificate is checked."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from models.calls import calls
from models.tables import Call
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.written import call_of
from tests.asterisk.carrier import ACCOUNT, GATEWAY, IMS, TELECOM, PlayedCarrier
from tests.asterisk.conftest import running_with_trunks
from tests.asterisk.test_trunks import called_back, listed, said

pytestmark = pytest.mark.asterisk

AGENT = tones(2)[1]
Trunks = tuple[LiveHotline, PlayedCarrier]


@pytest.fixture(scope="module", params=["optional", "required"])
def encrypting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trunks]:
    with running_with_trunks(tmp_path_factory.mktemp(request.param), request.param) as both:
        yield both


@pytest.fixture
def world(encrypting: Trunks, at_the_end: Callable[[LiveHotline], LiveHotline]) -> Trunks:
    hotline, carrier = encrypting
    carrier.forgets()
    at_the_end(hotline)
    return hotline, carrier


@pytest.mark.parametrize(
    ("trunk", "number"),
    [(TELECOM, "13900130151"), (IMS, "13900130152"), (GATEWAY, "13900130153")],
)
def test_a_call_in_over_each_encrypted_trunk_is_heard(world: Trunks, trunk: str, number: str) -> None:
    hotline, carrier = world
    agent = hotline.phone("7001", AGENT)
    agent.when_it_rings("answer", after_s=0.2)
    carrier.calls_in(trunk, "8003", number)
    agent.wait_tone(1000, 60, seconds=1)
    carrier.hangs_up()
    agent.wait_ended()
    assert call_of(hotline, number).call.line == "8003"


@pytest.mark.crowd
@pytest.mark.parametrize(
    ("trunk", "number"), [(TELECOM, "13800138151"), (IMS, "13800138152"), (GATEWAY, "13800138153")]
)
def test_a_call_out_over_each_encrypted_trunk_is_heard_at_both_ends(world: Trunks, trunk: str, number: str) -> None:
    hotline, carrier = world
    for before in (TELECOM, IMS, GATEWAY):
        carrier.does(before, "echoes" if before == trunk else "refuses")
    agent, command = called_back(hotline, number)
    agent.wait_tone(AGENT.hertz, 60, seconds=1, share=0.2)
    assert [(talk["trunk"], talk["secure"]) for talk in carrier.talks] == [(trunk, "11")]
    agent.hang_up()
    command.communicate(timeout=20)


@pytest.mark.parametrize(
    ("trunk", "dialled", "line", "number"),
    [
        (TELECOM, "8003", "8003", "13900130171"),
        (IMS, ACCOUNT, "8000", "13900130172"),
        (GATEWAY, "line-1", "8001", "13900130173"),
    ],
)
def test_voice_without_srtp_is_refused_with_a_row_where_a_trunk_must_encrypt(
    world: Trunks, trunk: str, dialled: str, line: str, number: str
) -> None:
    """R17-1. Where it may, such a call is served."""
    hotline, carrier = world
    carrier.calls_in(trunk, dialled, number, plain=True)
    row = hotline.until(lambda: newest(hotline, number), "row", 30)
    assert row.line == line
    if hotline.site.trunks[0].tls == "required":
        assert row.answered_at is None
        assert row.end_reason == f"{calls.NO_SOUND}: PCMA PCMU"
    else:
        hotline.until(lambda: newest(hotline, number).answered_at, "answer", 30)
    carrier.hangs_up()


def newest(hotline: LiveHotline, number: str) -> Any:
    """The row of this number's newest call, also of one that goes on."""
    mine = select(Call).where(Call.caller_number == number).order_by(Call.id.desc()).limit(1)
    return hotline.store.read(lambda session: session.scalar(mine))


def why_down(hotline: LiveHotline, trunk: str) -> str | None:
    row = listed(hotline)[trunk]
    return row["failure"] if row["state"] == "down" else None


def shows(carrier: PlayedCarrier, whose: str) -> None:
    carrier.ends()
    carrier.shown = whose
    carrier.starts()


@pytest.mark.timeout(300)
def test_a_carrier_with_a_certificate_of_a_strange_authority_is_refused_and_the_reason_is_listed(world: Trunks) -> None:
    hotline, carrier = world
    checked = bool(hotline.site.sip.trunk_authority)
    shows(carrier, "strange")
    try:
        if checked:
            hotline.until(lambda: why_down(hotline, TELECOM) == "certificate", "its failure", 60)
            assert "telecom down (its certificate is not accepted" in said(hotline, "status")
            hotline.until(lambda: why_down(hotline, IMS) == "certificate", "the registration's failure", 120)
        else:
            carrier.knows_the_hotline()
    finally:
        shows(carrier, "known")
    carrier.knows_the_hotline()
    hotline.until(lambda: {row["state"] for row in listed(hotline).values()} == {"up"}, "three trunks", 60)


def test_a_carrier_that_speaks_no_tls_is_listed_as_such(world: Trunks) -> None:
    hotline, carrier = world
    carrier.ends()
    try:
        hotline.until(lambda: why_down(hotline, TELECOM) == "no-tls", "its failure", 60)
        assert "telecom down (takes no TLS connection from us)" in said(hotline, "status")
    finally:
        carrier.starts()
    hotline.until(lambda: listed(hotline)[TELECOM]["state"] == "up", "its return", 60)
