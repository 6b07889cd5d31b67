"""Owners are looked up by name, unit or number; each change of their numbers is logged (R05-9)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from models.database.numbers import here
from models.errors import MoveRefused
from models.people import access_log
from models.tables import Owner, OwnerPhone, Unit
from models.text.numbers import NO_NUMBER, normal, plausible

AT_MOST = 50


@dataclass(frozen=True)
class Known:
    """One owner of one unit."""

    owner: Owner
    unit: Unit
    numbers: list[str]

    @property
    def where(self) -> str:
        return f"{self.unit.building}-{self.unit.unit}" if self.unit.building else self.unit.unit


def search(session: Session, text: str, *, whole: bool) -> list[Known]:
    """Those whose unit begins with the text, such as "3-1201" or "1201"; with `whole` also by name or number, which
    only somebody may who may see them. At most `AT_MOST`."""
    text = text.strip()
    if not text:
        return []
    building, _, unit = text.rpartition("-")
    in_unit = Unit.unit.startswith(unit, autoescape=True)
    conditions = [in_unit & (Unit.building == building) if building else in_unit]
    if whole:
        conditions.append(Owner.name.contains(text, autoescape=True))
        number = here(session, text)
        if number:
            conditions.append(Owner.id.in_(select(OwnerPhone.owner_id).where(OwnerPhone.number == number)))
    found = select(Owner, Unit).join(Unit, Unit.id == Owner.unit_id).where(or_(*conditions))
    rows = session.execute(found.order_by(Unit.building, Unit.unit, Owner.name).limit(AT_MOST)).all()
    return [Known(owner, unit, _numbers(session, owner.id)) for owner, unit in rows]


def find(session: Session, owner_id: int) -> Known:
    """Raises MoveRefused when there is none."""
    owner = session.get(Owner, owner_id)
    if owner is None:
        raise MoveRefused("there is no such owner", "没有这位业主")
    return Known(owner, session.get_one(Unit, owner.unit_id), _numbers(session, owner_id))


def add_number(session: Session, owner_id: int, written: str, *, by: str, at: datetime) -> None:
    """Raises MoveRefused for what is no number, or is the owner's already."""
    known = find(session, owner_id)
    number = normal(written)
    if number is None or not plausible(number):
        raise MoveRefused(f"{written} {NO_NUMBER[0]}", f"{written} {NO_NUMBER[1]}")
    number = here(session, written) or number
    if number in known.numbers:
        raise MoveRefused("the owner has this number already", "该业主已有这个号码")
    session.add(OwnerPhone(owner_id=owner_id, number=number))
    access_log.log(session, who=by, what="owner's number added", subject=f"owner {owner_id}: {number}", at=at)


def remove_number(session: Session, owner_id: int, phone_id: int, *, by: str, at: datetime) -> None:
    """Raises MoveRefused when the owner has no such number."""
    phone = session.get(OwnerPhone, phone_id)
    if phone is None or phone.owner_id != owner_id:
        raise MoveRefused("the owner has no such number", "该业主没有这个号码")
    session.execute(delete(OwnerPhone).where(OwnerPhone.id == phone_id))
    access_log.log(session, who=by, what="owner's number removed", subject=f"owner {owner_id}: {phone.number}", at=at)


def phones(session: Session, owner_id: int) -> list[OwnerPhone]:
    return list(session.scalars(select(OwnerPhone).where(OwnerPhone.owner_id == owner_id).order_by(OwnerPhone.id)))


def _numbers(session: Session, owner_id: int) -> list[str]:
    return [phone.number for phone in phones(session, owner_id)]
