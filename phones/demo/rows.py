"""What the hotline has decided and done, read from its own rows: nothing is made up for the demonstration."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.calls import calls
from models.clock import SystemClock
from models.language import Language
from models.states.tickets import TicketEventKind
from models.tables import Call, Recording, RingRow, Talk
from models.tickets import tickets
from phones.demo.wording import ENDED_BY, OUTCOMES, RECORDINGS, rings, say, sentence
from phones.instance import LiveHotline
from recordings import speech


@dataclass(frozen=True)
class Fact:
    """One event; `key` distinguishes it from all others, `decided` marks what the hotline does next."""

    key: tuple[str | int, ...]
    at: datetime
    text: str
    decided: bool = False


class Rows:
    """The rows of one caller's calls, from now on."""

    def __init__(self, hotline: LiveHotline, caller: str, language: Language) -> None:
        self._site, self._policy, self._store = hotline.site, hotline.policy, hotline.store
        self._caller, self._language = caller, language
        self._names = {person.number: person.name for person in hotline.site.staff}
        self._before = self._store.read(lambda session: session.scalar(select(func.max(Call.id)))) or 0
        self._told: set[tuple[str | int, ...]] = set()

    def new(self) -> list[Fact]:
        """The events since the last time. Raises StoreUnavailable."""
        facts = [fact for fact in self._store.read(self._facts) if fact.key not in self._told]
        self._told.update(fact.key for fact in facts)
        return facts

    def _facts(self, session: Session) -> list[Fact]:
        mine = select(Call.id).where(Call.caller_number == self._caller, Call.id > self._before).order_by(Call.id)
        records = [record for id in session.scalars(mine) if (record := calls.record(session, id))]
        ids = dict.fromkeys(record.call.ticket_id for record in records if record.call.ticket_id)
        facts = [fact for record in records for fact in self._call(record)]
        return facts + [fact for id in ids if (ticket := tickets.get(session, id)) for fact in self._ticket(ticket)]

    def _call(self, record: calls.CallRecord) -> Iterator[Fact]:
        call = record.call
        zh = f"通话 {call.id}：{call.caller_number} 拨打 {call.line}"
        yield self._fact(("call", call.id), call.started_at, zh, f"call {call.id}: {call.caller_number} to {call.line}")
        for ring in record.rings:
            yield from self._ring(ring)
        for talk in record.talks:
            yield from self._talk(talk)
        for recording in record.recordings:
            yield self._recording(recording)
        if call.ended_at and call.ended_by:
            by_zh, by_en = ENDED_BY[call.ended_by]
            zh, en = f"通话 {call.id} 结束：{by_zh}", f"call {call.id} is over: {by_en}"
            yield self._fact(("call", call.id, "end"), call.ended_at, zh, en)

    def _ring(self, ring: RingRow) -> Iterator[Fact]:
        who = self._who(ring.staff_number)
        answer, rule = self._policy.answer, self._policy.source
        stages = {
            "group": (
                f"呼叫 {who}，须在 {answer.rings} 声内接听（{rule('answer.rings')}）",
                f"rings {who}; {rings(answer.rings, 'en')} are allowed ({rule('answer.rings')})",
            ),
            "widened": (
                f"{answer.rings} 声内无人接，扩大范围，同时呼叫 {who}（{rule('answer.rings_widened')}）",
                f"no answer within {rings(answer.rings, 'en')}: rings {who} as well ({rule('answer.rings_widened')})",
            ),
            "supervisor": (
                f"仍无人接，呼叫主管 {who}（{rule('answer.rings_supervisor')}）",
                f"still no answer: rings the supervisor {who} ({rule('answer.rings_supervisor')})",
            ),
        }
        zh, en = stages[ring.stage]
        yield self._fact(("ring", ring.id), ring.started_at, zh, en, decided=True)
        if ring.outcome and ring.ended_at:
            outcome_zh, outcome_en = OUTCOMES[ring.outcome]
            zh = f"{who} 响铃 {rings(ring.rings, 'zh')}，{outcome_zh}"
            en = f"{who}: {rings(ring.rings, 'en')}, {outcome_en}"
            yield self._fact(("ring", ring.id, "end"), ring.ended_at, zh, en)

    def _talk(self, talk: Talk) -> Iterator[Fact]:
        who = self._who(talk.staff_number)
        yield self._fact(("talk", talk.id), talk.started_at, f"与 {who} 的通话开始", f"talk with {who} begins")
        if talk.ended_at and talk.ended_by:
            by_zh, by_en = ENDED_BY[talk.ended_by]
            lasted = (talk.ended_at - talk.started_at).total_seconds()
            zh, en = f"与 {who} 的通话结束，{lasted:.0f} 秒，{by_zh}", f"talk with {who} ends, {lasted:.0f} s: {by_en}"
            yield self._fact(("talk", talk.id, "end"), talk.ended_at, zh, en)

    def _recording(self, recording: Recording) -> Fact:
        state_zh, state_en = RECORDINGS[recording.state]
        zh, en = f"录音{state_zh}", f"recording {state_en}"
        if recording.path:
            zh, en = f"{zh}:{recording.path}", f"{en}: {recording.path}"
        return self._fact(("recording", recording.id, recording.state), SystemClock().now(), zh, en)

    def _ticket(self, record: tickets.TicketRecord) -> Iterator[Fact]:
        ticket, zone = record.ticket, self._site.time_zone
        kind = sentence(speech.kind(ticket.kind), self._language)
        for clock in record.clocks:
            due = f"{clock.due_at.astimezone(zone):%m-%d %H:%M}"
            zh = f"工单 {ticket.number}：{kind}，须在 {due} 前回复（{clock.rule}）"
            en = f"ticket {ticket.number}: {kind}, to be answered by {due} ({clock.rule})"
            yield self._fact(("ticket", ticket.id, clock.kind), ticket.opened_at, zh, en)
        if ticket.room:
            zh = f"工单 {ticket.number} 的地点：{ticket.building} 栋 {ticket.room}"
            en = f"ticket {ticket.number}: building {ticket.building}, room {ticket.room}"
            yield self._fact(("ticket", ticket.id, "place"), SystemClock().now(), zh, en)
        for event in record.events:
            if event.kind is TicketEventKind.RECEIVED:
                who = self._who(event.who)
                zh, en = f"工单 {ticket.number} 首问 {who}", f"ticket {ticket.number}: {who} is first receiver"
                yield self._fact(("event", event.id), event.at, f"{zh}(R15-1)", f"{en} (R15-1)")
            elif event.kind is TicketEventKind.NOTED:
                zh, en = f"工单 {ticket.number}：业主来电询问进度", f"ticket {ticket.number}: {event.text}"
                yield self._fact(("event", event.id), event.at, zh, en)

    def _fact(self, key: tuple[str | int, ...], at: datetime, zh: str, en: str, *, decided: bool = False) -> Fact:
        return Fact(key, at, say(zh, en, self._language), decided)

    def _who(self, number: str | None) -> str:
        return f"{number} {self._names.get(number or '', '')}".rstrip()
