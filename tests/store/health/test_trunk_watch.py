"""A trunk that stays away has one ticket and rings the duty phone once; when it is back, that ends (R17-5)."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.health import findings, trunks
from models.instance import asterisk_console
from models.instance.asterisk_console import Contact, NoConsole
from models.site.trunks import Trunk
from models.states.health import FindingKind, TrunkFailure, TrunkState
from models.states.tickets import TicketKind
from models.tables import Ticket, TicketEvent
from scheduler import duty_phone
from scheduler.scans.trunk_watch import BACK_AGAIN, KINDS, judge, ring, trunk_watch, wrong_with
from scheduler.scope import Scope

pytestmark = pytest.mark.store

SILENT, THERE = TrunkFailure.SILENT, None
CONTACTS = """
  Contact:  <Aor/ContactUri..............................> <Hash....> <Status> <RTT(ms)..>
==========================================================================================

  Contact:  7001/sip:7001@127.0.0.1:41000                  c2f5a81a4d NonQual         nan
  Contact:  7002/sip:7002@127.0.0.1:41001                  d2f5a81a4d Unavail         nan
  Contact:  telecom/sip:127.0.0.4:11010                    9b1c2e2a11 Unavail         nan
  Contact:  telecom/sip:127.0.0.5:11010                    9b1c2e2a12 Avail         0.512
  Contact:  box/sip:line-1@127.0.0.6:11010;line=abc        9b1c2e2a13 Unavail         nan

Objects found: 5
"""
REGISTRATIONS = """
 <Registration/ServerURI..............................>  <Auth....................>  <Status.......>
==========================================================================================

 ims/sip:127.0.0.5:11010                                 ims                       Registered        (exp. 117s)
 other/sip:127.0.0.5:11010                               other                     Rejected          (exp. 17s)
"""


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls to the duty phone: name, and what it is about."""
    names: list[str] = []
    monkeypatch.setattr(duty_phone, "ring", lambda home, site, name, about: names.append(f"{name} {about}"))
    return names


def after(scope: Scope, seconds: float, **seen: TrunkFailure | None) -> None:
    scope.clock.forward(seconds=seconds)  # type: ignore[attr-defined]
    judge(scope, seen)
    ring(scope)


def faults(scope: Scope) -> list[tuple[int, str]]:
    def read(session: Session) -> list[tuple[int, str]]:
        return [
            (ticket.id, event.text)
            for ticket in session.scalars(select(Ticket).where(Ticket.kind == TicketKind.FAULT).order_by(Ticket.id))
            for event in session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == ticket.id))
            if "trunk" in event.text
        ]

    return scope.store.read(read)


def states(scope: Scope) -> Mapping[str, tuple[TrunkState, TrunkFailure | None]]:
    return {name: (row.state, row.failure) for name, row in scope.store.read(trunks.every).items()}


def test_a_trunk_that_has_answered_and_is_silent_for_a_minute_is_one_ticket_and_one_call(
    scope: Scope, rung: list[str]
) -> None:
    after(scope, 0, telecom=THERE)
    after(scope, 10, telecom=SILENT)
    after(scope, 55, telecom=SILENT)
    assert (faults(scope), rung) == ([], [])
    after(scope, 10, telecom=SILENT)
    after(scope, 600, telecom=SILENT)
    ((ticket, text),) = faults(scope)
    assert text == "trunk-down: telecom\nsilent"
    problem = scope.store.read(lambda session: session.get_one(Ticket, ticket).problem)
    assert problem == "中继中断：telecom\n不应答 OPTIONS"
    assert rung == [f"fault-{ticket} trunk"]
    assert states(scope) == {"telecom": (TrunkState.DOWN, SILENT)}
    after(scope, 10, telecom=THERE)
    assert scope.store.read(findings.still_open, limit=9) == []
    assert [text for _, text in faults(scope)] == ["trunk-down: telecom\nsilent", BACK_AGAIN]
    assert states(scope) == {"telecom": (TrunkState.UP, SILENT)}
    after(scope, 10, telecom=SILENT)
    after(scope, 70, telecom=SILENT)
    assert len(rung) == 2


def test_a_trunk_that_has_never_answered_is_unwatched_but_a_failed_registration_is_down(
    scope: Scope, rung: list[str]
) -> None:
    seen = {"quiet": SILENT, "ims": TrunkFailure.NOT_REGISTERED, "box": TrunkFailure.GATEWAY_GONE}
    after(scope, 0, **seen)
    after(scope, 61, **seen)
    open_ones = scope.store.read(findings.still_open, limit=9)
    assert [(one.kind, one.subject) for one in open_ones] == [
        (FindingKind.TRUNK_DOWN, "box"),
        (FindingKind.TRUNK_DOWN, "ims"),
    ]
    assert states(scope)["quiet"] == (TrunkState.UNWATCHED, None)
    assert len(rung) == 1


