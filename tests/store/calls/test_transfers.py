"""A transfer is one row that moves only forward and ends no later than its call (R05-4, R07-4)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from models.calls import calls, recordings, transfers
from models.database.store import Store
from models.policy import Policy
from models.states.calls import TRANSFER_MOVES, EndedBy, RecordingKind, RecordingState, Refusal, TransferState
from models.states.tickets import TicketKind
from models.tables import Call, Group, Staff, Transfer
from models.tickets import tickets

pytestmark = pytest.mark.store

LATER = timedelta(seconds=20)


@pytest.fixture
def call(begin_call: Callable[..., Call]) -> Call:
    return begin_call()


@pytest.fixture
def begun(store: Store, call: Call, noon: datetime) -> int:
    return store.write(transfers.begin, call_id=call.id, ticket_id=None, by_staff="7001", at=noon)


def the(store: Store, transfer_id: int) -> Transfer:
    return store.read(lambda session: session.get_one(Transfer, transfer_id))


def moves(store: Store, transfer_id: int, at: datetime, *states: TransferState) -> list[bool]:
    return [store.write(transfers.move, transfer_id, to=state, at=at) for state in states]


def test_consent_is_asked_before_it_is_given(store: Store, begun: int, noon: datetime) -> None:
    early = moves(store, begun, noon, TransferState.CONSENTED, TransferState.ASKED)
    assert early == [False, False]
    store.write(transfers.wanted, begun, "7020")
    assert moves(store, begun, noon, TransferState.RINGING, TransferState.ASKED) == [True, True]
    assert moves(store, begun, noon + LATER, TransferState.CONSENTED, TransferState.DECLINED) == [True, False]
    transfer = the(store, begun)
    assert (transfer.state, transfer.to_number) == (TransferState.CONSENTED, "7020")
    assert (transfer.asked_at, transfer.ended_at) == (noon, noon + LATER)


def test_every_end_state_of_a_transfer_can_be_reached_and_is_final(store: Store) -> None:
    reached = frozenset().union(*TRANSFER_MOVES.values())
    assert reached | {TransferState.KEYING} == set(TransferState)


def test_a_refusal_says_why(store: Store, begun: int, noon: datetime) -> None:
    store.write(transfers.move, begun, to=TransferState.REFUSED, at=noon, refusal=Refusal.HIMSELF)
    transfer = the(store, begun)
    assert (transfer.state, transfer.refusal, transfer.ended_at) == (TransferState.REFUSED, Refusal.HIMSELF, noon)


@pytest.mark.parametrize(
    ("by", "state"), [(EndedBy.CALLER, TransferState.CALLER_GONE), (EndedBy.NETWORK, TransferState.INTERRUPTED)]
)
def test_a_transfer_ends_with_its_call(
    store: Store, call: Call, begun: int, noon: datetime, by: EndedBy, state: TransferState
) -> None:
    (active,) = store.read(calls.active)
    assert active.transfer is not None
    store.write(calls.end, call.id, by=by, reason="gone", at=noon)
    transfer = the(store, begun)
    assert (transfer.state, transfer.ended_at) == (state, noon)
    record = store.read(calls.record, call.id)
    assert record is not None
    assert [one.id for one in record.transfers] == [begun]


def test_the_agents_words_are_stored_and_the_ticket_names_the_colleague(
    store: Store, call: Call, policy: Policy, noon: datetime
) -> None:
    ticket = store.write(tickets.open, kind=TicketKind.REPAIR, call_id=call.id, at=noon, policy=policy)
    transfer = store.write(transfers.begin, call_id=call.id, ticket_id=ticket.id, by_staff="7001", at=noon)
    store.write(transfers.wanted, transfer, "7020")
    store.write(
        recordings.reserve,
        name="words",
        kind=RecordingKind.REASON,
        call_id=call.id,
        ticket_id=ticket.id,
        at=noon,
        retain_until=noon,
    )
    store.write(transfers.because, transfer, kind=TicketKind.REPAIR, recording="words")
    moves(store, transfer, noon, TransferState.RINGING, TransferState.ASKED)
    words = store.read(recordings.by_name, "words")
    assert words
    assert words.state is RecordingState.RESERVED, "the colleague is still to hear them"
    moves(store, transfer, noon, TransferState.CONSENTED)
    words = store.read(recordings.by_name, "words")
    assert words
    assert words.state is RecordingState.RECORDED
    record = store.read(tickets.get, ticket.id)
    assert record
    assert (record.events[-1].who, record.events[-1].text) == ("7001", "put through to 7020")


def test_a_complaint_names_the_colleague_whom_it_is_about(
    store: Store, call: Call, policy: Policy, noon: datetime
) -> None:
    """R15-6."""
    group = Group(name="complaints", zh="投诉受理", en="complaints", neighbours=[])
    store.write(lambda session: session.merge(group))
    colleague = Staff(number="7010", name="陈静", group="complaints", role="agent", on_duty=True)
    store.write(lambda session: session.merge(colleague))
    ticket = store.write(tickets.open, kind=TicketKind.COMPLAINT, call_id=call.id, at=noon, policy=policy)
    store.write(tickets.about, ticket.id, "7010", who="7001", at=noon, policy=policy)
    record = store.read(tickets.get, ticket.id)
    assert record
    assert (record.ticket.about_staff, record.events[-1].text) == ("7010", "about 7010")
    with pytest.raises(LookupError):
        store.write(tickets.about, 4711, "7010", who="7001", at=noon, policy=policy)
