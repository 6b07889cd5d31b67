"""A report counts what a slow and simple count over all rows finds, and its figures add up."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from models.database.store import Store
from models.policy import Policy
from models.reports import comma
from models.reports.figures import FigureUnit, Row
from models.reports.material import CallResult
from models.reports.period import Period
from models.reports.report import Report, make
from models.site import Site
from models.states.calls import CallState, Ring
from models.states.surveys import SurveyPurpose
from models.states.tickets import ClockKind, TicketEventKind, TicketKind, TicketState, TimeUnit
from models.tables import (
    Base,
    Call,
    RingRow,
    Ticket,
    TicketClock,
    TicketEvent,
)
from tests.store.reports.counted_slowly import Slow
from tests.store.reports.random_days import DAY, ENDINGS, LATER, RandomDays

pytestmark = pytest.mark.store


def fields(report: Report, section: str, subject: str = "") -> Row:
    counted = report.section(section)
    return {figure.key: counted.value(subject, figure) for figure in counted.section.figures}


def make_report(store: Store, policy: Policy, period: Period = DAY, at: datetime = LATER) -> Report:
    def read(session: Session) -> Report:
        return make(session, period, policy=policy, at=at)

    return store.read(read)


def agree(found: Row, expected: Row) -> None:
    assert {key: found[key] for key in expected} == pytest.approx(expected)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(random=st.randoms(use_true_random=False))
def test_a_report_counts_what_a_slow_count_over_all_rows_finds(
    staffed: Store, site: Site, policy: Policy, random: Random
) -> None:
    """R07-6, R17-6, R16-4, R05-2, R17-1, R13-7: on random rows in the day, before it and after it."""

    def clear(session: Session) -> None:
        session.execute(update(Call).values(ticket_id=None))
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in ("staff", "groups", "phones"):
                session.execute(delete(table))

    staffed.write(clear)
    world = staffed.write(RandomDays, random)
    report = make_report(staffed, policy)

    def compare(session: Session) -> None:
        slow = Slow(session, world, policy)
        agree(fields(report, "calls"), slow.calls())
        agree(fields(report, "owed"), slow.owed())
        agree(fields(report, "line"), slow.line())
        agree(fields(report, "transfers"), slow.transfers())
        agree(fields(report, "promises"), slow.promises())
        for purpose in (None, *SurveyPurpose):
            agree(fields(report, "satisfaction", purpose or ""), slow.surveys(purpose))
        agree(fields(report, "departments", "engineering"), slow.department("engineering"))
        for kind in TicketKind:
            agree(fields(report, "tickets", kind), slow.tickets_of(kind))
            agree(fields(report, "clocks", f"{kind} respond"), slow.clocks_of(kind))
        for number in ("7001", "7002", "7010", "7020", "?"):
            agree(fields(report, "agents", number), slow.agent(number))

    staffed.read(compare)
    adds_up(report)


def adds_up(report: Report) -> None:
    """Checks that parts add up to their whole, and that sections agree."""
    for section, whole, parts in (
        ("calls", "calls", "connected left_message served abandoned undecided broken_off going_on"),
        ("owed", "call_backs", "in_time late overdue running"),
        ("transfers", "transfers", ENDINGS),
        ("promises", "promises", "in_time late overdue running postponed carried"),
        ("line", "canaries", "came_home failed"),
        ("satisfaction", "asked", "answered not_answered not_reached opted_out"),
        ("tickets", "opened", "settled open merged"),
        ("clocks", "clocks", "in_time late overdue running"),
    ):
        for subject in report.section(section).subjects() or [""]:
            row = fields(report, section, subject)
            assert row[whole] == sum(row[part] or 0 for part in parts.split()), (section, subject)
    for section in ("agents", "departments"):
        counted = report.section(section)
        answered = [fields(report, section, subject)["answered"] or 0 for subject in counted.subjects()]
        assert sum(answered) == fields(report, "calls")["connected"]
    causes = report.section("causes")
    scored = [fields(report, "agents", subject)["scored"] or 0 for subject in report.section("agents").subjects()]
    assert sum(scored) == fields(report, "satisfaction")["scored"]
    for dimension in ("cause", "line", "about", "severity", "department", "building"):
        part = [fields(report, "causes", s)["complaints"] or 0 for s in causes.subjects() if s.startswith(dimension)]
        assert sum(part) == causes_of(report)
    for counted, subject, figure in report.lines():
        value = counted.value(subject, figure)
        if figure.unit is FigureUnit.PERCENT and value is not None and figure.key != "complaint_rate":
            assert 0 <= value <= 1, (counted.section.key, subject, figure.key)


def causes_of(report: Report) -> int | float:
    row = fields(report, "tickets", TicketKind.COMPLAINT)
    return (row["opened"] or 0) - (row["merged"] or 0)


def test_a_period_without_anything_is_a_report_of_zeros(staffed: Store, policy: Policy) -> None:
    report = make_report(staffed, policy)
    for counted, subject, figure in report.lines():
        assert (
            counted.value(subject, figure) == (0 if figure.unit is FigureUnit.COUNT else None) or figure.key == "talk_s"
        )
    assert report.section("agents").subjects() == []
    adds_up(report)


@pytest.fixture
def rung(staffed: Store, policy: Policy) -> Callable[..., Row]:
    """Counts one call whose phones ring as given: (second of the first ring, rings, outcome)."""

    def ring(*phones: tuple[float, int, Ring]) -> Row:
        start = DAY.begins + timedelta(hours=9)

        def write(session: Session) -> None:
            call = Call(channel_id="x", line="8000", language="zh", started_at=start, state=CallState.ENDED)
            session.add(call)
            session.flush()
            for number, (second, rings, outcome) in enumerate(phones):
                at = start + timedelta(seconds=second)
                session.add(
                    RingRow(
                        call_id=call.id,
                        stage="group",
                        staff_number=f"700{number + 1}",
                        phone="x",
                        channel_id=f"leg{number}",
                        started_at=at,
                        ringing_at=at,
                        rings=rings,
                        outcome=outcome,
                    )
                )

        staffed.write(write)
        return fields(make_report(staffed, policy), "calls")

    return ring


@pytest.mark.parametrize(
    ("phones", "within"),
    [
        ([(2, 3, Ring.CONNECTED)], 1),
        ([(2, 4, Ring.CONNECTED)], 0),
        # the second phone's first ring is the caller's fourth
        ([(2, 4, Ring.TAKEN), (17.1, 1, Ring.CONNECTED)], 0),
        ([(2, 1, Ring.DECLINED), (4, 2, Ring.CONNECTED)], 1),
        ([(2, 3, Ring.DECLINED), (17, 1, Ring.CONNECTED)], 0),
        # the caller waited in the queue after the first phone was busy
        ([(2, 0, Ring.BUSY), (300, 1, Ring.CONNECTED)], 0),
        ([(2, 3, Ring.NO_ANSWER)], 0),
    ],
)
def test_three_rings_are_counted_from_the_first_ring_of_any_phone(
    rung: Callable[..., Row], phones: list[tuple[float, int, Ring]], within: int
) -> None:
    """R05-2."""
    assert rung(*phones)["within_rings"] == within


def test_the_report_of_an_ended_period_does_not_change(staffed: Store, policy: Policy) -> None:
    """A ticket settled after the period's end was open at its end, whenever the report is made."""

    def write(session: Session) -> None:
        ticket = Ticket(kind=TicketKind.REPAIR, language="zh", opened_at=DAY.begins, policy_version="1")
        session.add(ticket)
        session.flush()
        clock = {"kind": ClockKind.RESPOND, "calendar": "wall", "rule": "R08-1", "policy_version": "1"}
        clock |= {"begun_at": DAY.begins, "figure": 4, "unit": TimeUnit.HOURS}
        met, due = DAY.ends, DAY.begins + timedelta(hours=4)
        session.add(TicketClock(ticket_id=ticket.id, due_at=due, met_at=met, **clock))
        for at, state in ((DAY.begins, TicketState.NEW), (DAY.ends, TicketState.DONE)):
            event = {"kind": TicketEventKind.MOVED, "who": "7020", "text": ""}
            session.add(TicketEvent(ticket_id=ticket.id, at=at, to_state=state, **event))

    staffed.write(write)
    soon, late = (make_report(staffed, policy, at=at) for at in (DAY.ends, LATER))
    for report in (soon, late):
        assert fields(report, "rates")["resolution_rate"] == 0
        assert fields(report, "clocks", "repair respond")["overdue"] == 1
    assert comma.text(soon, "zh") == comma.text(late, "zh")


