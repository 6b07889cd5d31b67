"""A call is scored on the site's own form; nobody scores himself, the agent sees what is published (R04-1, R13-7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models.calls import calls
from models.calls.calls import CallRecord
from models.database.changes import change
from models.errors import MoveRefused
from models.people import people
from models.policy import Policy
from models.policy.quality import Criterion
from models.quality import training
from models.quality.offered import HEARD
from models.states.calls import RecordingKind
from models.states.quality import Mark
from models.tables import Call, ScoredCriterion, Scoring
from models.text import signs
from models.tickets import impartial

VALUES = {Mark.MET: 1.0, Mark.PARTLY: 0.5, Mark.NOT_MET: 0.0}
"""The share of its weight that a mark gives; a criterion that is not applicable counts nowhere."""


@dataclass(frozen=True)
class Scored:
    """A scoring with its lines. `closed`: its call has become a complaint about its reader (R15-6)."""

    scoring: Scoring
    call: Call
    lines: list[ScoredCriterion]
    closed: bool

    @property
    def weak(self) -> list[ScoredCriterion]:
        """What was not met in full."""
        return [line for line in self.lines if line.mark in (Mark.PARTLY, Mark.NOT_MET)]


def total(form: Mapping[str, Criterion], marks: Mapping[str, Mark]) -> float | None:
    """Of 100; None when nothing on the form was applicable."""
    counted = [(form[key].weight, VALUES[mark]) for key, mark in marks.items() if mark in VALUES]
    whole = sum(weight for weight, _ in counted)
    return 100 * sum(weight * value for weight, value in counted) / whole if whole else None


def to_score(session: Session, call_id: int, staff_number: str, *, who: str) -> tuple[CallRecord, Scoring | None]:
    """The call, and its scoring so far, if `who` may score what this person did in it. Raises MoveRefused."""
    call = session.get(Call, call_id)
    if call is None:
        raise MoveRefused(f"there is no call {call_id}", f"没有来电 {call_id}")
    found = record(session, call)
    _check(session, found, staff_number, who=who)
    before = session.scalar(select(Scoring).where(Scoring.call_id == call_id, Scoring.staff_number == staff_number))
    if before is not None and (before.published_at is not None or before.scorer != who):
        raise MoveRefused(f"this call has been scored by {before.scorer} already", f"该通话已由 {before.scorer} 评分")
    return found, before


def record(session: Session, call: Call) -> CallRecord:
    """Everything written about its call."""
    return calls.records_of(session, [call])[0]


def _check(session: Session, record: CallRecord, staff_number: str, *, who: str) -> None:
    talked = {talk.staff_number for talk in record.talks}
    if who == staff_number or who in talked:
        raise MoveRefused("nobody scores a call in which he or she has talked", "不能给自己参与的通话评分")
    if staff_number not in talked:
        raise MoveRefused(f"{staff_number} has not talked in this call", f"{staff_number} 没有参与这通电话")
    if not any(one.kind is RecordingKind.TALK and one.state in HEARD for one in record.recordings):
        raise MoveRefused("this call has no recording that can be heard", "该通话没有可以收听的录音")
    _check_open(session, record.call, staff_number, who=who)


def _check_open(session: Session, call: Call, staff_number: str, *, who: str) -> None:
    """Raises MoveRefused when the call came by a complaint about the scorer, or about the agent, who could not be shown
    the result."""
    if impartial.closed_to(session, who).call(call):
        raise MoveRefused("this call is a complaint about you (R15-6)", "该通话是对您本人的投诉（R15-6）")
    if impartial.closed_to(session, staff_number).call(call):
        raise MoveRefused(
            f"this call is a complaint about {staff_number}, to whom it is closed: the complaint decides (R15-6)",
            f"该通话是对 {staff_number} 的投诉，对其不公开：以投诉处理结果为准（R15-6）",
        )


def save(
    session: Session,
    call_id: int,
    staff_number: str,
    marks: Mapping[str, Mark],
    comment: str,
    *,
    who: str,
    at: datetime,
    policy: Policy,
) -> Scoring:
    """Scores what this person did in the call, or corrects it before it is published. Raises MoveRefused."""
    _, scoring = to_score(session, call_id, staff_number, who=who)
    form = policy.quality.form
    if missing := [criterion for key, criterion in form.items() if key not in marks]:
        raise MoveRefused(
            f"not scored yet: {'; '.join(one.en for one in missing)}",
            f"还没有评：{'；'.join(one.zh for one in missing)}",
        )
    points = total(form, {key: marks[key] for key in form})
    if points is None:
        raise MoveRefused("a call to which nothing applies has no score", "全部不适用的通话无法评分")
    if scoring is None:
        person = people.staff(session, staff_number)
        department = person.group if person else None
        scoring = Scoring(call_id=call_id, staff_number=staff_number, department=department)
        session.add(scoring)
    else:
        session.execute(delete(ScoredCriterion).where(ScoredCriterion.scoring_id == scoring.id))
    scoring.scorer, scoring.scored_at, scoring.total = who, at, points
    scoring.comment, scoring.policy_version = signs.written(comment), policy.version
    session.flush()
    session.add_all(
        ScoredCriterion(scoring_id=scoring.id, key=key, place=place, mark=marks[key], **criterion.model_dump())
        for place, (key, criterion) in enumerate(form.items())
    )
    session.flush()
    return scoring


def publish(session: Session, scoring_id: int, *, who: str, at: datetime, policy: Policy) -> Scoring:
    """From now on the agent sees it, and it counts in reports; training may become due. Raises MoveRefused."""
    scoring = _of_others(session, scoring_id, who=who)
    _check_open(session, session.get_one(Call, scoring.call_id), scoring.staff_number, who=who)
    first = change(
        session,
        update(Scoring)
        .where(Scoring.id == scoring_id, Scoring.published_at.is_(None))
        .values(published_at=at, published_by=who),
    )
    if not first:
        raise MoveRefused("this scoring has been published already", "该评分已发布")
    session.refresh(scoring)
    training.owe(session, scoring, at=at, policy=policy)
    session.flush()
    return scoring


def remark(session: Session, scoring_id: int, text: str, *, who: str, at: datetime) -> None:
    """The agent answers a published scoring, once. Raises MoveRefused."""
    text = signs.written(text)
    if not text:
        raise MoveRefused("say what is to be written", "请写明内容")
    said = change(
        session,
        update(Scoring)
        .where(Scoring.id == scoring_id, Scoring.staff_number == who)
        .where(Scoring.published_at.is_not(None), Scoring.remark.is_(None))
        .values(remark=text, remarked_at=at),
    )
    if not said:
        raise MoveRefused("this result has been answered already", "该结果已回复过，只能回复一次")


def get(session: Session, scoring_id: int, *, reader: str) -> Scored:
    """One scoring, for somebody who judges quality. Raises MoveRefused for the own one, and when it is closed."""
    (found,) = _with_lines(session, [_of_others(session, scoring_id, who=reader)], reader)
    if found.closed:
        raise MoveRefused("this call is a complaint about you (R15-6)", "该通话是对您本人的投诉（R15-6）")
    return found


def published_to(session: Session, staff_number: str, *, limit: int) -> list[Scored]:
    """The newest results of this person (R13-7)."""
    newest = select(Scoring).where(Scoring.staff_number == staff_number, Scoring.published_at.is_not(None))
    newest = newest.order_by(Scoring.published_at.desc(), Scoring.id.desc()).limit(limit)
    return _with_lines(session, session.scalars(newest).all(), staff_number)


def of_staff(session: Session, staff_number: str, since: datetime, until: datetime, *, reader: str) -> list[Scored]:
    """Published from `since` to before `until`, the newest first, without what is closed to the reader."""
    within = Scoring.published_at >= since, Scoring.published_at < until
    query = select(Scoring).where(Scoring.staff_number == staff_number, *within)
    found = session.scalars(query.order_by(Scoring.published_at.desc(), Scoring.id.desc())).all()
    return [one for one in _with_lines(session, found, reader) if not one.closed]


def not_published(session: Session, *, reader: str, limit: int) -> list[Scored]:
    """What has been scored and not published yet, without the reader's own."""
    drafts = select(Scoring).where(Scoring.published_at.is_(None), Scoring.staff_number != reader)
    found = session.scalars(drafts.order_by(Scoring.id.desc()).limit(limit)).all()
    return [one for one in _with_lines(session, found, reader) if not one.closed]


