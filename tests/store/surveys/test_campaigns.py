"""A campaign asks each resident once, some at a time, through pauses and restarts (R08-6)."""

from datetime import UTC, datetime, timedelta

import pytest

from models.calls import calls, outgoing
from models.people import people
from models.people.owners_file import OwnerRow
from models.states.calls import AttemptOutcome, ToMake
from models.states.surveys import SurveyState
from models.surveys import campaigns, opt_outs, surveys
from models.surveys.campaigns import CampaignRefused, CampaignState, people_of
from models.tables import Campaign
from scheduler.scans.follow_ups import follow_ups
from scheduler.scope import Scope

pytestmark = pytest.mark.store

HALF_PAST_TWO = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)


class Census:
    """A campaign among some owners."""

    def __init__(self, scope: Scope) -> None:
        self.scope, self.store, self.clock = scope, scope.store, scope.clock
        self.whole_policy, self.policy = scope.policy, scope.policy.follow_up
        self.hours = self.policy.hours(scope.site.time_zone)

    def listed(self, *owners: tuple[str, str, tuple[str, ...]]) -> None:
        rows = [OwnerRow(n, name, "3", unit, phones) for n, (name, unit, phones) in enumerate(owners, 2)]
        self.store.write(people.import_owners, rows, who="test", at=self.clock.now())

    def begins(self, at_once: int = 2) -> Campaign:
        return self.store.write(
            campaigns.new,
            name="2026 I",
            at_once=at_once,
            language="zh",
            by="test",
            at=self.clock.now(),
            hours=self.hours,
        )

    def look(self, at: datetime | None = None) -> int:
        if at is not None:
            self.clock.moment = at  # type: ignore[attr-defined]
        return follow_ups(self.scope)

    def states(self, campaign: Campaign) -> dict[SurveyState, int]:
        return self.store.read(campaigns.progress, campaign.id)[1].states

    def state(self, campaign: Campaign) -> CampaignState:
        return self.store.read(campaigns.progress, campaign.id)[0].state

    def answers(self, score: int | None) -> None:
        """Makes the next call; its callee gives this score (None: does not answer)."""
        at = self.clock.now()
        claim = self.store.write(outgoing.claim, by="test", at=at, until=at + timedelta(minutes=2))
        assert claim is not None
        assert claim.subject_id is not None
        survey = self.store.write(surveys.dial, claim.subject_id, claim, at=at, policy=self.policy, hours=self.hours)
        assert survey is not None
        self.store.write(outgoing.move, claim, to=ToMake.DIALLING, at=at, until=at + timedelta(minutes=2))
        outcome = AttemptOutcome.CONNECTED if score else AttemptOutcome.NO_ANSWER
        to = ToMake.CONNECTED if score else ToMake.NOT_REACHED
        assert self.store.write(outgoing.move, claim, to=to, at=at, outcome=outcome)
        if score is None:
            self.store.write(surveys.not_reached, survey.id, at=at, policy=self.policy, hours=self.hours)
        else:
            call = self.store.write(
                calls.begin, channel_id=claim.name, line="8000", caller_number=survey.number, language="zh", at=at
            )
            assert self.store.write(
                surveys.answered, survey.id, score=score, settled=None, call_id=call.id, at=at, policy=self.whole_policy
            )


@pytest.fixture
def census(scope: Scope) -> Census:
    return Census(scope)


OWNERS = (
    ("张三", "101", ("13900000001", "13900000009")),
    ("李四", "102", ("13900000002",)),
    ("张三", "103", ("13900000001",)),
    ("王五", "104", ("13900000003",)),
)


@pytest.mark.parametrize(
    ("listed", "people"),
    [
        ([(1, "a"), (2, "b")], [["a"], ["b"]]),
        ([(1, "a"), (2, "a")], [["a"]]),
        ([(1, "a"), (1, "b"), (2, "b")], [["a", "b"]]),
        # The third row shows that the first two are one person.
        ([(1, "a"), (2, "b"), (3, "a"), (3, "b")], [["a", "b"]]),
        ([], []),
    ],
)
def test_owners_who_share_a_number_are_one_person(listed: list[tuple[int, str]], people: list[list[str]]) -> None:
    assert [person.numbers for person in people_of(listed)] == people


def test_an_owner_of_several_units_is_one_row(census: Census) -> None:
    census.listed(*OWNERS)
    campaign = census.begins()
    rows = census.store.read(surveys.newest, limit=9)
    assert sorted(row.number or "" for row in rows) == ["13900000001", "13900000002", "13900000003"]
    assert {row.due_at for row in rows} == {HALF_PAST_TWO}, "at noon nobody is called"
    assert census.look() == 0
    assert census.states(campaign) == {SurveyState.WAITING: 3}