def test_another_fault_of_a_trunk_that_is_down_opens_no_second_ticket(scope: Scope, rung: list[str]) -> None:
    after(scope, 0, ims=THERE)
    after(scope, 0, ims=TrunkFailure.NOT_REGISTERED)
    after(scope, 61, ims=TrunkFailure.NOT_REGISTERED)
    after(scope, 10, ims=SILENT)
    assert len(faults(scope)) == len(rung) == 1
    assert states(scope) == {"ims": (TrunkState.DOWN, SILENT)}


def test_a_trunk_that_is_taken_out_of_the_site_file_is_forgotten(scope: Scope, rung: list[str]) -> None:
    after(scope, 0, ims=TrunkFailure.NOT_REGISTERED)
    after(scope, 61, ims=TrunkFailure.NOT_REGISTERED)
    after(scope, 10, telecom=THERE)
    assert list(states(scope)) == ["telecom"]
    assert scope.store.read(findings.still_open, limit=9) == []


def test_a_refused_call_is_the_last_failure_of_a_trunk_that_is_there(scope: Scope) -> None:
    after(scope, 0, telecom=THERE)
    at = scope.clock.now()
    scope.store.write(trunks.call_failed, "telecom", TrunkFailure.CALL_REFUSED, at=at)
    scope.store.write(trunks.call_failed, "telecom", TrunkFailure.CALL_SILENT, at=at - timedelta(seconds=1))
    scope.store.write(trunks.call_failed, "unknown", TrunkFailure.CALL_SILENT, at=at)
    after(scope, 10, telecom=THERE)
    assert states(scope) == {"telecom": (TrunkState.UP, TrunkFailure.CALL_REFUSED)}


def test_a_duty_phone_that_could_not_be_rung_is_rung_at_the_next_look(
    scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_rung(*_: object) -> None:
        raise duty_phone.NotRung("down")

    monkeypatch.setattr(duty_phone, "ring", not_rung)
    after(scope, 0, box=TrunkFailure.GATEWAY_GONE)
    after(scope, 61, box=TrunkFailure.GATEWAY_GONE)
    assert len(scope.store.read(findings.untold, KINDS)) == 1


def test_while_asterisk_is_down_nothing_is_said_about_its_trunks(scope: Scope) -> None:
    with pytest.raises(NoConsole):
        asterisk_console.contacts(scope.home)
    assert trunk_watch(scope) == 0
    assert states(scope) == {}


def test_a_trunk_that_nobody_has_connected_yet_is_no_fault_after_a_start(
    scope: Scope, rung: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in every new house: at its start Asterisk has not asked yet, then nobody answers."""
    (carrier,) = scope.site.trunks
    for status in ("NonQual", "Unavail", "Unavail"):
        contact = f"  Contact:  {carrier.name}/sip:127.0.0.2:5060   067c650437 {status}   nan\n"
        monkeypatch.setattr(asterisk_console, "asked", lambda home, command, contact=contact: contact)
        trunk_watch(scope)
        scope.clock.forward(seconds=90)  # type: ignore[attr-defined]
    assert (faults(scope), rung) == ([], [])
    assert states(scope) == {carrier.name: (TrunkState.UNWATCHED, None)}


def test_a_trunk_that_was_there_stays_so_while_asterisk_starts_again(scope: Scope, rung: list[str]) -> None:
    after(scope, 0, telecom=THERE)
    judge(scope, {}, {"telecom"})
    assert states(scope) == {"telecom": (TrunkState.UP, None)}
    after(scope, 70, telecom=SILENT)
    judge(scope, {}, {"telecom"})
    assert states(scope) == {"telecom": (TrunkState.DOWN, SILENT)}


def test_what_asterisk_prints_is_understood(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "pjsip show contacts": CONTACTS,
        "pjsip show registrations": REGISTRATIONS,
        "dialplan show globals": "   TRUNK_FAILED_telecom=1796000000 call-refused\n   NODE=hotline\n",
    }
    monkeypatch.setattr(asterisk_console, "asked", lambda home, command: said[command])
    known, ours = asterisk_console.contacts(scope.home), asterisk_console.registered(scope.home)
    assert asterisk_console.failed_calls(scope.home) == {"telecom": (1796000000, "call-refused")}
    silent, there = Contact.SILENT, Contact.THERE
    assert known == {"7001": Contact.NOT_ASKED, "7002": silent, "telecom": there, "box": silent}
    assert ours == {"ims"}
    telecom = Trunk(name="telecom", addresses=["192.0.2.1"])
    ims = Trunk(name="ims", kind="registration", server="192.0.2.1", user="1")
    other = Trunk(name="other", kind="registration", server="192.0.2.1", user="1")
    box, gone = Trunk(name="box", kind="gateway"), Trunk(name="gone", kind="gateway")
    assert [wrong_with(one, known | {"ims": there}, ours) for one in (telecom, ims, other, box, gone)] == [
        None,
        None,
        TrunkFailure.NOT_REGISTERED,
        TrunkFailure.SILENT,
        TrunkFailure.GATEWAY_GONE,
    ]