def of_calls(session: Session, ids: Sequence[int], *, reader: str) -> dict[tuple[int, str], Scoring]:
    """By call and staff number, without the reader's own."""
    query = select(Scoring).where(Scoring.call_id.in_(ids), Scoring.staff_number != reader)
    return {(one.call_id, one.staff_number): one for one in session.scalars(query)}


def _of_others(session: Session, scoring_id: int, *, who: str) -> Scoring:
    scoring = session.get(Scoring, scoring_id)
    if scoring is None:
        raise MoveRefused("there is no such scoring", "没有这个评分")
    if scoring.staff_number == who:
        raise MoveRefused("your own results are on your page once they are published", "您本人的结果发布后在您的页面上")
    return scoring


def _with_lines(session: Session, found: Sequence[Scoring], reader: str) -> list[Scored]:
    ids = [one.id for one in found]
    query = select(ScoredCriterion).where(ScoredCriterion.scoring_id.in_(ids)).order_by(ScoredCriterion.place)
    lines = session.scalars(query).all()
    closed = impartial.closed_to(session, reader)
    by_id = {call.id: call for call in session.scalars(select(Call).where(Call.id.in_([one.call_id for one in found])))}
    return [
        Scored(
            one,
            by_id[one.call_id],
            [line for line in lines if line.scoring_id == one.id],
            closed.call(by_id[one.call_id]),
        )
        for one in found
    ]
