"""Checks across the sections of a site file: numbers are unique, names exist, ports differ.

They read the raw tables, so that they also report when a value elsewhere in the file is malformed.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from models.errors import Problem
from models.settings import key_text
from models.site.mail import contradictions as mail_contradictions
from models.site.prices import contradictions as price_contradictions
from models.site.trunks import contradictions as trunk_contradictions


def contradictions(tables: dict[str, Any], file: Path) -> list[Problem]:
    """Everything in the file that contradicts something else in it."""
    found: list[Problem] = []
    own = (_numbers, _public_numbers, _groups, _references, _ports, _ranges, _rooms, _days, _certificate)
    for check in (*own, trunk_contradictions, mail_contradictions, price_contradictions):
        found += [
            Problem(file, key_text(loc, tables), wrong, right, wrong_zh, right_zh)
            for loc, wrong, wrong_zh, right, right_zh in check(tables)
        ]
    return found


Loc = tuple[str | int, ...]
Finding = tuple[Loc, str, str, str, str]


def _at(tables: Any, *loc: str | int) -> Any:
    for step in loc:
        try:
            tables = tables[step]
        except (KeyError, IndexError, TypeError):
            return None
    return tables


def _texts(tables: dict[str, Any], section: str, key: str) -> Iterator[tuple[Loc, str]]:
    """Every text at KEY of the section's items, or in a list at KEY; other values are reported elsewhere."""
    items = tables.get(section)
    places = [(section, at) for at in range(len(items))] if isinstance(items, list) else [(section,)]
    for place in places:
        value = _at(tables, *place, key)
        if isinstance(value, str):
            yield (*place, key), value
        elif isinstance(value, list):
            for at, text in enumerate(value):
                if isinstance(text, str):
                    yield (*place, key, at), text


def _twice(places: list[tuple[Loc, str]], tables: dict[str, Any], what: str, what_zh: str) -> Iterator[Finding]:
    first: dict[str, Loc] = {}
    for loc, text in places:
        if text in first:
            other = key_text(first[text], tables)
            yield (
                loc,
                f'"{text}" is used twice (also at {other})',
                f'"{text}" 重复（另见 {other}）',
                f"{what} of its own",
                f"各不相同的{what_zh}",
            )
        first.setdefault(text, loc)


def _numbers(tables: dict[str, Any]) -> Iterator[Finding]:
    places = [
        place
        for section, key in (("line", "number"), ("staff", "number"), ("rooms", "phones"), ("emergency", "numbers"))
        for place in _texts(tables, section, key)
    ]
    yield from _twice(places, tables, "a number", "号码")


def _public_numbers(tables: dict[str, Any]) -> Iterator[Finding]:
    yield from _twice(list(_texts(tables, "line", "did")), tables, "a public number", "公网号码")


def _groups(tables: dict[str, Any]) -> Iterator[Finding]:
    yield from _twice(list(_texts(tables, "group", "name")), tables, "a name", "名称")
    names = {text for _, text in _texts(tables, "group", "name")}
    peopled = {text for _, text in _texts(tables, "staff", "group")}
    for loc, name in _texts(tables, "group", "name"):
        if name not in peopled:
            yield (
                loc,
                f'group "{name}" has no staff',
                f'组 "{name}" 没有成员',
                "at least one [[staff]] with this group",
                "至少一个属于该组的 [[staff]]",
            )
    for loc, name in _texts(tables, "group", "neighbours"):
        if name in names and name == _at(tables, *loc[:2], "name"):
            yield loc, "names the group itself", "指向了本组", "another group", "其他组"


def _references(tables: dict[str, Any]) -> Iterator[Finding]:
    groups = {text for _, text in _texts(tables, "group", "name")}
    people = {text for _, text in _texts(tables, "staff", "number")}
    for section, key, known, what, what_zh in (
        ("line", "group", groups, "group", "组"),
        ("staff", "group", groups, "group", "组"),
        ("group", "neighbours", groups, "group", "组"),
        ("group", "supervisor", people, "staff number", "工号"),
        ("emergency", "told", groups | people, "group or staff number", "组或工号"),
    ):
        choices = ", ".join(sorted(known)) or "(none)"
        for loc, text in _texts(tables, section, key):
            if text not in known:
                yield (
                    loc,
                    f'"{text}" is no {what} of this file',
                    f'本文件中没有{what_zh} "{text}"',
                    f"one of {choices}",
                    f"以下之一：{choices}",
                )


