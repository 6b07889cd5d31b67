"""Records a call of the fallback in the store's rows or, when the store is out of reach, in a note on the spool.

Everything is kept in memory as well, so a store that fails during a call loses nothing: from then on the whole call is
kept as UNIQUEID.json and filed by the scheduler, which recognises the rows that already exist. The dialplan leaves its
own note (UNIQUEID.txt) before it hands the caller over; it is deleted when ours is written.
"""

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from dialplan.fallback.caller import Dialled, FallbackCaller
from models.calls import calls, recordings
from models.clock import Clock
from models.database.store import Store, StoreUnavailable
from models.instance import spool
from models.instance.home import Home
from models.instance.spool import NotedRing, NotedTalk, SpoolNote
from models.people import people
from models.policy import Policy
from models.site import Site
from models.states.calls import EndedBy, RecordingKind, Ring
from models.states.tickets import TicketKind
from models.tables import Call, Ticket
from models.tickets import call_backs, deadlines, tasks, tickets
from recordings import audio, files

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

MODE = "fallback"
PATIENCE_S = 4.0
"""The caller hears only ringing meanwhile, so a store that is locked for longer is done without. Two seconds were too
few for thirty callers who arrive at once and block one another (two cores)."""
_IN_STORE = "recording/"
_OUTCOMES = {
    "NOANSWER": Ring.NO_ANSWER,
    "CANCEL": Ring.CALLER_GONE,
    "GONE": Ring.DECLINED,
}
_ANSWERS: dict[int, Ring] = (
    dict.fromkeys(range(300, 400), Ring.REDIRECTED)
    | dict.fromkeys({*range(400, 700)} - {487}, Ring.UNREACHABLE)
    | {480: Ring.NO_ANSWER, 486: Ring.BUSY, 600: Ring.BUSY, 603: Ring.DECLINED}
)
"""What a telephone has answered by itself (SIP); 487 is its answer to our cancelling."""


