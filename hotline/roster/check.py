"""`hotline roster check`: gaps, short shifts and overlaps of the coming days."""

from datetime import datetime, timedelta
from typing import Any

from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.opening import Opened
from models.clock import SystemClock
from models.roster import gaps, roster
from models.roster.gaps import GapKind, Lack, Overlap
from models.tables import Shift
from models.text.wording import say

MISSING = ("from", "until", "shift", "note", "rule")
OVERLAPS = ("from", "until", "group", "shift")


def check_roster(this: Opened, view: ListView, days: int | None) -> bool:
    """Prints them; True if nobody is missing. Raises StoreUnavailable."""
    now, language = SystemClock().now(), this.language
    days = days or this.policy.roster.alarm_days
    store = this.open_store()
    found = store.read(gaps.ahead, now, now + timedelta(days=days), this.site.days)
    shifts = store.read(roster.names)
    if view.as_json:
        print_json(
            {
                "until": now + timedelta(days=days),
                "missing": [_lack(one) for one in found.lacks],
                "overlaps": [_overlap(one) for one in found.overlaps],
            }
        )
        return not found.lacks
    if not shifts:
        print(say("尚未导入值班表", "no roster was imported yet", language))
        return True
    print(say(f"今后 {days} 天的空档和缺员", f"nobody or too few, in the next {days} days", language))
    print_table([_lack_texts(one, shifts, this) for one in found.lacks], MISSING, language, red=range(len(found.lacks)))
    print(say("重叠（仅提示）", "overlaps (for your information)", language))
    print_table([_overlap_texts(one, shifts, this) for one in found.overlaps], OVERLAPS, language)
    return not found.lacks


def _lack(lack: Lack) -> dict[str, Any]:
    return {
        "kind": lack.kind.value,
        "subject": lack.subject,
        "group": lack.group,
        "from": lack.starts_at,
        "until": lack.ends_at,
        "need": lack.need,
        "have": lack.have,
        "falls_to": lack.falls_to,
        "rule": lack.rule,
    }


def _overlap(overlap: Overlap) -> dict[str, Any]:
    return {
        "group": overlap.group or None,
        "staff": overlap.staff_number,
        "shifts": list(overlap.shifts),
        "from": overlap.starts_at,
        "until": overlap.ends_at,
    }


def _lack_texts(lack: Lack, shifts: dict[str, Shift], this: Opened) -> dict[str, str]:
    language = this.language
    if lack.kind is GapKind.SHORT:
        shift = _shift(lack.subject, shifts, this)
        note = say(f"需 {lack.need} 人，仅 {lack.have} 人", f"needs {lack.need}, has {lack.have}", language)
    else:
        shift = _group(lack.group, this)
        falls_to = _group(lack.falls_to, this) if lack.falls_to else ""
        note = say("无人值班", "nobody", language)
        if falls_to:
            note += say(f"，由{falls_to}应答", f": {falls_to} answers", language)
    return _times(lack.starts_at, lack.ends_at, this) | {"shift": shift, "note": note, "rule": lack.rule}


def _overlap_texts(overlap: Overlap, shifts: dict[str, Shift], this: Opened) -> dict[str, str]:
    who = overlap.staff_number or _group(overlap.group, this)
    names = " + ".join(_shift(name, shifts, this) for name in overlap.shifts)
    return _times(overlap.starts_at, overlap.ends_at, this) | {"group": who, "shift": names}


def _times(start: datetime, end: datetime, this: Opened) -> dict[str, str]:
    zone = this.site.time_zone
    return {"from": f"{start.astimezone(zone):%m-%d %H:%M}", "until": f"{end.astimezone(zone):%m-%d %H:%M}"}


def _shift(name: str, shifts: dict[str, Shift], this: Opened) -> str:
    return say(shifts[name].zh, shifts[name].en, this.language) if name in shifts else name


def _group(name: str, this: Opened) -> str:
    return next((say(group.zh, group.en, this.language) for group in this.site.groups if group.name == name), name)
