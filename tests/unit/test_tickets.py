"""The state changes of a ticket: no dead ends, and no way around the customer's confirmation."""

import pytest

from models.states.tickets import TICKET_MOVES, TICKET_OPEN, ClockKind, TicketState
from models.tickets.deadlines import CLOCKS_MET

pytestmark = pytest.mark.unit


def reachable(start: TicketState, without: frozenset[TicketState] = frozenset()) -> set[TicketState]:
    seen, ahead = {start}, [start]
    while ahead:
        for state in TICKET_MOVES[ahead.pop()] - seen - without:
            seen.add(state)
            ahead.append(state)
    return seen


def test_every_state_has_its_next_states_and_none_leads_to_itself() -> None:
    assert set(TICKET_MOVES) == set(TicketState)
    assert all(state not in moves for state, moves in TICKET_MOVES.items())


def test_every_state_can_be_reached_from_a_new_ticket() -> None:
    assert reachable(TicketState.NEW) == set(TicketState)


@pytest.mark.parametrize("state", TicketState)
def test_from_every_state_a_ticket_can_still_be_ended(state: TicketState) -> None:
    assert reachable(state) & {TicketState.CLOSED, TicketState.MERGED}


def test_only_done_work_can_be_confirmed_or_closed() -> None:
    """R15-1, R15-4: followed until the customer is satisfied."""
    without_done = reachable(TicketState.NEW, without=frozenset({TicketState.DONE}))
    assert not without_done & {TicketState.CLOSED, TicketState.CONFIRMED}


def test_a_done_or_closed_ticket_can_be_reopened() -> None:
    """R03-6, R07-5."""
    for state in (TicketState.DONE, TicketState.CONFIRMED, TicketState.CLOSED):
        assert TicketState.REOPENED in TICKET_MOVES[state]


def test_a_done_ticket_is_open_until_the_customer_confirms() -> None:
    assert TicketState.DONE in TICKET_OPEN
    assert TicketState.CONFIRMED not in TICKET_OPEN


def test_each_state_meets_the_clocks_reached_by_then_and_an_end_state_meets_all() -> None:
    """R08-1, R08-2, R15-4: done does not yet mean that the customer has been informed."""
    assert TicketState.DISPATCHED not in CLOCKS_MET
    assert ClockKind.RESPOND in CLOCKS_MET[TicketState.ACCEPTED]
    assert ClockKind.ON_SITE in CLOCKS_MET[TicketState.ON_SITE]
    assert ClockKind.FEEDBACK in CLOCKS_MET[TicketState.WAITING]
    assert set(ClockKind) - CLOCKS_MET[TicketState.DONE] == {ClockKind.FEEDBACK}
    for ending in set(TicketState) - TICKET_OPEN:
        assert CLOCKS_MET[ending] == set(ClockKind)
