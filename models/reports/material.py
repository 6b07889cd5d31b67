"""The material that the sections of a report count: read once, by indexed dates, as it stood when the period ended.

"As it stood" makes a report of November the same in December and in March, and two months comparable: a ticket of the
earlier month has had no more time to be settled than one of the later.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from math import ceil, floor
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models.calls.calls import NO_SOUND, OUTGOING, seconds_of
from models.policy import Policy
from models.reports.period import Period
from models.reports.ticket_facts import TicketFacts, tickets_of
from models.states.calls import CallState, EndedBy, RecordingKind, RecordingState, Ring, TransferState
from models.states.surveys import SurveyPurpose, SurveyState
from models.tables import Call, Recording, RingRow, Scoring, Survey, Talk, Transfer

UNHEARD = (RecordingState.RESERVED, RecordingState.RECORDED)
_FAILED = "failed while"
"""How the reason begins when a call ended by an error of the program."""
_OVER = "over-"
"""How it begins when no line was free for the caller ([limits])."""


class CallResult(StrEnum):
    """The result of a customer's call: the first of these that fits."""

    CONNECTED = "connected"
    """The caller talked with a member of staff."""
    MESSAGE = "message"
    """The caller left a message with speech in it."""
    GOING_ON = "going-on"
    BROKEN_OFF = "broken-off"
    """By the network or on our side: nobody chose to end it."""
    ABANDONED = "abandoned"
    """The caller hung up after choosing from the menu, or while a telephone rang."""
    UNDECIDED = "undecided"
    """The caller hung up in the menu before choosing anything."""
    SERVED = "served"
    """Served to the end without a person: heard the state of a ticket or the hours, or was promised a call back."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One member of staff in one talk."""

    staff: str
    seconds: float
    """Until now when it has not ended; then `over` is False."""
    over: bool


@dataclass(frozen=True, slots=True)
class RungPhone:
    """One telephone that was rung."""

    staff: str
    rings: int
    outcome: Ring | None


@dataclass(slots=True)
class CallFact:
    """One call that began in the period."""

    incoming: bool
    line: str
    outcome: CallResult
    waited_s: float
    """From the beginning of the call to the first talk, or to the end."""
    rings: int | None
    """Rings from the first ring of the first telephone until the answer; None when there was none."""
    talk_s: float
    """Seconds in which the customer talked with anybody."""
    talks: list[Spoken]
    rung: list[RungPhone]
    transfers: list[TransferState] = field(default_factory=list)
    consents_asked: int = 0
    transferred_by: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """The result of asking one customer."""

    purpose: SurveyPurpose
    state: SurveyState
    staff: str
    score: int | None
    settled: bool | None


@dataclass(frozen=True, slots=True)
class ScoredCall:
    """A call that was listened to and scored: how the member of staff did in it, of 100."""

    staff: str
    department: str
    total: float


class Material:
    """One period in one session. What has not happened by `now` counts as not happened."""

    def __init__(self, session: Session, period: Period, policy: Policy, now: datetime) -> None:
        self.session = session
        self.period = period
        self.policy = policy
        self.until = min(period.ends, now)

    @cached_property
    def calls(self) -> list[CallFact]:
        return list(_call_facts(self))

    @cached_property
    def customers_calls(self) -> list[CallFact]:
        return [call for call in self.calls if call.incoming]

    @cached_property
    def tickets(self) -> list[TicketFacts]:
        return tickets_of(self.session, self.period, self.until)

    @cached_property
    def scorings(self) -> list[ScoredCall]:
        """Published in the period."""
        rows = self.session.execute(
            select(Scoring.staff_number, Scoring.department, Scoring.total)
            .where(Scoring.published_at >= self.period.begins, Scoring.published_at < self.until)
            .order_by(Scoring.id)
        )
        return [ScoredCall(row.staff_number, row.department or "", row.total) for row in rows]

    @cached_property
    def answers(self) -> list[SurveyAnswer]:
        """Surveys that ended in the period, except those that were no longer needed."""
        rows = self.session.execute(
            select(Survey.purpose, Survey.state, Survey.staff_number, Survey.score, Survey.settled)
            .where(Survey.ended_at >= self.period.begins, Survey.ended_at < self.period.ends)
            .order_by(Survey.id)
        )
        found = [SurveyAnswer(row.purpose, row.state, row.staff_number or "", row.score, row.settled) for row in rows]
        return [answer for answer in found if answer.state is not SurveyState.NOT_NEEDED]


