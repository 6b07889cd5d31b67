"""Staff, groups and phones; owners, units and their numbers; the access log."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.states.people import PhoneKind, PresenceState, ReportedBy
from models.tables.base import Base, UtcDateTime, word


class Group(Base):
    """A group of staff; when nobody in it answers, the phones of `neighbours` ring, too, then `supervisor` (R20-4)."""

    __tablename__ = "groups"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    zh: Mapped[str] = mapped_column(String(80))
    en: Mapped[str] = mapped_column(String(80))
    neighbours: Mapped[list[str]] = mapped_column(JSON)
    supervisor: Mapped[str | None] = mapped_column(String(20))


class Staff(Base):
    """A staff member. `number` is both telephone and staff number (工号); without `group` the person has left.

    `on_duty` is the presence dialled last (`Presence`), or else that of the site file. `idle_since` is the end of the
    last talk. `mobile` rings while the telephone is not registered (R05-1).
    """

    __tablename__ = "staff"
    __table_args__ = (Index(None, "group"),)

    number: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    group: Mapped[str | None] = mapped_column(ForeignKey("groups.name"))
    role: Mapped[str] = mapped_column(String(40))
    on_duty: Mapped[bool]
    idle_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mobile: Mapped[str | None] = mapped_column(String(40))


class Presence(Base):
    """A staff member reported "on duty" or "break", by telephone or on the page; `until` is empty for the last (R05-1).

    `said_again_at` is when the same was reported again, `reported_by` how it was reported last. Outside the person's
    turns it holds until `holds_until`.
    """

    __tablename__ = "presence"
    __table_args__ = (
        Index(None, "staff_number", "since"),
        Index(
            "uq_presence_now_staff_number",
            "staff_number",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # A number, not a foreign key: it stays after the person has left.
    staff_number: Mapped[str] = mapped_column(String(20))
    state: Mapped[PresenceState] = mapped_column(word(PresenceState))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    said_again_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    holds_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reported_by: Mapped[ReportedBy] = mapped_column(
        word(ReportedBy), default=ReportedBy.DIALLED, server_default=text("'dialled'")
    )


class Phone(Base):
    """A telephone with an account here: of one of the staff, or in a room."""

    __tablename__ = "phones"
    number: Mapped[str] = mapped_column(String(20), primary_key=True)
    kind: Mapped[PhoneKind] = mapped_column(word(PhoneKind))
    staff_number: Mapped[str | None] = mapped_column(ForeignKey("staff.number"))


class Unit(Base):
    """A dwelling or shop. `keyed` is what a caller keys for it: digits of the building, "-", digits of the unit."""

    __tablename__ = "units"
    __table_args__ = (Index(None, "building", "unit", unique=True), Index(None, "keyed"), Index(None, "unit"))

    id: Mapped[int] = mapped_column(primary_key=True)
    building: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(String(40))
    keyed: Mapped[str] = mapped_column(String(40))


class Owner(Base):
    """An owner or resident of one unit; a person with two units has two rows with the same number."""

    __tablename__ = "owners"
    __table_args__ = (Index(None, "unit_id", "name", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))


class OwnerPhone(Base):
    """A number an owner calls from, in the form of `models.text.numbers.normal`."""

    __tablename__ = "owner_phones"
    __table_args__ = (Index(None, "owner_id", "number", unique=True), Index(None, "number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("owners.id"))
    number: Mapped[str] = mapped_column(String(40))


class AccessEntry(Base):
    """Who looked at or changed personal data, when, and why (R05-9, R08-9).

    `place` counts from 1 without a gap; `sha256` is over this entry and that of the place before (`models.text.chain`).
    """

    __tablename__ = "access_log"
    __table_args__ = (Index(None, "at"), Index(None, "place", unique=True))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(Text)
    place: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))


class AccessHead(Base):
    """One row: place and hash of the newest entry of the access log. Who writes an entry locks it."""

    __tablename__ = "access_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
