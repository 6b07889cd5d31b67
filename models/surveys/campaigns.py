"""A campaign asks every resident in the directory once, even with several units and numbers (R08-6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from models.database.changes import change
from models.database.numbers import here
from models.errors import MoveRefused
from models.states.surveys import CAMPAIGN_MOVES, CampaignState, SurveyPurpose, SurveyState
from models.tables import Campaign, OptOut, Owner, OwnerPhone, Survey
from models.text.numbers import plausible
from models.text.wording import word
from models.time.calling_hours import CallingHours

__all__ = ["Campaign", "CampaignProgress", "CampaignRefused", "CampaignState"]


class CampaignRefused(MoveRefused):
    """The campaign can't change to this state, or there is nobody to ask; the message says which."""


@dataclass(frozen=True)
class CampaignProgress:
    """How many residents are in each `SurveyState`, and how many gave each score."""

    states: dict[SurveyState, int]
    scores: dict[int, int]
    calls: int
    """How many attempts have been made in all."""

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def left(self) -> int:
        """Waiting to be called, or being called."""
        return sum(self.states.get(state, 0) for state in (SurveyState.WAITING, SurveyState.CALLING))

    @property
    def average(self) -> float | None:
        given = sum(self.scores.values())
        return sum(score * n for score, n in self.scores.items()) / given if given else None


@dataclass(eq=False)
class Resident:
    """A person in the directory, with all numbers in the order listed."""

    owner_id: int
    numbers: list[str]


def people_of(listed: Iterable[tuple[int, str]]) -> list[Resident]:
    """The persons behind these (owner, number) pairs: entries that share a number are one person with several units."""
    by_owner: dict[int, list[str]] = {}
    for owner_id, number in listed:
        by_owner.setdefault(owner_id, []).append(number)
    of_number: dict[str, Resident] = {}
    for owner_id, numbers in by_owner.items():
        same = [of_number[number] for number in numbers if number in of_number]
        person = same[0] if same else Resident(owner_id, [])
        for number in [number for one in same[1:] if one is not person for number in one.numbers] + numbers:
            of_number[number] = person
            if number not in person.numbers:
                person.numbers.append(number)
    return list(dict.fromkeys(of_number.values()))


def new(
    session: Session, *, name: str, at_once: int, language: str, by: str, at: datetime, hours: CallingHours
) -> Campaign:
    """Writes a row for everybody in the directory with a number that can be called; the scan makes the calls.

    A person with any number that has opted out is counted and not called. Raises CampaignRefused when there is nobody
    to call.
    """
    listed = select(OwnerPhone.owner_id, OwnerPhone.number).join(Owner, Owner.id == OwnerPhone.owner_id)
    ordered = session.execute(listed.order_by(OwnerPhone.owner_id, OwnerPhone.id))
    rows = [(owner, here(session, number) or number) for owner, number in ordered]
    unwilling = set(session.scalars(select(OptOut.number)))
    campaign = Campaign(name=name[:80], at_once=at_once, created_by=by[:80], created_at=at)
    session.add(campaign)
    session.flush()
    asked = []
    for person in people_of(rows):
        number = next((n for n in person.numbers if plausible(n)), None)
        if number is None:
            continue
        willing = unwilling.isdisjoint(person.numbers)
        asked.append(
            {
                "purpose": SurveyPurpose.CAMPAIGN,
                "state": SurveyState.WAITING if willing else SurveyState.OPTED_OUT,
                "number": number,
                "language": language,
                "campaign_id": campaign.id,
                "owner_id": person.owner_id,
                "asked_at": at,
                "due_at": hours.next(at) if willing else None,
                "attempts": 0,
                "ended_at": None if willing else at,
            }
        )
    if not asked:
        raise CampaignRefused(
            "nobody in the list of owners has a number that can be called: import the owners first",
            "业主名册中没有可拨打的号码，请先导入业主名册",
        )
    session.execute(insert(Survey), asked)
    return campaign


def move(session: Session, campaign_id: int, to: CampaignState, *, at: datetime) -> Campaign:
    """Pauses, resumes or ends it; a call that is going on is finished.

    Raises CampaignRefused for an illegal move, NoResultFound for no such campaign.
    """
    campaign = session.get_one(Campaign, campaign_id, with_for_update=True)
    if to not in CAMPAIGN_MOVES.get(campaign.state, frozenset()):
        raise CampaignRefused(
            f"campaign {campaign_id} is {word(campaign.state, 'en')} and can't become {word(to, 'en')}",
            f"调查 {campaign_id} 现为{word(campaign.state, 'zh')}，不能改为{word(to, 'zh')}",
        )
    campaign.state = to
    campaign.ended_at = None if to in CAMPAIGN_MOVES else at
    if to is CampaignState.CANCELLED:
        waiting = Survey.campaign_id == campaign_id, Survey.state == SurveyState.WAITING
        change(session, update(Survey).where(*waiting).values(state=SurveyState.NOT_NEEDED, ended_at=at))
    session.flush()
    return campaign


def any_since(session: Session, since: datetime) -> bool:
    """Whether a campaign has begun since then and was not cancelled."""
    begun = Campaign.created_at >= since, Campaign.state != CampaignState.CANCELLED
    return session.scalar(select(Campaign.id).where(*begun).limit(1)) is not None


def running(session: Session) -> list[Campaign]:
    """The campaigns whose calls are being made."""
    return list(session.scalars(select(Campaign).where(Campaign.state == CampaignState.RUNNING).order_by(Campaign.id)))


def finish(session: Session, campaign_id: int, *, at: datetime) -> bool:
    """Ends the campaign if nobody is left to call. True if it did."""
    left = Survey.campaign_id == campaign_id, Survey.state.in_((SurveyState.WAITING, SurveyState.CALLING))
    campaign = session.get_one(Campaign, campaign_id, with_for_update=True)
    if campaign.state is not CampaignState.RUNNING or session.scalar(select(Survey.id).where(*left).limit(1)):
        return False
    campaign.state, campaign.ended_at = CampaignState.FINISHED, at
    return True


def newest(session: Session, *, limit: int) -> list[Campaign]:
    """The newest first."""
    return list(session.scalars(select(Campaign).order_by(Campaign.id.desc()).limit(limit)))


def progress(session: Session, campaign_id: int) -> tuple[Campaign, CampaignProgress]:
    """The campaign and its progress. Raises NoResultFound for no such campaign."""
    campaign = session.get_one(Campaign, campaign_id)
    counted = (
        select(Survey.state, Survey.score, func.count(), func.sum(Survey.attempts))
        .where(Survey.campaign_id == campaign_id)
        .group_by(Survey.state, Survey.score)
    )
    states: dict[SurveyState, int] = {}
    scores: dict[int, int] = {}
    calls = 0
    for state, score, count, attempts in session.execute(counted):
        states[state] = states.get(state, 0) + count
        if score is not None:
            scores[score] = scores.get(score, 0) + count
        calls += attempts or 0
    return campaign, CampaignProgress(states, dict(sorted(scores.items())), calls)