def _ports(tables: dict[str, Any]) -> Iterator[Finding]:
    sip = _at(tables, "sip", "port")
    first, last = _at(tables, "rtp", "first"), _at(tables, "rtp", "last")
    apart, apart_zh = "ports that nothing else in this file uses", "本文件其他项未使用的端口"
    known: dict[int, str] = {}
    used = [("sip", "port"), ("http", "port"), ("agi", "port"), ("console", "port")]
    trunks = _at(tables, "trunk")
    places = [_at(tables, "sip"), *(trunks if isinstance(trunks, list) else [])]
    encrypted = any(_at(place, "tls") in ("optional", "required") for place in places)
    for section, key in [*used, ("sip", "tls_port")] if encrypted else used:
        port = _at(tables, section, key)
        if isinstance(port, int):
            if other := known.get(port):
                yield (section, key), f"{port} is also {other}", f"{port} 与 {other} 相同", apart, apart_zh
            known.setdefault(port, f"{section}.{key}")
    if isinstance(first, int) and isinstance(last, int) and isinstance(sip, int) and first <= sip <= last:
        yield (
            ("rtp", "first"),
            f"{first} to {last} holds sip.port {sip}",
            f"{first} 至 {last} 包含 sip.port {sip}",
            apart,
            apart_zh,
        )
    address, trunk = _at(tables, "sip", "address"), _at(tables, "carrier", "addresses")
    if isinstance(trunk, list) and address in trunk and _at(tables, "carrier", "port") == sip:
        yield (
            ("carrier", "addresses"),
            f"{address}:{sip} is this machine itself",
            f"{address}:{sip} 是本机自身",
            "the carrier's address",
            "运营商的地址",
        )


def _ranges(tables: dict[str, Any]) -> Iterator[Finding]:
    first, last = _at(tables, "rtp", "first"), _at(tables, "rtp", "last")
    # Two ports a phone, two phones a call, and Asterisk's own: fewer than twenty can't carry five calls.
    if isinstance(first, int) and isinstance(last, int) and last - first < 19:
        yield (
            ("rtp", "last"),
            f"{first} to {last} is too few ports",
            f"{first} 至 {last} 端口太少",
            "at least 20 ports, four per call",
            "至少 20 个端口，每个通话 4 个",
        )
    for key in ("floors", "per_floor"):
        pair = _at(tables, "rooms", key)
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(n, int) for n in pair) and pair[0] > pair[1]:
            yield ("rooms", key), f"{pair} runs backwards", f"{pair} 前大后小", "the smaller number first", "小的在前"


def _rooms(tables: dict[str, Any]) -> Iterator[Finding]:
    floors, rooms = _at(tables, "rooms", "floors"), _at(tables, "rooms", "per_floor")
    for pair in (floors, rooms):
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(n, int) for n in pair)):
            return
    for loc, number in _texts(tables, "rooms", "phones"):
        if not number.isdecimal():
            continue
        floor, room = int(number[:-2] or 0), int(number[-2:])
        if not (floors[0] <= floor <= floors[1] and rooms[0] <= room <= rooms[1]):
            yield (
                loc,
                f'"{number}" is no room of rooms.floors and rooms.per_floor',
                f'"{number}" 不在 rooms.floors 与 rooms.per_floor 范围内',
                f"{floors[0]}{rooms[0]:02} to {floors[1]}{rooms[1]:02}",
                f"{floors[0]}{rooms[0]:02} 至 {floors[1]}{rooms[1]:02}",
            )


def _days(tables: dict[str, Any]) -> Iterator[Finding]:
    """A run of days goes forward, is at most a year long, and no day is in two of them."""
    entries, seen = _at(tables, "calendar", "day"), dict[date, int]()
    for at, entry in enumerate(entries if isinstance(entries, list) else []):
        first = _at(entry, "date")
        last = _at(entry, "last") or first
        if not (type(first) is date and type(last) is date):
            continue
        if not first <= last <= first + timedelta(days=366):
            here = ("calendar", "day", at, "last")
            yield here, f"is {last}", f"现为 {last}", f"a date within a year of {first}", f"{first} 起一年内的日期"
            continue
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        twice = next((day for day in days if day in seen), None)
        if twice is not None:
            wrong, wrong_zh = f"{twice} is in another entry, too (no. {seen[twice] + 1})", f"{twice} 重复"
            yield ("calendar", "day", at, "date"), wrong, wrong_zh, "each day once", "每天只写一次"
        seen |= dict.fromkeys(days, at)


def _certificate(tables: dict[str, Any]) -> Iterator[Finding]:
    """A certificate of the site's own comes with its key."""
    for key, other in (("certificate", "key"), ("key", "certificate")):
        if not _at(tables, "sip", key) and _at(tables, "sip", other):
            wrong, wrong_zh = f"is empty, but sip.{other} is not", f"为空，而 sip.{other} 已填写"
            yield ("sip", key), wrong, wrong_zh, 'both files, or "" in both', '两个文件都填，或都为 ""'
