"""The figures of a report, counted in the slow and simple way: for each figure, every row is read."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.policy import Policy
from models.reports.figures import Row
from models.states.calls import EndedBy, Purpose, RecordingKind, RecordingState, Ring, ToMake, TransferState
from models.states.surveys import SurveyPurpose, SurveyState
from models.states.tickets import PromiseEnding, TicketKind, TicketState
from models.tables import (
    Attempt,
    Call,
    CallToMake,
    Canary,
    Promise,
    Recording,
    RingRow,
    Survey,
    Talk,
    Task,
    Ticket,
    TicketClock,
    TicketEvent,
    Transfer,
)
from tests.store.reports.random_days import DAY, RandomDays, T


class Slow:
    """Counts each figure by reading every row."""

    def __init__(self, session: Session, world: RandomDays, policy: Policy) -> None:
        self.session, self.world, self.policy = session, world, policy
        self.read: dict[Any, list[Any]] = {}
        self.all_calls = [call for call in self.rows(Call) if self.inside(call.started_at)]
        self.incoming = [call for call in self.all_calls if call.mode not in ("call-back", "escalation", "follow-up")]
        self.tickets = [ticket for ticket in self.rows(Ticket) if self.inside(ticket.opened_at)]

    def rows(self, table: type[T]) -> list[T]:
        if table not in self.read:
            self.read[table] = sorted(self.session.scalars(select(table)), key=lambda row: row.id)
        return self.read[table]

    def inside(self, at: datetime) -> bool:
        return DAY.begins <= at < DAY.ends

    def of(self, table: type[T], call: Call) -> list[T]:
        return [row for row in self.rows(table) if row.call_id == call.id]  # type: ignore[attr-defined]

    def has_words(self, recording: Recording) -> bool:
        unheard = recording.state in (RecordingState.RESERVED, RecordingState.RECORDED)
        return recording.kind is not RecordingKind.TALK and (unheard or recording.level is not None)

    def outcome(self, call: Call) -> str:
        if self.of(Talk, call):
            return "connected"
        if any(map(self.has_words, self.of(Recording, call))):
            return "left_message"
        if call.ended_at is None:
            return "going_on"
        if call.ended_by is EndedBy.NETWORK or any(x in (call.end_reason or "") for x in ("failed while", "over-")):
            return "broken_off"
        if call.ended_by is not EndedBy.CALLER:
            return "served"
        return "abandoned" if call.ticket_id or self.of(RingRow, call) else "undecided"

    def calls(self) -> Row:
        names = ("connected", "left_message", "going_on", "broken_off", "served", "abandoned", "undecided")
        counted: Row = {name: sum(self.outcome(call) == name for call in self.incoming) for name in names}
        rings = [self.world.rings_until_answered.get(call.id, 1000) for call in self.incoming]
        return counted | {
            "calls": len(self.incoming),
            "rung": sum(bool(self.of(RingRow, call)) for call in self.incoming),
            "within_rings": sum(number <= 3 for number in rings),
        }

    def seconds(self, talk: Talk) -> float:
        return max(0.0, ((talk.ended_at or DAY.ends) - talk.started_at).total_seconds())

    def agent(self, number: str) -> Row:
        talks = [
            talk for call in self.all_calls for talk in self.of(Talk, call) if (talk.staff_number or "?") == number
        ]
        first = [self.of(Talk, call)[0].staff_number or "?" for call in self.incoming if self.of(Talk, call)]
        rings = [ring for call in self.incoming for ring in self.of(RingRow, call)]
        mine = [ring for ring in rings if (ring.staff_number or "?") == number]
        unmerged = [t for t in self.tickets if self.state(t) is not TicketState.MERGED]
        received = [t for t in unmerged if t.first_receiver == number and t.kind is not TicketKind.FAULT]
        return {
            "answered": first.count(number),
            "talk_s": sum(map(self.seconds, talks)) if talks else None,
            "long_talks": sum(self.seconds(talk) >= 600 for talk in talks),
            "rung": len(mine),
            "within_rings": sum(r.outcome is Ring.CONNECTED and r.rings <= 3 for r in mine),
            "let_ring": sum(r.outcome is not Ring.CONNECTED and r.rings >= 3 for r in mine),
            "received": len(received),
            "settled": sum(self.is_settled(t) for t in received),
            "assigned": sum(t.assignee == number for t in unmerged),
            "complained_of": sum(t.about_staff == number for t in unmerged),
            "scored": sum(
                one.score is not None and (one.staff_number or "?") == number
                for one in self.rows(Survey)
                if one.ended_at and self.inside(one.ended_at)
            ),
            "flagged": sum(
                self.maker(made) == number for made in self.rows(CallToMake) if made.flag and self.inside(made.asked_at)
            ),
        }

    def maker(self, made: CallToMake) -> str:
        said = [a.staff_number for a in self.rows(Attempt) if a.call_to_make_id == made.id and a.staff_number]
        return said[-1] if said else made.extension or "?"

    def states(self, ticket: Ticket) -> list[TicketState]:
        events = [e for e in self.rows(TicketEvent) if e.ticket_id == ticket.id and e.to_state and e.at < DAY.ends]
        return [event.to_state for event in events if event.to_state]

    def state(self, ticket: Ticket) -> TicketState:
        return self.states(ticket)[-1]

    def is_settled(self, ticket: Ticket) -> bool:
        return self.state(ticket) in (TicketState.DONE, TicketState.CONFIRMED, TicketState.CLOSED)

    def tickets_of(self, kind: TicketKind) -> Row:
        mine = [t for t in self.tickets if t.kind is kind]
        return {
            "opened": len(mine),
            "settled": sum(map(self.is_settled, mine)),
            "merged": sum(self.state(t) is TicketState.MERGED for t in mine),
            "reopened": sum(TicketState.REOPENED in self.states(t) for t in mine),
        }

    def promises(self) -> Row:
        ids = [ticket.id for ticket in self.tickets]
        made = [p for p in self.rows(Promise) if p.ticket_id in ids and p.made_at < DAY.ends]
        ended = {p.id: p.ending for p in made if p.ended_at is not None and p.ended_at < DAY.ends}
        put_off = [p for p in made if ended.get(p.id) is PromiseEnding.POSTPONED]
        carried = [p for p in made if ended.get(p.id) is PromiseEnding.CARRIED]
        rest = [(p.due_at, p.ended_at) for p in made if p not in put_off + carried]
        return self.kept(rest) | {"promises": len(made), "postponed": len(put_off), "carried": len(carried)}

    def department(self, name: str) -> Row:
        unmerged = [t for t in self.tickets if t.department == name and self.state(t) is not TicketState.MERGED]
        clocks = [(c.due_at, c.met_at) for c in self.rows(TicketClock) for t in unmerged if t.id == c.ticket_id]
        kept = self.kept(clocks)
        return {
            "matters": len(unmerged),
            "settled": sum(map(self.is_settled, unmerged)),
            "complaints": sum(t.kind is TicketKind.COMPLAINT for t in unmerged),
            "in_time": kept["in_time"],
            "due": len(clocks) - (kept["running"] or 0),
        }

    def clocks_of(self, kind: TicketKind) -> Row:
        clocks = [c for c in self.rows(TicketClock) for t in self.tickets if t.id == c.ticket_id and t.kind is kind]
        return {"clocks": len(clocks)} | self.kept([(clock.due_at, clock.met_at) for clock in clocks])

    def kept(self, deadlines: list[tuple[datetime, datetime | None]]) -> Row:
        done = [(due, met) for due, met in deadlines if met is not None and met < DAY.ends]
        undone = [due for due, met in deadlines if met is None or met >= DAY.ends]
        return {
            "in_time": sum(met <= due for due, met in done),
            "late": sum(met > due for due, met in done),
            "overdue": sum(due < DAY.ends for due in undone),
            "running": sum(due >= DAY.ends for due in undone),
        }

    def owed(self) -> Row:
        tasks = [task for task in self.rows(Task) if self.inside(task.opened_at)]
        asked = [one for one in self.rows(CallToMake) if self.inside(one.asked_at)]
        made = [one for one in asked if one.kind is Purpose.CALL_BACK]
        return self.kept([(task.due_at, task.closed_at) for task in tasks]) | {
            "call_backs": len(tasks),
            "messages": sum(self.has_words(r) for call in self.all_calls for r in self.of(Recording, call)),
            "tried": len(made),
            "reached": sum(one.state is ToMake.CONNECTED for one in made),
        }

    def surveys(self, purpose: SurveyPurpose | None) -> Row:
        ended = [one for one in self.rows(Survey) if one.ended_at is not None and self.inside(one.ended_at)]
        asked = [one for one in ended if one.state is not SurveyState.NOT_NEEDED and purpose in (None, one.purpose)]
        scores = [one.score for one in asked if one.score is not None]
        return {
            "asked": len(asked),
            "answered": sum(one.state is SurveyState.ANSWERED for one in asked),
            "scored": len(scores),
            "satisfied": sum(score >= 3 for score in scores),
            "score": sum(scores) / len(scores) if scores else None,
            "not_settled": sum(one.state is SurveyState.ANSWERED and one.settled is False for one in asked),
        }

    def line(self) -> Row:
        flown = [canary for canary in self.rows(Canary) if self.inside(canary.at)]
        return {
            "canaries": len(flown),
            "failed": sum(not c.ok for c in flown),
            "outages": sum(c.ticket_id is not None for c in flown),
        }

    def transfers(self) -> Row:
        states = [transfer.state for call in self.all_calls for transfer in self.of(Transfer, call)]
        return {
            "transfers": len(states),
            "consented": states.count(TransferState.CONSENTED),
            "declined": states.count(TransferState.DECLINED),
        }