class Book:
    """One call. A verb returns when its change is on disk, in the store or in the note."""

    def __init__(self, home: Home, site: Site, policy: Policy, clock: Clock, caller: FallbackCaller) -> None:
        self._home, self._site, self._policy, self._clock, self._caller = home, site, policy, clock, caller
        self._store: Store | None = None
        self._call: Call | None = None
        self._rings: dict[str, int] = {}
        self.ticket: Ticket | None = None
        """None before the call has a row, and while the store is out of reach."""
        self.answer_by: datetime | None = None
        """By when the ticket says that the caller is answered (R11-2)."""
        self.note = SpoolNote(
            uniqueid=caller.uniqueid,
            line=caller.line,
            caller=caller.number,
            language=caller.language,
            started=clock.now(),
            mode=MODE,
        )

    # -- the call -----------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Creates the call's row, or finds the row and ticket of a call that the application has lost."""
        note = self.note

        def begin(session: Session) -> tuple[Call, Ticket | None]:
            call = calls.begin(
                session,
                channel_id=note.uniqueid,
                line=note.line,
                caller_number=note.caller,
                language=note.language,
                at=note.started,
                mode=MODE,
            )
            if known := people.owner_by_number(session, note.caller):
                calls.note(session, call.id, owner_id=known.owner.id, unit_id=known.unit.id if known.unit else None)
                session.refresh(call)
            if call.ticket_id is None:
                return call, None
            self.answer_by = deadlines.answer_by(session, call.ticket_id, after=note.started)
            return call, session.get(Ticket, call.ticket_id)

        try:
            url = self._home.database_url(self._site)
            self._store = Store(url, area_code=self._site.area_code, patience_s=PATIENCE_S, create=False)
        except StoreUnavailable as error:
            log.error("the store is out of reach: %s", error)
        if written := self._write(begin):
            self._call, self.ticket = written
        if self.ticket is not None:
            note.kind = self.ticket.kind
        (self._home.message_spool / f"{note.uniqueid}.txt").unlink(missing_ok=True)

    def answered(self) -> None:
        self.note.answered = self._clock.now()
        self._of_call(lambda session, call: calls.answered(session, call.id, at=self._clock.now()))

    def open(self, kind: TicketKind, chosen: str) -> None:
        """Opens the ticket, before anybody is rung for it."""
        self.note.kind, self.note.menu_path = kind, chosen
        at = self._clock.now()

        def open_one(session: Session, call: Call) -> Ticket:
            ticket = tickets.open(session, kind=kind, call_id=call.id, at=at, policy=self._policy, menu_path=chosen)
            self.answer_by = deadlines.answer_by(session, ticket.id, after=at)
            return ticket

        self.ticket = self._of_call(open_one)

    def end(self, by: EndedBy, reason: str, *, owed: bool) -> None:
        """`owed`: nobody has served the caller, so the line's group owes a call back (R17-1)."""
        at = self._clock.now()
        self.note.ended, self.note.ended_by, self.note.reason = at, by, reason

        def end(session: Session, call: Call) -> None:
            if owed:
                call_backs.owe(session, call.id, reason, site=self._site, policy=self._policy, at=at)
            calls.end(session, call.id, by=by, reason=reason, at=at)

        self._of_call(end)

    @property
    def served(self) -> bool:
        """Whether the caller has talked to somebody, and was not cut off."""
        return self.note.talk is not None and self.note.talk.by is not EndedBy.NETWORK

    # -- people -------------------------------------------------------------------------------------------------------

    def on_duty(self, groups: Sequence[str]) -> list[str]:
        """Staff numbers on duty in these groups; without the store, those that the site file names."""
        now = self._clock.now()
        if self._store is not None:
            try:
                return [person.number for person in self._store.read(people.on_duty, *groups, at=now)]
            except (StoreUnavailable, SQLAlchemyError) as error:
                self._do_without(error)
        return [person.number for person in self._site.staff if person.group in groups and person.on_duty]

    # -- ringing and talking ------------------------------------------------------------------------------------------

    def ringing(self, stage: str, numbers: Sequence[str]) -> None:
        """These phones are about to ring."""
        at = self._clock.now()
        rings = [NotedRing(stage=stage, number=n, channel_id=self._name(f"leg-{n}"), started=at) for n in numbers]
        self.note.rings += rings
        ticket_id = self.ticket.id if self.ticket else None

        def begin(session: Session, call: Call) -> dict[str, int]:
            return {
                ring.channel_id: calls.begin_ring(
                    session,
                    call_id=call.id,
                    ticket_id=ticket_id,
                    stage=stage,
                    staff_number=ring.number,
                    phone=ring.number,
                    channel_id=ring.channel_id,
                    at=at,
                )
                for ring in rings
            }

        self._rings |= self._of_call(begin) or {}

    def rung(self, dialled: Dialled) -> bool:
        """Records how each phone's ringing ended, and the talk. True if there was a talk."""
        at = self._clock.now()
        talked = dialled.status == "ANSWER"
        since = at - timedelta(seconds=dialled.talked_s)
        until = since - timedelta(seconds=dialled.introduced_s)
        ended = [ring for ring in self.note.rings if ring.outcome is None]
        for ring in ended:
            if dialled.rang_after_s is not None:
                ring.ringing = ring.started + timedelta(seconds=dialled.rang_after_s)
                ring.rings = calls.rings_in((until - ring.ringing).total_seconds(), self._policy)
            ring.outcome = _outcome(ring.number, dialled)
            ring.ended = until
        winner = next((ring for ring in ended if ring.outcome is Ring.CONNECTED), None)
        if winner is not None:
            by = EndedBy.CALLER if dialled.caller_left else EndedBy.AGENT
            by = EndedBy.NETWORK if dialled.lost else by
            self.note.talk = NotedTalk(
                number=winner.number, channel_id=winner.channel_id, started=since, ended=at, by=by
            )

        def end(session: Session, call: Call) -> None:
            for ring in ended:
                if ring.ringing:
                    calls.ringing(session, self._rings[ring.channel_id], ring.ringing)
                assert ring.outcome is not None
                calls.end_ring(session, self._rings[ring.channel_id], outcome=ring.outcome, rings=ring.rings, at=until)
            if winner is not None:
                self._talked(session, call, winner, since, at)

        self._of_call(end)
        return talked

    def _talked(self, session: Session, call: Call, ring: NotedRing, since: datetime, at: datetime) -> None:
        assert self.note.talk is not None
        if self.ticket is not None:
            tickets.receive(session, self.ticket.id, ring.number, at=since)
        talk_id = calls.begin_talk(
            session,
            call_id=call.id,
            staff_number=ring.number,
            bridge_id=ring.channel_id,
            caller_channel=call.channel_id,
            leg_channel=ring.channel_id,
            at=since,
        )
        calls.end_talk(session, talk_id, by=self.note.talk.by, at=at)
        tasks.settle(session, talk_id, at=at, at_least_s=self._policy.tasks.talk_counts_from_s)

    # -- recordings ---------------------------------------------------------------------------------------------------

    def reserve(self, kind: RecordingKind) -> str:
        """Where Asterisk records to, without the ending: a name in the store, or the note's own sound on the spool."""
        name, at = self._name(kind.value), self._clock.now()
        ticket_id = self.ticket.id if self.ticket else None

        def reserve(session: Session, call: Call) -> str:
            recordings.reserve(
                session,
                name=name,
                kind=kind,
                call_id=call.id,
                ticket_id=ticket_id,
                at=at,
                retain_until=at + timedelta(days=self._policy.recording.retention_days),
            )
            return name

        kept = self._of_call(reserve)
        return f"{_IN_STORE}{kept}" if kept else f"message-drop/{self.note.uniqueid}"

    def recorded(self, place: str, *, silent_end: bool = False) -> float:
        """Records that a message is complete. Returns its seconds, 0 for an empty one."""
        path = self._file(place)
        try:
            # Asterisk keeps one second of the silence that ended it.
            seconds = max(0.0, audio.seconds(path) - silent_end)
        except (OSError, audio.Unreadable):
            seconds = 0.0
        if place.startswith(_IN_STORE):
            self._write(recordings.ended, path.stem, seconds, at=self._clock.now())
        return seconds

    def talk_recorded(self, place: str) -> None:
        """Records that the talk's recording is complete; its expected length follows from the talk's row."""
        if place.startswith(_IN_STORE):
            self._write(recordings.ended, self._file(place).stem, None, at=self._clock.now())

    def not_needed(self, place: str) -> None:
        """Nobody has answered: this recording is not needed."""
        if place.startswith(_IN_STORE):
            self._write(recordings.release, self._file(place).stem)
        self._file(place).unlink(missing_ok=True)

    def _file(self, place: str) -> Path:
        name = place.partition("/")[2]
        return files.original(self._home, name) if place.startswith(_IN_STORE) else spool.sound_of(self._home, name)

    # -- where it is written ------------------------------------------------------------------------------------------

    def _name(self, kind: str) -> str:
        """Unique, and this call's: `fb-1700000000.5-message-5f0e9a1c`."""
        return f"fb-{self.note.uniqueid}-{kind}-{secrets.token_hex(4)}"

    def _of_call(self, change: Callable[[Session, Call], T]) -> T | None:
        """Changes the rows of this call; if it has none, or that fails, writes the note instead."""
        if self._call is None:
            self._keep()
            return None
        return self._write(change, self._call)

    def _write(self, change: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        if self._store is not None:
            try:
                return self._store.write(change, *args, **kwargs)
            except (StoreUnavailable, SQLAlchemyError) as error:
                self._do_without(error)
        self._keep()
        return None

    def _do_without(self, error: Exception) -> None:
        log.error("the store is out of reach, call %s goes on without it: %s", self.note.uniqueid, error)
        self.close()
        self._call = None

    def close(self) -> None:
        """Nothing more is written into the store."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def _keep(self) -> None:
        spool.keep(self._home, self.note)


def _outcome(number: str, dialled: Dialled) -> Ring:
    """How the ringing of one of the telephones ended."""
    talked = dialled.status == "ANSWER"
    if talked and number == dialled.number:
        return Ring.CONNECTED
    if number in dialled.redirected:
        return Ring.REDIRECTED
    if (own := _ANSWERS.get(dialled.answers.get(number, 0))) is not None:
        return own
    if dialled.status == "BUSY":
        # All have ended, and this one has not said that it is busy: Dial counts a call that is forwarded (302) as busy.
        return Ring.REDIRECTED
    return Ring.TAKEN if talked else _OUTCOMES.get(dialled.status, Ring.UNREACHABLE)
