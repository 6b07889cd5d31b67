"""What guests hear in wake-up calls besides the time: the weather, or a text that the desk enters for a day.

Every text stays on file: the last one entered for a day counts, and one without words says nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.tables import WakeupText
from models.text.spoken_text import TextRefused

__all__ = ["TextRefused", "WakeupText"]

LONGEST = 300
"""Characters in one language; the policy limits how long it may take to say."""


@dataclass(frozen=True)
class SpokenText:
    """A text in one language, with the name of its sound."""

    text: str
    sound: str


def enter(
    session: Session,
    since: date,
    until: date,
    *,
    zh: SpokenText | None,
    en: SpokenText | None,
    today: date,
    by: str,
    at: datetime,
) -> WakeupText:
    """Says this on these local days, both included, in place of earlier texts. Raises TextRefused."""
    if since < today:
        raise TextRefused(f"{since} is past", f"{since} 已经过去")
    if until < since:
        raise TextRefused(f"{until} is before {since}", f"{until} 早于 {since}")
    row = WakeupText(
        from_date=since,
        until_date=until,
        zh=zh and zh.text,
        zh_sound=zh and zh.sound,
        en=en and en.text,
        en_sound=en and en.sound,
        set_by=by[:80],
        set_at=at,
    )
    session.add(row)
    session.flush()
    return row


def clear(session: Session, since: date, until: date | None, *, today: date, by: str, at: datetime) -> WakeupText:
    """Says nothing on these days (without `until`: from `since` on). Raises TextRefused when there was no text."""
    rows = _from(session, since)
    last = until or max((row.until_date for row in rows), default=since)
    days = (date.fromordinal(day) for day in range(since.toordinal(), last.toordinal() + 1))
    if not any(_counts(rows, day) for day in days):
        raise TextRefused(
            f"no text entered for {since} or later" if until is None else f"no text entered for {since} to {until}",
            f"{since} 起没有登记播报文字" if until is None else f"{since} 至 {until} 没有登记播报文字",
        )
    return enter(session, since, last, zh=None, en=None, today=today, by=by, at=at)


def of_day(session: Session, day: date) -> WakeupText | None:
    """The text of this local day."""
    return _counts(_from(session, day), day)


def newest(session: Session, *, limit: int) -> list[WakeupText]:
    """All texts entered and cleared, the newest first."""
    return list(session.scalars(select(WakeupText).order_by(WakeupText.id.desc()).limit(limit)))


def _from(session: Session, day: date) -> Sequence[WakeupText]:
    """The texts of this day and of later days."""
    return session.scalars(select(WakeupText).where(WakeupText.until_date >= day)).all()


def _counts(rows: Sequence[WakeupText], day: date) -> WakeupText | None:
    """The last text of the day, if it has words."""
    mine = [row for row in rows if row.from_date <= day <= row.until_date]
    last = max(mine, key=lambda row: row.id, default=None)
    return last if last is not None and (last.zh or last.en) else None
