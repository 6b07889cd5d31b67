"""Swaps and absences are requested, and apply after the consent of a manager who is not involved (R07-7, R09-7)."""

from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.database.changes import change
from models.errors import MoveRefused
from models.people import access_log, duties, people
from models.people.shifts import LONGEST
from models.roster import roster
from models.states.roster import SwapKind, SwapState
from models.tables import Duty, Group, Staff, Swap
from models.text.numbers import extension
from models.text.signs import written
from models.time.days import Days, check_near

__all__ = ["Swap", "SwapKind", "SwapRefused", "SwapState"]

DECIDE = ("manager", "general-manager")
"""Roles that may consent, besides the supervisor of the group."""


class SwapRefused(MoveRefused):
    """The request or decision is not possible; the text says why."""


def ask_swap(
    session: Session,
    staff_number: str,
    with_staff: str,
    day: date,
    *,
    back: date | None,
    shift: str | None,
    reason: str,
    by: str,
    at: datetime,
    zone: tzinfo,
) -> Swap:
    """Requests that `with_staff` takes the turn of `staff_number` on `day`, and the reverse on `back`, if given.

    Raises SwapRefused.
    """
    with_staff = _known(session, with_staff).number
    if staff_number == with_staff:
        raise SwapRefused(f"{staff_number} cannot swap with {staff_number}", f"{staff_number} 不能与本人换班")
    given = _turn(session, staff_number, day, shift, at, zone)
    returned = _turn(session, with_staff, back, None, at, zone) if back else None
    _check_free(session, with_staff, given, returned)
    if returned is not None:
        _check_free(session, staff_number, returned, given)
    swap = Swap(
        kind=SwapKind.SWAP,
        staff_number=staff_number,
        with_staff=with_staff,
        starts_at=given.starts_at,
        ends_at=given.ends_at,
        back_at=returned.starts_at if returned else None,
        back_ends_at=returned.ends_at if returned else None,
        over_at=max(given.ends_at, returned.ends_at if returned else given.ends_at),
        reason=written(reason),
        asked_by=by[:80],
        asked_at=at,
    )
    session.add(swap)
    session.flush()
    return swap


def ask_absence(
    session: Session,
    staff_number: str,
    start: datetime,
    end: datetime,
    *,
    with_staff: str | None,
    reason: str,
    by: str,
    at: datetime,
) -> Swap:
    """Requests an absence from `start` until `end`; `with_staff`, if given, stands in. Raises SwapRefused."""
    _known(session, staff_number)
    if end <= max(start, at):
        raise SwapRefused("an absence ends later than it begins, and than now", "请假结束时间应晚于开始时间和现在")
    check_near((end - timedelta(microseconds=1)).date(), at.astimezone(end.tzinfo).date())
    if with_staff is not None:
        with_staff = _known(session, with_staff).number
        if with_staff == staff_number:
            raise SwapRefused(f"{staff_number} cannot stand in for {staff_number}", f"{staff_number} 不能由本人顶班")
        for turn in duties.between(session, max(start, at), end, [staff_number]):
            _check_free(session, with_staff, turn, None)
    swap = Swap(
        kind=SwapKind.ABSENCE,
        staff_number=staff_number,
        with_staff=with_staff,
        starts_at=max(start, at),
        ends_at=end,
        over_at=end,
        reason=written(reason),
        asked_by=by[:80],
        asked_at=at,
    )
    session.add(swap)
    session.flush()
    return swap


def approve(session: Session, swap_id: int, *, by: str, at: datetime, dates: Days, days: int) -> roster.Changed:
    """The manager consents, and the coming duties change. Raises SwapRefused, LookupError."""
    swap = _to_decide(session, swap_id, by)
    if swap.over_at <= at:
        raise SwapRefused(f"the time of request {swap_id} has passed", f"申请 {swap_id} 的时间已过")
    if swap.kind is SwapKind.SWAP:
        _check_still_his(session, swap.staff_number, swap.starts_at)
        if swap.back_at is not None and swap.with_staff is not None:
            _check_still_his(session, swap.with_staff, swap.back_at)
    _decide(session, swap, SwapState.APPROVED, by, "", at)
    return roster.extend(session, at=at, dates=dates, days=days)