def test_a_campaign_calls_a_few_at_a_time_until_all_were_called_and_then_ends(census: Census) -> None:
    census.listed(*OWNERS)
    campaign = census.begins(at_once=2)
    assert census.look(HALF_PAST_TWO) == 2
    assert census.states(campaign) == {SurveyState.WAITING: 1, SurveyState.CALLING: 2}
    assert census.look() == 0
    census.answers(5)
    census.answers(2)
    assert census.look() == 1
    census.answers(5)
    assert census.look() == 1, "the campaign ends"
    ended, progress = census.store.read(campaigns.progress, campaign.id)
    assert (ended.state, ended.ended_at) == (CampaignState.FINISHED, census.clock.now())
    assert (progress.total, progress.left, progress.scores, progress.average) == (3, 0, {2: 1, 5: 2}, 4.0)
    assert census.look() == 0


def test_an_owner_who_does_not_answer_is_tried_at_other_times_and_then_no_more(census: Census) -> None:
    census.listed(OWNERS[1])
    campaign = census.begins()
    for at in ("2026-03-02 06:30", "2026-03-02 10:30", "2026-03-03 01:30"):
        moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
        assert census.look(moment - timedelta(minutes=1)) == 0
        assert census.look(moment) == 1
        census.answers(None)
    assert census.states(campaign) == {SurveyState.NOT_REACHED: 1}
    assert census.look() == 1
    assert census.state(campaign) is CampaignState.FINISHED


def test_an_owner_who_opted_out_with_any_number_is_counted_and_not_called(census: Census) -> None:
    census.listed(*OWNERS)
    census.store.write(opt_outs.add, "13900000009", who="caller", at=census.clock.now())
    campaign = census.begins(at_once=9)
    assert census.states(campaign) == {SurveyState.WAITING: 2, SurveyState.OPTED_OUT: 1}
    assert census.look(HALF_PAST_TWO) == 2


def test_a_paused_campaign_calls_nobody_and_goes_on_when_resumed(census: Census) -> None:
    census.listed(*OWNERS)
    campaign = census.begins(at_once=1)
    census.look(HALF_PAST_TWO)
    census.store.write(campaigns.move, campaign.id, CampaignState.PAUSED, at=census.clock.now())
    at = census.clock.now()
    claim = census.store.write(outgoing.claim, by="test", at=at, until=at)
    assert claim is not None
    assert claim.subject_id is not None
    dialled = census.store.write(surveys.dial, claim.subject_id, claim, at=at, policy=census.policy, hours=census.hours)
    assert dialled is None, "the call was asked for and not yet made"
    assert census.look() == 0
    assert census.states(campaign) == {SurveyState.WAITING: 3}
    census.store.write(campaigns.move, campaign.id, CampaignState.RUNNING, at=census.clock.now())
    census.store.write(outgoing.move, claim, to=ToMake.NOT_NEEDED, at=at)
    assert census.look() == 1


def test_a_cancelled_campaign_cannot_be_resumed(census: Census) -> None:
    census.listed(*OWNERS)
    campaign = census.begins(at_once=1)
    census.look(HALF_PAST_TWO)
    census.answers(4)
    census.store.write(campaigns.move, campaign.id, CampaignState.CANCELLED, at=census.clock.now())
    assert census.states(campaign) == {SurveyState.ANSWERED: 1, SurveyState.NOT_NEEDED: 2}
    with pytest.raises(CampaignRefused, match="is cancelled and can't become running"):
        census.store.write(campaigns.move, campaign.id, CampaignState.RUNNING, at=census.clock.now())
    assert census.look() == 0


def test_an_empty_directory_has_no_campaign(census: Census) -> None:
    with pytest.raises(CampaignRefused, match="import the owners first"):
        census.begins()
    assert census.store.read(campaigns.newest, limit=9) == []


def test_two_campaigns_do_not_call_one_person_right_after_another(census: Census) -> None:
    census.listed(OWNERS[1])
    for _ in range(2):
        census.begins()
    assert census.look(HALF_PAST_TWO) == 1
    waiting = [row for row in census.store.read(surveys.newest, limit=9) if row.state is SurveyState.WAITING]
    gap = timedelta(minutes=census.policy.gap_minutes)
    assert [row.due_at for row in waiting] == [HALF_PAST_TWO + gap]


def test_a_campaign_of_thousands_is_made_at_once(census: Census) -> None:
    census.listed(*((f"owner {n}", str(n), (f"139{n:08}",)) for n in range(3000)))
    campaign = census.begins(at_once=20)
    assert census.states(campaign) == {SurveyState.WAITING: 3000}
    assert census.look(HALF_PAST_TWO) == 20
    assert len({row.number for row in census.store.read(surveys.newest, limit=5000)}) == 3000
