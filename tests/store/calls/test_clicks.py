"""A click is taken up once, at once or never; what is clear already is refused before anything happens."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from models import enrolment
from models.calls import calls, clicks, outgoing, transfers, trunk_calls
from models.calls.clicks import Click, ClickKind, ClickOutcome, ClickState
from models.database.store import Store
from models.policy import Policy
from models.site import Site
from models.states.calls import CLICK_MOVES, EndedBy
from models.states.tickets import TaskKind, TicketKind
from models.tables import Call, Staff, Ticket
from models.tickets import tasks, tickets

pytestmark = pytest.mark.store

Ask = Callable[..., Click]
LATE = timedelta(seconds=6)


@pytest.fixture
def ask(store: Store, site: Site, policy: Policy, noon: datetime) -> Ask:
    store.write(enrolment.enrol, site)

    def click(kind: ClickKind, by: str = "7001", **about: Any) -> Click:
        return store.write(clicks.ask, by, kind, site=site, policy=policy, **({"at": noon} | about))

    return click


@pytest.fixture
def call(begin_call: Callable[..., Call], store: Store, noon: datetime) -> Call:
    """7001 talks in it."""
    call = begin_call()
    talk(store, call.id, "7001", noon)
    return call


def talk(store: Store, call_id: int, number: str, at: datetime) -> int:
    leg = {"bridge_id": "b", "caller_channel": "c", "leg_channel": f"leg-{number}"}
    return store.write(calls.begin_talk, call_id=call_id, staff_number=number, at=at, **leg)


def take(store: Store, policy: Policy, at: datetime) -> Click | None:
    return store.write(clicks.take, node="hotline", policy=policy, at=at)


def outcome(store: Store, click: Click) -> tuple[ClickState, str | None]:
    row = store.read(lambda session: session.get_one(Click, click.id))
    return row.state, row.outcome


def refusal(click: Click) -> str:
    """Why it was refused at once; nothing waits to be done."""
    assert (click.state, click.outcome) == (ClickState.ENDED, ClickOutcome.REFUSED)
    return click.refusal or ""


def test_a_click_is_taken_up_once(ask: Ask, store: Store, policy: Policy, noon: datetime) -> None:
    click = ask(ClickKind.CALL, target="7020")
    assert store.read(clicks.any_waiting)
    taken = take(store, policy, noon)
    assert taken is not None
    assert (taken.id, taken.node, taken.taken_at, taken.state) == (click.id, "hotline", noon, ClickState.TAKEN)
    assert take(store, policy, noon) is None
    assert not store.read(clicks.any_waiting)


def test_an_old_click_never_acts(ask: Ask, store: Store, policy: Policy, noon: datetime) -> None:
    click = ask(ClickKind.CALL, target="7020")
    assert not clicks.is_late(click, policy=policy, at=noon)
    assert clicks.is_late(click, policy=policy, at=noon + LATE)
    assert take(store, policy, noon + LATE) is None
    assert outcome(store, click) == (ClickState.ENDED, ClickOutcome.TOO_LATE)


def test_the_next_click_does_not_wait_for_one_that_nobody_took_up(
    ask: Ask, store: Store, policy: Policy, noon: datetime
) -> None:
    old = ask(ClickKind.CALL, target="7020")
    new = ask(ClickKind.CALL, target="7020", at=noon + LATE)
    assert new.id != old.id
    assert outcome(store, old) == (ClickState.ENDED, ClickOutcome.TOO_LATE)
    taken = take(store, policy, noon + LATE)
    assert taken is not None
    assert taken.id == new.id


def test_of_many_clicks_at_once_one_acts(ask: Ask, store: Store, call: Call) -> None:
    asked: list[int] = []
    barrier = threading.Barrier(8)

    def click() -> None:
        barrier.wait()
        asked.append(ask(ClickKind.HOLD, call_id=call.id).id)

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(asked), len(set(asked))) == (8, 1)


def test_every_state_can_be_reached_and_the_first_end_counts(
    ask: Ask, store: Store, policy: Policy, noon: datetime
) -> None:
    assert frozenset().union(*CLICK_MOVES.values()) | {ClickState.WAITING} == set(ClickState)
    click = ask(ClickKind.CALL, target="7020")
    assert not store.write(clicks.dialling, click.id, 1), "nobody has taken it up"
    assert store.write(clicks.end, click.id, ClickOutcome.NOT_LIFTED, at=noon)
    assert not store.write(clicks.end, click.id, ClickOutcome.DONE, at=noon)
    assert outcome(store, click) == (ClickState.ENDED, ClickOutcome.NOT_LIFTED)


def test_a_click_whose_end_could_not_be_written_stands_in_nobodys_way(
    ask: Ask, store: Store, call: Call, begin_call: Callable[..., Call], policy: Policy, noon: datetime
) -> None:
    held, called = ask(ClickKind.HOLD, call_id=call.id), ask(ClickKind.CALL, by="7002", target="7020")
    for _ in range(2):
        take(store, policy, noon)
    store.write(calls.end, call.id, by=EndedBy.CALLER, reason="hung up", at=noon)
    following = begin_call("1700000000.2")
    talk(store, following.id, "7001", noon)
    assert store.read(clicks.standing, "7001", at=noon).click is None
    assert ask(ClickKind.HOLD, call_id=following.id).state is ClickState.WAITING
    assert outcome(store, held) == (ClickState.ENDED, ClickOutcome.INTERRUPTED)
    assert ask(ClickKind.CALL, by="7002", target="7020", at=noon + timedelta(minutes=6)).id != called.id
    assert outcome(store, called) == (ClickState.ENDED, ClickOutcome.INTERRUPTED)


def test_old_clicks_are_forgotten(ask: Ask, store: Store, noon: datetime) -> None:
    """R05-7: the numbers in them are not kept for ever."""
    old = ask(ClickKind.CALL, target="7020")
    new = ask(ClickKind.CALL, target="7020", at=noon + LATE)
    store.write(clicks.forget, before=noon + LATE)
    assert store.read(lambda session: [session.get(Click, one.id) is not None for one in (old, new)]) == [False, True]


def test_a_new_process_ends_what_the_one_before_had_in_hand_and_no_other_nodes(
    ask: Ask, store: Store, policy: Policy, noon: datetime
) -> None:
    mine, other = ask(ClickKind.CALL, target="7020"), ask(ClickKind.CALL, by="7002", target="7020")
    take(store, policy, noon)
    store.write(clicks.take, node="another", policy=policy, at=noon)
    waiting = ask(ClickKind.CALL, by="7003", target="7020")
    store.write(clicks.interrupt, node="hotline", at=noon)
    assert outcome(store, mine) == (ClickState.ENDED, ClickOutcome.INTERRUPTED)
    assert outcome(store, other) == (ClickState.TAKEN, None)
    assert outcome(store, waiting) == (ClickState.WAITING, None)


# -- refused at once --


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("110", "emergency"),
        ("9120", "emergency"),
        ("16812345", "premium"),
        ("0085212345678", "abroad"),
        ("8000", "one of our own"),
        ("7001", "your own number"),
        ("", "no known kind"),
        ("保密", "no known kind"),
    ],
)
def test_what_may_not_be_called_is_refused_before_any_telephone_rings(
    ask: Ask, store: Store, number: str, why: str
) -> None:
    """R05-8, R20-5; an emergency number is dialled at a telephone, never by us."""
    assert why in refusal(ask(ClickKind.CALL, target=number))
    assert not store.read(clicks.any_waiting)


def test_a_refusal_names_a_rule_and_not_that_there_is_none(ask: Ask) -> None:
    assert "(house)" not in refusal(ask(ClickKind.CALL, target="99999"))


def test_what_the_gate_refuses_is_counted_as_from_any_other_door(ask: Ask, store: Store, noon: datetime) -> None:
    """R20-5: many refusals raise an alarm."""
    ask(ClickKind.CALL, target="16812345")
    assert store.read(trunk_calls.refused, noon - LATE) == 1


def test_who_talks_does_not_call_somebody_else(ask: Ask, call: Call) -> None:
    assert "you are in a talk" in refusal(ask(ClickKind.CALL, target="7020"))
    ask(ClickKind.CALL, by="7002", target="7020")


@pytest.mark.parametrize("kind", [ClickKind.TRANSFER, ClickKind.HOLD, ClickKind.TAKE_BACK])
def test_a_click_is_about_the_call_that_was_seen_and_not_about_the_next(
    ask: Ask, store: Store, call: Call, begin_call: Callable[..., Call], noon: datetime, kind: ClickKind
) -> None:
    store.write(calls.end, call.id, by=EndedBy.CALLER, reason="hung up", at=noon)
    following = begin_call("1700000000.2")
    talk(store, following.id, "7001", noon)
    for seen in (call.id, None, 99):
        assert "this call is over" in refusal(ask(kind, call_id=seen, target="7020"))


def test_a_colleagues_call_is_not_mine(ask: Ask, call: Call) -> None:
    assert "this call is over" in refusal(ask(ClickKind.HOLD, by="7002", call_id=call.id))


def test_two_of_the_staff_in_a_talk_hold_and_transfer_nobody(
    ask: Ask, store: Store, call: Call, noon: datetime
) -> None:
    talk(store, call.id, "7020", noon)
    for kind in (ClickKind.HOLD, ClickKind.TRANSFER):
        assert "a colleague is in this call" in refusal(ask(kind, call_id=call.id, target="7021"))


@pytest.mark.parametrize(
    ("to", "why"), [("7001", "own number"), ("7099", "nobody"), ("7022", "off duty"), ("7010", "this very person")]
)
def test_a_transfer_against_the_procedure_leaves_the_caller_where_he_is(
    ask: Ask, store: Store, call: Call, policy: Policy, noon: datetime, to: str, why: str
) -> None:
    """R07-4, R15-6."""
    ticket = store.write(tickets.open, kind=TicketKind.COMPLAINT, call_id=call.id, at=noon, policy=policy)

    def about_7010(session: Any) -> None:
        session.get_one(Ticket, ticket.id).about_staff = "7010"
        session.get_one(Staff, "7022").on_duty = False

    store.write(about_7010)
    assert why in refusal(ask(ClickKind.TRANSFER, call_id=call.id, target=to))
    assert ask(ClickKind.TRANSFER, call_id=call.id, target="7020").target == "7020"


def test_nothing_is_taken_back_where_nothing_was_given(ask: Ask, store: Store, call: Call, noon: datetime) -> None:
    assert "nobody is on hold" in refusal(ask(ClickKind.TAKE_BACK, call_id=call.id))
    store.write(transfers.begin, call_id=call.id, ticket_id=None, by_staff="7001", at=noon)
    ask(ClickKind.TAKE_BACK, call_id=call.id)
    assert "a transfer is going on" in refusal(ask(ClickKind.TRANSFER, call_id=call.id, target="7020"))


# -- call backs --


def owed(store: Store, noon: datetime, number: str | None = "13800138000", ticket_id: int | None = None) -> int:
    due = {"at": noon, "due_at": noon + timedelta(minutes=30)}
    about: dict[str, Any] = {"call_id": None, "ticket_id": ticket_id, "owner_group": "agents"}
    return store.write(tasks.open, kind=TaskKind.CALL_BACK, number=number, **about, **due).id


def test_a_call_back_is_passed_on_to_the_same_rows_as_from_the_terminal(
    ask: Ask, store: Store, site: Site, policy: Policy, noon: datetime
) -> None:
    click = ask(ClickKind.CALL_BACK, task_id=owed(store, noon))
    taken = take(store, policy, noon)
    assert taken is not None
    store.write(clicks.pass_on_call_back, taken, site=site, policy=policy, at=noon)
    standing = store.read(clicks.standing, "7001", at=noon)
    assert standing.call_back is not None
    assert (standing.call_back.extension, standing.call_back.asked_by) == ("7001", "7001")
    (claim,) = [store.write(outgoing.claim, by="hotline-1", at=noon, until=noon + LATE)]
    assert claim is not None
    assert claim.id == standing.call_back.id
    assert outcome(store, click) == (ClickState.ENDED, ClickOutcome.DONE)


def test_nobody_is_called_back_who_cannot_or_may_not_be(
    ask: Ask, store: Store, call: Call, policy: Policy, noon: datetime
) -> None:
    """R15-6: who is complained about does not even learn of the task."""
    ticket = store.write(tickets.open, kind=TicketKind.COMPLAINT, call_id=call.id, at=noon, policy=policy)
    store.write(lambda session: setattr(session.get_one(Ticket, ticket.id), "about_staff", "7010"))
    about = owed(store, noon, ticket_id=ticket.id)
    closed, hidden = owed(store, noon, "13800138001"), owed(store, noon, None)
    store.write(tasks.close, closed, at=noon)
    for by, task_id, why in (
        ("7010", about, "no open task"),
        ("7002", closed, "no open task"),
        ("7002", 99, "no open task"),
        ("7002", hidden, "withheld"),
        ("7001", about, "you are in a talk"),
    ):
        assert why in refusal(ask(ClickKind.CALL_BACK, by=by, task_id=task_id))
    ask(ClickKind.CALL_BACK, by="7002", task_id=about)


# -- what is shown --


def test_the_screen_shows_what_i_have_in_hand_and_for_a_moment_how_it_ended(
    ask: Ask, store: Store, call: Call, policy: Policy, noon: datetime
) -> None:
    hold = ask(ClickKind.HOLD, call_id=call.id)
    assert store.read(clicks.standing, "7001", at=noon).on_hold is None, "not yet"
    take(store, policy, noon)
    standing = store.read(clicks.standing, "7001", at=noon)
    assert standing.on_hold is not None
    assert standing.talk is not None
    assert (standing.on_hold.id, standing.talk.call_id, standing.alone) == (hold.id, call.id, True)
    store.write(clicks.end, hold.id, ClickOutcome.DONE, at=noon)
    standing = store.read(clicks.standing, "7001", at=noon + LATE)
    assert standing.click is not None
    assert (standing.on_hold, standing.click.outcome) == (None, ClickOutcome.DONE)
    assert store.read(clicks.standing, "7001", at=noon + 5 * LATE).click is None
    assert store.read(clicks.standing, "7002", at=noon).talk is None