def refuse(session: Session, swap_id: int, *, by: str, why: str, at: datetime) -> Swap:
    """The manager refuses, with the reason. Raises SwapRefused, LookupError."""
    why = written(why)
    if not why:
        raise SwapRefused("say why it is refused", "请说明不批准的原因")
    swap = _to_decide(session, swap_id, by)
    _decide(session, swap, SwapState.REFUSED, by, why, at)
    return swap


def newest(session: Session, *, limit: int) -> list[Swap]:
    """Requests that wait for a decision first, then decided ones, the newest first."""
    found: list[Swap] = []
    for states in ((SwapState.ASKED,), (SwapState.APPROVED, SwapState.REFUSED)):
        found += session.scalars(
            select(Swap).where(Swap.state.in_(states)).order_by(Swap.id.desc()).limit(limit - len(found))
        )
    return found


def _turn(session: Session, number: str, day: date, shift: str | None, at: datetime, zone: tzinfo) -> Duty:
    """The turn of this person that begins on this day of the site."""
    _known(session, number)
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    found = [
        duty
        for duty in duties.between(session, midnight, midnight + LONGEST, [number])
        if duty.starts_at.astimezone(zone).date() == day and shift in (None, duty.shift)
    ]
    if not found:
        raise SwapRefused(f"{number} has no such turn on {day}", f"{number} 在 {day} 没有这个班")
    if len(found) > 1:
        each = ", ".join(duty.shift for duty in found)
        raise SwapRefused(f"{number} has several turns on {day}: --shift {each}", f"{number} 在 {day} 有多个班：{each}")
    (duty,) = found
    if duty.starts_at <= at:
        raise SwapRefused(f"the turn of {number} on {day} has begun", f"{number} 在 {day} 的班已开始")
    return duty


def _check_free(session: Session, number: str, turn: Duty, instead: Duty | None) -> None:
    """Raises SwapRefused when this person has another turn at that time than the one given away."""
    for other in duties.between(session, turn.starts_at, turn.ends_at, [number]):
        if instead is None or other.id != instead.id:
            shift = roster.names(session)[other.shift]
            raise SwapRefused(
                f"{number} is already on duty then ({shift.en})", f"{number} 在该时段本来就当班（{shift.zh}）"
            )


def _check_still_his(session: Session, number: str, starts_at: datetime) -> None:
    turns = duties.between(session, starts_at, starts_at + timedelta(seconds=1), [number])
    if all(turn.starts_at != starts_at for turn in turns):
        raise SwapRefused(
            f"{number} no longer has this turn: refuse this request, and request it again",
            f"{number} 已没有这个班，请不予批准并重新申请",
        )


def _to_decide(session: Session, swap_id: int, by: str) -> Swap:
    swap = session.get(Swap, swap_id, with_for_update=True)
    if swap is None:
        raise LookupError(f"no request {swap_id}")
    if swap.state is not SwapState.ASKED:
        raise SwapRefused(
            f"request {swap_id} is {swap.state} already, by {swap.decided_by}",
            f"申请 {swap_id} 已由 {swap.decided_by} 处理",
        )
    manager = _known(session, by)
    if by in (swap.staff_number, swap.with_staff):
        raise SwapRefused(f"{by} is involved in this request (R09-7)", f"{by} 是当事人，不能审批（R09-7）")
    group = session.get(Group, _known(session, swap.staff_number).group)
    if manager.role not in DECIDE and (group is None or group.supervisor != by):
        raise SwapRefused(
            f"{by} is no manager: a manager or the group's supervisor consents (R09-7)",
            f"{by} 不是经理：须由经理或本组主管审批（R09-7）",
        )
    return swap


def _decide(session: Session, swap: Swap, state: SwapState, by: str, why: str, at: datetime) -> None:
    decided = {"state": state, "decided_by": by, "decided_at": at, "why": why}
    if change(session, update(Swap).where(Swap.id == swap.id, Swap.state == SwapState.ASKED).values(decided)) != 1:
        raise SwapRefused(f"request {swap.id} was decided meanwhile", f"申请 {swap.id} 已被处理")
    session.refresh(swap)
    access_log.log(session, who=by, what=f"{swap.kind} {state}", subject=f"roster request {swap.id}", at=at)


def _known(session: Session, number: str) -> Staff:
    found = people.staff(session, extension(number))
    if found is None:
        raise SwapRefused(f"nobody at work here has the number {number}", f"没有在职员工的工号是 {number}")
    return found
