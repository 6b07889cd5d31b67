"""What guests are told when they are woken, besides the time: the weather, or a text that the desk enters for a day.

Whatever was entered stays on file: of the texts for a day the last one counts, and one without words says nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import MoveRefused
from models.tables import WakeUpText

__all__ = ["WakeUpText"]

LONGEST = 300
"""Signs in one language; how long it may take to say is policy."""
_CHINESE, _LATIN = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]")


class TextRefused(MoveRefused):
    """It can't be said so, or nothing is there to be cleared; the message says why, and what would be right."""


@dataclass(frozen=True)
class Said:
    """A text in one language, and the name of its sound."""

    text: str
    sound: str


def checked(text: str, language: str) -> str:
    """The text on one line. Raises TextRefused for one that is empty, too long, or not in this language (zh, en)."""
    plain = "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
    name_zh, name = ("中文", "Chinese") if language == "zh" else ("英文", "English")
    if not plain:
        raise TextRefused(f"the {name} text is empty", f"{name_zh}文字为空")
    if len(plain) > LONGEST:
        raise TextRefused(
            f"the {name} text has {len(plain)} characters: {LONGEST} at most",
            f"{name_zh}文字有 {len(plain)} 个字符:最多 {LONGEST} 个",
        )
    if language == "zh" and not _CHINESE.search(plain):
        raise TextRefused("the Chinese text has no Chinese in it; English belongs to --en",
                          "中文文字里没有汉字;英文请写在 --en")  # fmt: skip
    if language == "en" and (_CHINESE.search(plain) or not _LATIN.search(plain)):
        raise TextRefused("the English text is not English; Chinese belongs to --zh",
                          "英文文字不是英文;中文请写在 --zh")  # fmt: skip
    return plain


def enter(
    session: Session, since: date, until: date, *, zh: Said | None, en: Said | None, today: date, by: str, at: datetime
) -> WakeUpText:
    """Said on these local days, both included, in place of whatever was. Raises TextRefused."""
    if since < today:
        raise TextRefused(f"{since} is past", f"{since} 已经过去")
    if until < since:
        raise TextRefused(f"{until} is before {since}", f"{until} 早于 {since}")
    row = WakeUpText(
        from_date=since, until_date=until, zh=zh and zh.text, zh_sound=zh and zh.sound, en=en and en.text,
        en_sound=en and en.sound, set_by=by[:80], set_at=at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def clear(session: Session, since: date, until: date | None, *, today: date, by: str, at: datetime) -> WakeUpText:
    """Nothing is said on these days (without `until`: from `since` on). Raises TextRefused when nothing was to be."""
    rows = _from(session, since)
    last = until or max((row.until_date for row in rows), default=since)
    days = (date.fromordinal(day) for day in range(since.toordinal(), last.toordinal() + 1))
    if not any(_counts(rows, day) for day in days):
        raise TextRefused(f"no text entered for {since} or later" if until is None else
                          f"no text entered for {since} to {until}",
                          f"{since} 起没有登记播报文字" if until is None else
                          f"{since} 至 {until} 没有登记播报文字")  # fmt: skip
    return enter(session, since, last, zh=None, en=None, today=today, by=by, at=at)


def of_day(session: Session, day: date) -> WakeUpText | None:
    """What is said on this local day."""
    return _counts(_from(session, day), day)


def newest(session: Session, *, limit: int) -> list[WakeUpText]:
    """All that was entered and cleared, the last first."""
    return list(session.scalars(select(WakeUpText).order_by(WakeUpText.id.desc()).limit(limit)))


def _from(session: Session, day: date) -> Sequence[WakeUpText]:
    """Those of this day and of later ones."""
    return session.scalars(select(WakeUpText).where(WakeUpText.until_date >= day)).all()


def _counts(rows: Sequence[WakeUpText], day: date) -> WakeUpText | None:
    """The last one of the day, if it has words."""
    mine = [row for row in rows if row.from_date <= day <= row.until_date]
    last = max(mine, key=lambda row: row.id, default=None)
    return last if last is not None and (last.zh or last.en) else None
