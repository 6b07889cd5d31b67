"""What the scans of a day write and read: test calls, trunks, recordings, surveys."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from models.calls import outgoing, recordings
from models.database import pushed_back
from models.database.store import Store
from models.health import canaries, findings, trunks
from models.policy import Policy
from models.site import Site
from models.states.calls import AttemptOutcome, RecordingState, ToMake
from models.states.health import CanaryStep, FindingKind, TrunkFailure
from models.states.surveys import CampaignState, SurveyState
from models.states.tickets import TicketKind, TicketState
from models.surveys import attempts, campaigns, opt_outs, surveys
from models.tables import Campaign, Survey
from models.tickets import tickets
from tests.store.history import FEW


class Day:
    """Writes and reads in a store, and remembers the functions used."""

    def __init__(self, store: Store, site: Site, policy: Policy, noon: datetime) -> None:
        self.store, self.site, self.policy, self.now = store, site, policy, noon
        self.rules: dict[str, Any] = {"site": site, "policy": policy}
        self.used: set[Any] = set()

    def write(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        self.used.add(fn)
        return self.store.write(fn, *args, **kwargs)

    def read(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        self.used.add(fn)
        return self.store.read(fn, *args, **kwargs)


class Scans(Day):
    def canaries_fly(self) -> None:
        now = self.now
        fault = self.write(tickets.open_fault, at=now, policy=self.policy, language="zh", text="")
        self.write(tickets.end_fault, fault.id, "no longer so", at=now)
        for failed in (None, CanaryStep.PROMPT, CanaryStep.PROMPT):
            self.now = now = now + timedelta(seconds=1)
            self.write(canaries.write, at=now, ms=3000, failed=failed)
        outage = self.write(canaries.judge, at=now, policy=self.policy, language="zh")
        self.write(canaries.mark_reported, outage.id, at=now)
        self.read(canaries.recent, limit=1)
        self.read(canaries.failed_since, now - timedelta(days=1))
        self.write(canaries.prune, before=now - timedelta(days=400), limit=500)

    def watch_trunks(self) -> None:
        self.write(trunks.look, {"telecom": None}, at=self.now)
        self.write(trunks.call_failed, "telecom", TrunkFailure.CALL_REFUSED, at=self.now)
        self.read(trunks.every)

    def store_recording(self, name: str) -> None:
        (recording,) = self.read(recordings.to_finish, at=self.now, limit=20)
        assert self.write(recordings.claim, recording, until=self.now)
        self.read(recordings.by_name, name)
        self.read(recordings.states_of, [name])
        self.read(recordings.talk_seconds, [recording, *self.read(recordings.further_parts, recording)])
        self.write(recordings.wait, recording.id, until=self.now)
        self.write(recordings.push_back, recording.id, until=self.now, note="later")
        self.write(recordings.finish, recording.id, state=RecordingState.KEPT, at=self.now)
        self.write(recordings.join, recording.id, recording, at=self.now)
        (expired,) = self.read(recordings.expired, at=self.now, limit=20)
        why = {"who": "test", "reason": "a complaint", "at": self.now}
        assert self.write(recordings.hold, expired.id, **why)
        assert self.write(recordings.let_go, expired.id, **why)
        self.write(recordings.removed, expired.id, at=self.now)
        self.write(recordings.opened, expired.id, who="test", what="listened", at=self.now)
        self.write(recordings.listened, expired.id, who="test", since=self.now - timedelta(minutes=30), at=self.now)
        self.compare(expired.id)

    def compare(self, recording_id: int) -> None:
        """One page of the nightly comparison."""
        self.read(recordings.newest, limit=20)
        self.read(recordings.with_files, after=recording_id - 1, limit=20)
        self.read(recordings.by_paths, ["recordings/2026/03/old-7.opus"])
        assert self.read(recordings.first_talk, self.now)
        self.read(recordings.talks_without, after=FEW // 2, limit=20)
        self.write(findings.settle, list(FindingKind), {(FindingKind.FILE_WITHOUT_ROW, "x"): None}, at=self.now)
        self.read(findings.still_open, limit=20)
        self.read(findings.open_of, list(FindingKind))
        self.read(findings.untold, list(FindingKind))
        self.write(findings.mark_reported, [1], at=self.now)
        self.write(pushed_back.push, "retention", 1, error="x", at=self.now)
        self.read(pushed_back.of, "retention", [1, 2])
        self.read(pushed_back.longest, limit=20)
        self.write(pushed_back.forget, "retention", 1)
        self.write(findings.settle, list(FindingKind), {}, at=self.now)


class Surveys(Day):
    def survey_the_caller(self, call_id: int) -> None:
        """Two tickets are done: one survey is not answered, the other is; then the caller opts out."""
        now, policy = self.now + timedelta(hours=3), self.policy.follow_up
        hours = policy.hours(self.site.time_zone)
        survey = self.write(surveys.offer, call_id, language="zh", at=now, from_s=0)
        self.write(surveys.rated, survey, 5, at=now)
        for answers in (False, True):
            kind = TicketKind.REPAIR
            ticket = self.write(tickets.open, kind=kind, call_id=call_id, at=self.now, policy=self.policy)
            self.write(tickets.move, ticket.id, to=TicketState.DONE, who="system", at=self.now)
            assert (ticket.opened_at, ticket.id) in self.read(surveys.newly_done, None, 200)
            asked = self.write(surveys.expect, ticket.id, at=now, policy=policy, site=self.site)
            asked.due_at = now
            self.store.write(lambda s, one=asked: s.merge(one))
            assert self.read(surveys.to_call, None, None, 9, at=now) == [(now, asked.id)]
            assert self.read(surveys.to_call, None, (now, asked.id), 9, at=now) == []
            assert self.read(surveys.calling, None) == 0
            assert self.write(surveys.call, asked.id, at=now, policy=policy)
            claim = self.write(outgoing.claim, by="test", at=now, until=now)
            assert self.write(attempts.begin, claim, at=now, policy=policy, hours=hours)
            self.write(outgoing.move, claim, to=ToMake.DIALLING, at=now, until=now)
            if answers:
                said = {"score": None, "settled": False, "call_id": call_id, "at": now, "policy": self.policy}
                assert self.write(attempts.answer, claim, asked.id, **said)
            else:
                busy = AttemptOutcome.BUSY
                self.write(attempts.not_reached, claim, asked.id, busy, at=now, policy=policy, hours=hours)
                self.write(attempts.opt_out, claim, asked.id, number="2", at=now)
            assert self.read(attempts.done, asked)
            # So that the next day may call again.
            ended = {"state": SurveyState.NOT_NEEDED, "called_at": None}
            self.store.write(lambda s, id=asked.id, e=ended: s.execute(update(Survey).where(Survey.id == id).values(e)))
            ended_as = TicketState.MERGED if answers else TicketState.CLOSED
            self.write(tickets.move, ticket.id, to=ended_as, who="system", at=now)
        self.read(opt_outs.any_of, ["1"])
        self.write(opt_outs.add, "1", who="test", at=now)
        self.read(opt_outs.newest, limit=9)
        self.read(surveys.newest, limit=9)
        self.ask_all(now)

    def ask_all(self, now: datetime) -> None:
        campaign = Campaign(name="all", at_once=1, created_by="test", created_at=now)
        self.store.write(lambda s: s.add(campaign))
        self.write(campaigns.move, campaign.id, CampaignState.PAUSED, at=now)
        self.write(campaigns.move, campaign.id, CampaignState.RUNNING, at=now)
        self.read(campaigns.running)
        self.read(campaigns.any_since, now)
        self.read(campaigns.newest, limit=9)
        self.read(campaigns.progress, campaign.id)
        assert self.write(campaigns.finish, campaign.id, at=now)
