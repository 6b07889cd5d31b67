"""A transfer has a row before the caller is put on hold; every step is written before it is taken."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.calls import calls, recordings
from models.database.changes import change
from models.events import ticket_events
from models.people import people
from models.policy import Policy
from models.site import Site
from models.states.calls import TRANSFER_MOVES, EndedBy, RecordingKind, Refusal, TransferState
from models.states.tickets import TicketEventKind, TicketKind
from models.tables import Ticket, Transfer

__all__ = ["Refusal", "Transfer", "TransferState"]


def begin(session: Session, *, call_id: int, ticket_id: int | None, by_staff: str, at: datetime) -> int:
    """An agent begins to transfer this caller. Returns the transfer's id."""
    transfer = Transfer(call_id=call_id, ticket_id=ticket_id, by_staff=by_staff, started_at=at)
    session.add(transfer)
    session.flush()
    return transfer.id


def why_not(
    session: Session, *, by: str, to: str, ticket_id: int | None, site: Site, policy: Policy, at: datetime
) -> Refusal | None:
    """Why the procedure does not allow this transfer (R07-4); the ticket is read anew, because the agent may just have
    noted who it is about."""
    colleague = people.staff(session, to)
    if colleague is None:
        return Refusal.UNKNOWN
    if colleague.number == by:
        return Refusal.HIMSELF
    about = session.scalar(select(Ticket.about_staff).where(Ticket.id == ticket_id)) if ticket_id else None
    if about == colleague.number:
        return Refusal.COMPLAINED_OF
    if colleague.role not in policy.transfer.targets[site.person(by).role]:
        return Refusal.NOT_ALLOWED
    return None if people.is_on_duty(session, colleague.number, at=at) else Refusal.OFF_DUTY


def wanted(session: Session, transfer_id: int, to_number: str) -> None:
    """The number that the agent has keyed, whether anyone has it or not."""
    change(session, update(Transfer).where(Transfer.id == transfer_id).values(to_number=to_number[:20]))


def because_recorded(
    session: Session,
    transfer_id: int,
    recording: str,
    *,
    call_id: int,
    ticket_id: int | None,
    kind: TicketKind | None,
    at: datetime,
    policy: Policy,
) -> None:
    """The reason in the agent's own words: the recording is reserved before its beep."""
    reason = RecordingKind.REASON
    recordings.begin(session, recording, reason, call_id=call_id, ticket_id=ticket_id, at=at, policy=policy)
    because(session, transfer_id, kind=kind, recording=recording)


def because(session: Session, transfer_id: int, *, kind: TicketKind | None, recording: str | None) -> None:
    """The reason: the ticket's kind, and the recording of the agent's own words, if there is one."""
    values = {"reason_kind": kind, "reason_recording": recording}
    change(session, update(Transfer).where(Transfer.id == transfer_id).values(values))


def agent_left(session: Session, transfer_id: int, talk_id: int, *, by: EndedBy, at: datetime) -> None:
    """The agent is gone before the colleague answered; his talk with the caller is over."""
    change(session, update(Transfer).where(Transfer.id == transfer_id).values(agent_left_at=at))
    calls.end_talk(session, talk_id, by=by, at=at)


def move(
    session: Session, transfer_id: int, *, to: TransferState, at: datetime, refusal: Refusal | None = None
) -> bool:
    """The next step, or the end. True if it was legal from where the transfer is; otherwise nothing has changed."""
    origins = [state for state, moves in TRANSFER_MOVES.items() if to in moves]
    values: dict[str, object] = {"state": to}
    if to is TransferState.ASKED:
        values["asked_at"] = at
    if to not in TRANSFER_MOVES:
        values |= {"ended_at": at, "refusal": refusal}
    moved = change(
        session, update(Transfer).where(Transfer.id == transfer_id, Transfer.state.in_(origins)).values(values)
    )
    if moved and to not in TRANSFER_MOVES:
        _over(session, session.get_one(Transfer, transfer_id), at)
    return moved == 1


def _over(session: Session, transfer: Transfer, at: datetime) -> None:
    """The agent's recorded reason may now be stored; a consented transfer is noted on the ticket."""
    if transfer.reason_recording is not None:
        recordings.ended(session, transfer.reason_recording, seconds=None, at=at)
    if transfer.state is TransferState.CONSENTED and transfer.ticket_id is not None:
        text = f"put through to {transfer.to_number}"
        # A fact, not the agent's comment: written also when the ticket is a complaint about the agent (R15-6).
        ticket_events.write(session, transfer.ticket_id, TicketEventKind.NOTED, who=transfer.by_staff, at=at, text=text)
