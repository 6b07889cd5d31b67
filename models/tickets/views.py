"""Views of the list of tickets that a person has saved; nobody else sees them."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.errors import MoveRefused
from models.tables import SavedView
from models.text.signs import one_line, written

MOST = 20
"""Views of one person."""
_LONGEST_NAME, _LONGEST_FILTERS = 40, 500


def of(session: Session, staff_number: str) -> list[SavedView]:
    return list(
        session.scalars(select(SavedView).where(SavedView.staff_number == staff_number).order_by(SavedView.name))
    )


def save(session: Session, staff_number: str, name: str, filters: str) -> None:
    """A view of the same name is replaced. Raises MoveRefused."""
    name = one_line(written(name))
    if not name:
        raise MoveRefused("give the view a name", "请给视图起个名称")
    if len(name) > _LONGEST_NAME or len(filters) > _LONGEST_FILTERS:
        raise MoveRefused(
            f"that is too long: a name has at most {_LONGEST_NAME} signs", f"太长：名称不超过 {_LONGEST_NAME} 个字"
        )
    own = of(session, staff_number)
    same = next((view for view in own if view.name == name), None)
    if same is not None:
        same.filters = filters
    elif len(own) >= MOST:
        raise MoveRefused(f"you have {MOST} views: delete one first", f"已有 {MOST} 个视图：请先删除一个")
    else:
        session.add(SavedView(staff_number=staff_number, name=name, filters=filters))
    session.flush()


def forget(session: Session, staff_number: str, view_id: int) -> None:
    """Deletes this view, if it is one of this person."""
    session.execute(delete(SavedView).where(SavedView.id == view_id, SavedView.staff_number == staff_number))