def test_a_report_is_compared_with_the_period_before(staffed: Store, policy: Policy) -> None:
    """R04-2: the trend."""

    def write(session: Session) -> None:
        for number, at in enumerate([DAY.before.begins, DAY.begins - timedelta(seconds=1), DAY.begins]):
            session.add(Call(channel_id=f"c{number}", line="8000", language="zh", started_at=at))

    staffed.write(write)
    counted = make_report(staffed, policy).section("calls")
    figure = counted.section.figures[0]
    assert (counted.value("", figure), counted.value_before("", figure), counted.change("", figure)) == (1, 2, -1)


def test_no_customers_name_or_number_is_in_a_report(staffed: Store, policy: Policy) -> None:
    """R05-9, R07-8."""

    def fill(session: Session) -> RandomDays:
        return RandomDays(session, Random(7))

    staffed.write(fill)
    for period in (DAY, DAY.before):
        text = comma.text(make_report(staffed, policy, period), "en")
        assert not any(number in text for number in ("13800138000", "16812345678", "1390"))


def test_every_outcome_has_its_column() -> None:
    columns = {"left_message" if outcome is CallResult.MESSAGE else outcome.replace("-", "_") for outcome in CallResult}
    from models.reports.sections.calls import CALLS

    assert columns <= {figure.key for figure in CALLS.figures}