def _call_facts(material: Material) -> Iterable[CallFact]:
    session, period = material.session, material.period
    began = (Call.started_at >= period.begins, Call.started_at < period.ends)
    rings = _by_call(
        session,
        select(
            RingRow.call_id,
            RingRow.staff_number,
            RingRow.stage,
            RingRow.started_at,
            RingRow.ringing_at,
            RingRow.ended_at,
            RingRow.rings,
            RingRow.outcome,
        )
        .join(Call, Call.id == RingRow.call_id)
        .where(*began)
        .order_by(RingRow.id),
    )
    talks = _by_call(
        session,
        select(Talk.call_id, Talk.staff_number, Talk.started_at, Talk.ended_at)
        .join(Call, Call.id == Talk.call_id)
        .where(*began)
        .order_by(Talk.id),
    )
    transfers = _by_call(
        session,
        select(Transfer.call_id, Transfer.by_staff, Transfer.state, Transfer.asked_at)
        .join(Call, Call.id == Transfer.call_id)
        .where(*began)
        .order_by(Transfer.id),
    )
    messages = _by_call(
        session,
        select(Recording.call_id, Recording.state, Recording.level)
        .join(Call, Call.id == Recording.call_id)
        .where(*began, Recording.kind.in_((RecordingKind.MESSAGE, RecordingKind.SPOOL))),
    )
    rows = session.execute(
        select(
            Call.id,
            Call.mode,
            Call.line,
            Call.state,
            Call.ticket_id,
            Call.started_at,
            Call.ended_at,
            Call.ended_by,
            Call.end_reason,
        )
        .where(*began)
        .order_by(Call.id)
    )
    for call in rows:
        spans = [(talk.started_at, talk.ended_at or material.until) for talk in talks[call.id]]
        served = spans[0][0] if spans else call.ended_at or material.until
        yield CallFact(
            incoming=call.mode not in OUTGOING,
            line=call.line,
            outcome=_outcome(call, bool(spans), rings[call.id], messages[call.id]),
            waited_s=max(0.0, (served - call.started_at).total_seconds()),
            rings=_rings_until_answered(rings[call.id], material.policy.ring_seconds(1)),
            talk_s=seconds_of(spans),
            talks=[
                Spoken(talk.staff_number or "", max(0.0, (end - start).total_seconds()), talk.ended_at is not None)
                for talk, (start, end) in zip(talks[call.id], spans, strict=True)
            ],
            rung=[RungPhone(ring.staff_number or "", ring.rings, ring.outcome) for ring in rings[call.id]],
            transfers=[transfer.state for transfer in transfers[call.id]],
            consents_asked=sum(transfer.asked_at is not None for transfer in transfers[call.id]),
            transferred_by=[transfer.by_staff for transfer in transfers[call.id]],
        )


def _by_call(session: Session, rows: Select[*tuple[Any, ...]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(rows):
        found[row.call_id].append(row)
    return found


def _outcome(call: Any, talked: bool, rings: Sequence[Any], messages: Sequence[Any]) -> CallResult:
    if talked:
        return CallResult.CONNECTED
    # A level is measured when a recording is stored, and only if somebody speaks.
    if any(message.level is not None or message.state in UNHEARD for message in messages):
        return CallResult.MESSAGE
    if call.state is not CallState.ENDED:
        return CallResult.GOING_ON
    if call.ended_by is EndedBy.NETWORK or (call.end_reason or "").startswith((_FAILED, _OVER, NO_SOUND)):
        return CallResult.BROKEN_OFF
    if call.ended_by is EndedBy.CALLER:
        return CallResult.ABANDONED if call.ticket_id is not None or rings else CallResult.UNDECIDED
    return CallResult.SERVED


def _rings_until_answered(rings: Sequence[Any], ring_s: float) -> int | None:
    """The most rings of any telephone that rang before the answer. When telephones rang in turn, the time before a
    later one rang is added to its own count."""
    answered = next((ring for ring in rings if ring.outcome is Ring.CONNECTED), None)
    if answered is None:
        return None
    until = answered.ringing_at or answered.started_at
    given = [1]
    first = min((ring.ringing_at for ring in rings if ring.ringing_at is not None), default=None)
    for ring in rings:
        if first is None or ring.ringing_at is None or ring.ringing_at > until:
            continue
        given.append(floor((ring.ringing_at - first).total_seconds() / ring_s) + ring.rings)
    if first is not None and answered.ringing_at is None:
        # Picked up from another telephone, which did not ring itself.
        given.append(ceil((answered.started_at - first).total_seconds() / ring_s))
    return max(given)
