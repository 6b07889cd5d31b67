"""One call with everything that may be written and read about it, then every scan."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from models.calls import block_list, calls, clicks, gate, outgoing, recordings, transfers, trunk_calls
from models.calls.calls import EndedBy, Ring
from models.calls.clicks import ClickKind, ClickOutcome, ClickState
from models.people import access_log, people, presence
from models.policy.gate import Reach
from models.states.calls import AttemptOutcome, Purpose, RecordingKind, ToMake, TransferState
from models.states.people import PresenceState
from models.states.tickets import TaskKind, TicketKind, TicketState
from models.tables import Click, Task
from models.tickets import call_backs, deadlines, due_call_backs, talks, tasks, tickets
from tests.store.calls.listening import listened_to
from tests.store.database.scans_of_a_day import Scans, Surveys
from tests.store.tickets.handling import handle


class CallDay(Scans, Surveys):
    """A call passes by: `pass_by`."""

    def pass_by(self, name: str) -> None:
        now, caller = self.now, "13800000007"
        self.leave()
        begin = {"line": "8000", "language": "zh", "at": now}
        call = self.write(calls.begin, channel_id=name, caller_number=caller, **begin)
        hidden = self.write(calls.begin, channel_id=f"{name}-hidden", caller_number=None, **begin)
        known = self.read(people.owner_by_number, caller)
        unit = self.read(people.unit_by_keys, building="7", room="7")
        assert not self.read(block_list.is_blocked, caller, at=now)
        self.write(calls.turn_away, channel_id=f"{name}-over", caller_number=caller, reason="over-caller", **begin)
        blocked = {"until": now + timedelta(days=1), "why": "swears", "by": "7001", "at": now}
        self.write(block_list.block, "13700000007", **blocked, **self.rules)
        self.write(block_list.lift, "13700000007", by="7001", at=now)
        again = self.write(block_list.block, "13700000007", **blocked, **self.rules)
        self.write(block_list.lift_entry, again.id, by="7001", at=now)
        self.read(block_list.newest, limit=20)
        self.write(calls.take_up, channel_id=name, number=caller, mode="menu", **begin)
        self.write(calls.note, call.id, owner_id=known.owner.id, unit_id=unit.id)
        self.write(calls.answered, call.id, at=now)
        ticket = self.write(tickets.open, kind=TicketKind.REPAIR, call_id=call.id, at=now, policy=self.policy)
        self.write(tickets.classify, ticket.id, kind=TicketKind.URGENT_REPAIR, who="caller", at=now, policy=self.policy)
        self.write(tickets.locate, ticket.id, building="7", room="7", unit_id=unit.id)
        self.write(tickets.note, ticket.id, "asked how it is", who="caller", at=now)
        self.write(tickets.asked_after, ticket.id, call_id=call.id, at=now)
        self.read(tickets.row, ticket.id)
        self.read(tickets.unit_of, ticket)
        self.read(tickets.open_of, owner_id=known.owner.id, unit_id=unit.id, limit=3)
        self.read(tickets.find, str(ticket.number), "7")
        self.read(people.on_duty, "agents", "complaints", at=now)
        self.read(people.supervisor, "agents", at=now)
        self.read(people.is_on_duty, "7001", at=now)
        self.write(presence.say, "7001", PresenceState.BREAK, at=now)
        self.write(presence.say, "7001", PresenceState.ON_DUTY, at=now)
        self.read(presence.everybody)
        self.read(presence.stamps)
        self.read(tickets.at_work, "7001")
        fields = {"ticket_id": ticket.id, "stage": "group", "staff_number": "7001", "phone": "7001", "at": now}
        ring = self.write(calls.begin_ring, call_id=call.id, channel_id=f"{name}-leg", **fields)
        more = {"call_id": call.id, "ticket_id": ticket.id, "stage": "group", "at": now}
        self.write(calls.begin_rings, [("7002", "7002", f"{name}-leg-2")], **more)
        self.write(calls.ringing, ring, at=now)
        self.write(calls.end_ring, ring, outcome=Ring.CONNECTED, rings=1, at=now)
        self.write(calls.break_off_rings, [ring], at=now)
        self.write(tickets.receive, ticket.id, "7001", at=now)
        self.write(
            recordings.reserve,
            name=f"{name}-talk",
            kind=RecordingKind.TALK,
            call_id=call.id,
            ticket_id=ticket.id,
            at=now,
            retain_until=now - timedelta(seconds=1),
        )
        self.write(
            recordings.reserve,
            name=f"{name}-unused",
            kind=RecordingKind.TALK,
            call_id=call.id,
            ticket_id=ticket.id,
            at=now,
            retain_until=now,
        )
        self.write(
            recordings.begin,
            f"{name}-message",
            RecordingKind.MESSAGE,
            call_id=call.id,
            ticket_id=ticket.id,
            at=now,
            policy=self.policy,
        )
        self.write(recordings.release, f"{name}-message")
        self.write(recordings.release, f"{name}-unused")
        talk = self.write(
            calls.begin_talk,
            call_id=call.id,
            staff_number="7001",
            bridge_id=name,
            caller_channel=name,
            leg_channel=f"{name}-leg",
            at=now,
        )
        self.talk_again(name, call.id, ticket.id)
        self.read(calls.active)
        listened_to(self, "7001")
        self.click(call.id, ticket.id)
        self.put_through(call.id, ticket.id, talk)
        self.write(calls.end_talk, talk, by=EndedBy.AGENT, at=now)
        self.write(tasks.settle, talk, at=now, at_least_s=0)
        self.write(tasks.reached, caller, before=now, at=now, note="talked")
        self.write(recordings.ended, f"{name}-talk", None, at=now)
        for one in (call, hidden):
            task = self.write(
                tasks.open,
                kind=TaskKind.CALL_BACK,
                number=one.caller_number,
                call_id=one.id,
                ticket_id=ticket.id,
                owner_group="agents",
                at=now,
                due_at=now,
            )
            owing = {"site": self.site, "policy": self.policy, "at": now}
            self.write(call_backs.owe, one.id, "hung up", **owing)
            self.read(deadlines.answer_by, ticket.id, after=now)
            self.write(call_backs.again, ticket.id, call_id=one.id, who="7001", **owing)
            self.write(call_backs.end_call, one.id, by=EndedBy.CALLER, reason="hung up", owed=True, **owing)
            self.write(call_backs.cut_off, one.id, [talk], owed=True, recording=f"{name}-talk", **owing)
            self.write(call_backs.lose_call, one.id, owed=True, **owing)
            self.write(calls.end, one.id, by=EndedBy.CALLER, reason="hung up", at=now)
            self.read(tasks.pending, limit=20)
            self.read(tasks.to_call_back, "agents", reader="7001", limit=20)
            self.read(tasks.owed_stamps)
            self.make(task.id)
            if one.caller_number is not None:
                self.make_when_due(task.id)
            self.write(tasks.close, task.id, at=now)
            self.read(tasks.of_call, one.id)
        self.store_recording(f"{name}-talk")
        self.canaries_fly()
        self.watch_trunks()
        self.survey_the_caller(call.id)
        self.write(tickets.move, ticket.id, to=TicketState.ACCEPTED, who="7020", at=now)
        handle(self, ticket.id)
        self.read(tickets.get, ticket.id)
        self.read(tickets.recent, limit=20)
        self.read(calls.record, call.id)
        self.read(calls.records_of, [self.read(calls.get, call.id)])
        self.read(calls.facts, call.id)
        self.read(calls.recent, limit=20)
        self.write(access_log.log, who="test", what="look", subject="all", at=now)
        self.read(access_log.newest, limit=20)
        self.read(access_log.head)

    def talk_again(self, name: str, call_id: int, ticket_id: int) -> None:
        """With another agent, in a bridge of its own."""
        talk = self.write(
            talks.begin,
            call_id=call_id,
            ticket_id=ticket_id,
            staff_number="7002",
            name=f"{name}-again",
            caller_channel=name,
            leg_channel=f"{name}-leg-2",
            at=self.now,
            policy=self.policy,
        )
        by = EndedBy.AGENT
        self.write(talks.end, [talk], by=by, at=self.now, policy=self.policy, recording=f"{name}-again")
        self.store.write(lambda s: s.delete(recordings.by_name(s, f"{name}-again")))

    def click(self, call_id: int, ticket_id: int) -> None:
        """7001, in a talk, puts the caller on hold, takes back, transfers; 7003 calls somebody."""
        rules = self.rules | {"at": self.now}
        self.write(clicks.interrupt, node="test", at=self.now)
        self.write(clicks.forget, before=self.now - timedelta(days=4000))
        self.read(transfers.why_not, by="7001", to="7020", ticket_id=ticket_id, **rules)
        for kind in (ClickKind.HOLD, ClickKind.TAKE_BACK, ClickKind.TRANSFER):
            self.write(clicks.ask, "7001", kind, call_id=call_id, target="7020", **rules)
            assert self.read(clicks.any_waiting)
            taken = self.write(clicks.take, node="test", policy=self.policy, at=self.now)
            standing = self.read(clicks.standing, "7001", at=self.now)
            assert self.read(clicks.alone, standing.talk)
            self.read(clicks.stamps)
            self.read(clicks.recording, "7001", "zh/greeting", at=self.now)
            assert self.read(clicks.talk_of, "7001", call_id)
            if kind is ClickKind.TRANSFER:
                about = {"call_id": call_id, "ticket_id": ticket_id, "by_staff": "7001"}
                transfer = self.write(clicks.begin_transfer, taken.id, **about, at=self.now)
                self.write(transfers.move, transfer, to=TransferState.CANCELLED, at=self.now)
            elif kind is ClickKind.TAKE_BACK:
                for going_on in self.store.read(lambda s: s.scalars(select(Click).filter_by(ended_at=None)).all()):
                    self.write(clicks.end, going_on.id, ClickOutcome.DONE, at=self.now)
        asked = self.write(clicks.ask, "7003", ClickKind.CALL, target="7020", **rules)
        self.write(clicks.move, asked.id, to=ClickState.TAKEN, taken_at=self.now, node="test")
        self.write(clicks.dialling, asked.id, call_id)
        self.write(clicks.end, asked.id, ClickOutcome.DONE, at=self.now)

    def put_through(self, call_id: int, ticket_id: int, talk_id: int) -> None:
        now, by = self.now, "7001"
        transfer = self.write(transfers.begin, call_id=call_id, ticket_id=ticket_id, by_staff=by, at=now)
        self.write(transfers.wanted, transfer, "7020")
        self.read(people.staff, "7020")
        self.write(tickets.about, ticket_id, "7010", who=by, at=now, policy=self.policy)
        self.write(transfers.because, transfer, kind=TicketKind.REPAIR, recording="reason")
        of = {"call_id": call_id, "ticket_id": ticket_id, "kind": TicketKind.REPAIR, "policy": self.policy}
        self.write(transfers.because_recorded, transfer, "reason", at=now, **of)
        self.write(recordings.release, "reason")
        for state in (TransferState.RINGING, TransferState.ASKED, TransferState.CONSENTED):
            self.write(transfers.move, transfer, to=state, at=now)
        self.write(transfers.agent_left, transfer, talk_id, by=EndedBy.AGENT, at=now)
        self.write(calls.warned, [talk_id], at=now)

    def make(self, task_id: int) -> None:
        """Makes the call back of this task, interrupted once; an unknown number cannot be called."""
        now = self.now
        try:
            asked = self.write(outgoing.ask_back, task_id, staff_number="7001", by="test", at=now, **self.rules)
        except outgoing.CannotCall:
            return
        click = self.write(clicks.ask, "7003", ClickKind.CALL_BACK, task_id=task_id, **self.rules, at=now)
        self.write(clicks.pass_on_call_back, click, **self.rules, at=now)
        for outcome in (None, AttemptOutcome.BUSY, AttemptOutcome.REFUSED):
            assert self.read(outgoing.any_due, at=now)
            claim = self.write(outgoing.claim, by="test", at=now, until=now)
            assert self.write(outgoing.renew, claim, until=now)
            self.write(outgoing.keep, [claim], until=now)
            assert self.write(outgoing.give_back, claim, at=now)
            self.write(outgoing.take_from, [Purpose.CALL_BACK], node="test", except_claimant="test-2", at=now)
            assert self.read(outgoing.called_off, [claim]) == set()
            if outcome:
                self.write(outgoing.conversation, claim, line="8000", number="1", language="zh", at=now)
                self.write(outgoing.move, claim, to=ToMake.DIALLING, at=now, until=now, staff_number="7001")
            if outcome is AttemptOutcome.BUSY:
                self.write(outgoing.move, claim, to=ToMake.NOT_REACHED, at=now, outcome=outcome)
                asked = self.write(outgoing.ask_back, task_id, staff_number="7001", by="test", at=now, **self.rules)
            elif outcome is AttemptOutcome.REFUSED:
                decision = gate.decide("16812345", Reach.CALL_BACK, self.site, self.policy)
                assert self.write(outgoing.refuse, claim, decision, at=now)
                self.write(outgoing.write_refusal, claim, decision, at=now)
        self.read(outgoing.progress, asked.id)
        self.read(outgoing.tries, [task_id])
        self.write(
            outgoing.ask,
            Purpose.REMINDER,
            task_id,
            extension="7001",
            ticket_id=1,
            due_at=now,
            by="test",
            at=now,
        )
        assert self.write(outgoing.cancel, Purpose.REMINDER, task_id, at=now)

    def make_when_due(self, task_id: int) -> None:
        """It is made by itself, and nobody takes it; then it is refused; then somebody takes the next one."""
        now, no_agent = self.now, {"to": ToMake.NO_AGENT, "outcome": AttemptOutcome.NO_AGENT}
        for decision in (None, gate.decide("16812345", Reach.CALL_BACK, self.site, self.policy)):
            self.store.write(lambda s: setattr(s.get_one(Task, task_id), "call_at", now))
            for emergencies in (True, False):
                self.read(due_call_backs.due, None, 20, emergencies=emergencies, at=now)
            self.read(due_call_backs.going_on, at=now)
            assert self.write(due_call_backs.request, task_id, at=now, **self.rules)
            claim = self.write(outgoing.claim, by="test", at=now, until=now)
            if decision is None:
                assert self.write(due_call_backs.end, claim, at=now, **no_agent, **self.rules)
            else:
                assert self.write(due_call_backs.refuse, claim, decision, at=now, **self.rules)
        assert self.write(due_call_backs.take_next, "7001", "agents", at=now, **self.rules)
        claim = self.write(outgoing.claim, by="test", at=now, until=now)
        self.write(due_call_backs.end, claim, at=now, **no_agent, **self.rules)

    def leave(self) -> None:
        """A call over the trunk for each purpose, to its end."""
        how: dict[str, Any] = {**self.rules, "at": self.now, "trunk": "carrier"}
        for purpose in Reach:
            self.write(trunk_calls.let_out, "13800138001", purpose, channel_id=f"out-{purpose}", **how)
        self.write(trunk_calls.let_out, "01087654321", Reach.FOLLOW_UP, channel_id=None, **how)
        self.read(trunk_calls.is_known, "13800138001")
        self.read(trunk_calls.left, self.now - timedelta(hours=1))
        self.read(trunk_calls.refused, self.now - timedelta(hours=1))
        out = self.read(trunk_calls.going_on, self.site.node)
        for states in ({row.channel_id: "Up" for row in out}, {}):
            self.write(
                trunk_calls.compare,
                out,
                states,
                seen=[],
                policy=self.policy,
                at=self.now + timedelta(minutes=1),
                over={},
            )
