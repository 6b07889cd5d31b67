"""A nuisance caller is not let in until a date: never an emergency number, one of our own, or one of the staff."""

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models.calls import gate
from models.database.changes import find
from models.database.numbers import here
from models.errors import MoveRefused
from models.policy import Policy
from models.site import Site
from models.states.gate import NumberClass
from models.tables import BlockedNumber, Staff
from models.tables.base import UtcDateTime
from models.text.numbers import plausible
from models.text.signs import written

__all__ = ["BlockedNumber", "CannotBlock"]

# Every call asks this, so it is built once: see `models.database.changes.run`.
_ROWS = BlockedNumber.metadata.tables["blocked_numbers"]
_NOW = (
    select(_ROWS.c.id)
    .where(_ROWS.c.number == bindparam("number"), _ROWS.c.until > bindparam("at", type_=UtcDateTime))
    .where(_ROWS.c.lifted_at.is_(None))
    .limit(1)
)
_LONGEST_WHY = 200


class CannotBlock(MoveRefused):
    """This number is not blocked, or cannot be; the message says why."""


def is_blocked(session: Session, number: str | None, *, at: datetime) -> bool:
    """Whether a caller with this number, as it is in the call's row, is not let in. A withheld number never is."""
    return number is not None and find(session, _NOW, number=number, at=at).first() is not None


def block(
    session: Session,
    number: str,
    *,
    until: datetime,
    why: str,
    by: str,
    at: datetime,
    site: Site,
    policy: Policy,
    apart: bool = False,
) -> BlockedNumber:
    """From now on. A number that is blocked already gets the new date and reason; with `apart` an entry of its own, for
    one who must not learn that it is (R08-9). Raises CannotBlock."""
    plain = here(session, number)
    if plain is None or not plausible(plain):
        raise CannotBlock(
            f"{number} is no telephone number: a caller who withholds his cannot be blocked",
            f"{number} 不是电话号码；隐藏号码的来电无法屏蔽",
        )
    kind = gate.class_of(plain, site, policy)
    if kind is NumberClass.EMERGENCY:
        raise CannotBlock(f"{number} is an emergency number", f"{number} 是紧急号码，不能屏蔽")
    if kind is NumberClass.OWN:
        raise CannotBlock(f"{number} is one of our own numbers", f"{number} 是本站号码，不能屏蔽")
    if plain in {here(session, mobile) for mobile in session.scalars(select(Staff.mobile)) if mobile}:
        raise CannotBlock(f"{number} belongs to one of the staff", f"{number} 是员工的手机，不能屏蔽")
    if until <= at:
        raise CannotBlock("the date is past: until when?", "日期已过，请写明屏蔽到何时")
    why = written(why)
    if not why or len(why) > _LONGEST_WHY:
        raise CannotBlock(f"say why, in 1 to {_LONGEST_WHY} characters", f"请写明原因，1 至 {_LONGEST_WHY} 字")
    now = select(BlockedNumber).where(BlockedNumber.number == plain, BlockedNumber.until > at)
    row = None if apart else session.scalar(now.where(BlockedNumber.lifted_at.is_(None)).limit(1))
    if row is None:
        row = BlockedNumber(number=plain)
        session.add(row)
    row.until, row.why, row.blocked_by, row.blocked_at = until, why, by[:80], at
    session.flush()
    return row


def lift(session: Session, number: str, *, by: str, at: datetime) -> None:
    """It is let in again from now on. Raises CannotBlock when it is not blocked."""
    plain = here(session, number) or number
    now = select(BlockedNumber).where(BlockedNumber.number == plain, BlockedNumber.until > at)
    rows = list(session.scalars(now.where(BlockedNumber.lifted_at.is_(None))))
    if not rows:
        raise CannotBlock(f"{number} is not blocked", f"{number} 未被屏蔽")
    for row in rows:
        row.lifted_by, row.lifted_at = by[:80], at


def lift_entry(session: Session, entry: int, *, by: str, at: datetime) -> BlockedNumber | None:
    """Ends this entry alone, for one who may not see its number: the row, or None when there is none. Raises
    CannotBlock."""
    row = session.get(BlockedNumber, entry)
    if row is not None and (row.lifted_at is not None or row.until <= at):
        raise CannotBlock(f"entry {entry} of the block list is over already", f"屏蔽名单第 {entry} 条已经失效")
    if row is not None:
        row.lifted_by, row.lifted_at = by[:80], at
    return row


def newest(session: Session, *, limit: int) -> list[BlockedNumber]:
    """The longest blocked first, also those whose time is over."""
    return list(session.scalars(select(BlockedNumber).order_by(BlockedNumber.until.desc()).limit(limit)))
