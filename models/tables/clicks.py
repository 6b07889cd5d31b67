"""Clicks: what the staff want from a telephone, for the program that drives the calls."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.states.calls import ClickKind, ClickState
from models.tables.base import Base, UtcDateTime, word

_GOING_ON = text("ended_at IS NULL")


class Click(Base):
    """One of them: `staff_number` wants `target` (a number, or a colleague's) to be called, or something to happen to
    the talk of call `call_id`, or the task `task_id` to be called back.

    `with_reason`: the agent wants to say the reason of a transfer aloud. `node` has taken it. `call_id` of a call is
    its own conversation, once there is one. What it was passed on to is `transfer_id` or `call_to_make_id`. `refusal`
    says in English and, in a second line, in Chinese why it was refused at once.
    """

    __tablename__ = "clicks"
    __table_args__ = (
        Index(None, "staff_number", "made_at"),
        Index(None, "made_at"),
        Index("ix_clicks_going_on", "made_at", sqlite_where=_GOING_ON, postgresql_where=_GOING_ON),
        # Two clicks at once must not act twice.
        Index(
            "uq_clicks_going_on",
            "staff_number",
            "kind",
            unique=True,
            sqlite_where=_GOING_ON,
            postgresql_where=_GOING_ON,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_number: Mapped[str] = mapped_column(String(20))
    kind: Mapped[ClickKind] = mapped_column(word(ClickKind))
    target: Mapped[str | None] = mapped_column(String(40))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"))
    with_reason: Mapped[bool] = mapped_column(default=False)
    state: Mapped[ClickState] = mapped_column(word(ClickState), default=ClickState.WAITING)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    node: Mapped[str | None] = mapped_column(String(40))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(40))
    refusal: Mapped[str | None] = mapped_column(String(500))
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("transfers.id"))
    call_to_make_id: Mapped[int | None] = mapped_column(ForeignKey("calls_to_make.id"))
