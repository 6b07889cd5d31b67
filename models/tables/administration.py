"""Changes of the settings files with their approval, and what administrators ask of the supervisor."""

from datetime import datetime

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.states.administration import ChangeState, ErrandKind, ErrandState, SettingsFile
from models.tables.base import Base, UtcDateTime, word


class SettingsChange(Base):
    """One value of a settings file: `before` and `after` are JSON, empty for an entry that is added or removed.

    `refusal` says in English and, in a second line, in Chinese why it was not written.
    """

    __tablename__ = "settings_changes"
    __table_args__ = (Index(None, "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[SettingsFile] = mapped_column(word(SettingsFile))
    key: Mapped[str] = mapped_column(String(200))
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(20))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[ChangeState] = mapped_column(word(ChangeState), default=ChangeState.PROPOSED)
    decided_by: Mapped[str | None] = mapped_column(String(20))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refusal: Mapped[str | None] = mapped_column(Text)


class Errand(Base):
    """What a person asks of the supervisor, who has rights that the console has not. `refusal` as in a change."""

    __tablename__ = "errands"
    __table_args__ = (
        Index(
            "ix_errands_waiting", "id", sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ErrandKind] = mapped_column(word(ErrandKind))
    subject: Mapped[str] = mapped_column(String(80))
    asked_by: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[ErrandState] = mapped_column(word(ErrandState), default=ErrandState.WAITING)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refusal: Mapped[str | None] = mapped_column(Text)
