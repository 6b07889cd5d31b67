"""A policy.toml of an earlier version gets what it lacks from the delivered one; the site's own values all stay."""

import copy
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import AbstractTable, Table

from hotline.terminal.refusals import CommandError
from models.policy.policy import version_of
from models.settings import read_toml

# Below these the names are the site's own choice, and a missing one may have been left out on purpose.
_FREE = {("calendars",), ("profiles",), ("classes", "*"), ("calendars", "*", "seasons"), ("quality", "form")}

_FORMER = "respond_minutes"
_FORMER_MINUTES = {
    "repair": 240,
    "urgent-repair": 30,
    "complaint": 240,
    "enquiry": 2880,
    "suggestion": 1440,
    "message": 240,
    "general-manager": 1440,
    "fault": 30,
}
"""[tickets.respond_minutes] as delivered: a site owns only the figures that it changed."""

_MOVED = {("call_back", name): ("outgoing", name) for name in ("poll_s", "lease_s")} | {
    ("call_back", "flagged"): ("gate", "premium")
}
"""Entries that were renamed; the site's own value moves with them."""


class CannotComplete(CommandError):
    """The file is left as it is; the text says why."""


def complete(file: Path, delivered: Path) -> tuple[list[str], Path | None]:
    """Writes what `file` lacks. Returns the added keys and the copy of the former file, or [] and None when nothing was
    missing.

    Raises ConfigError when the file can't be read, CannotComplete when one of its own values would be lost.
    """
    before = read_toml(file)
    text = file.read_text(encoding="utf-8")
    document, source = tomlkit.parse(text), tomlkit.parse(delivered.read_text(encoding="utf-8"))
    carried = [*_deadlines(document, source), *_moved(document, source)]
    added = carried + list(_fill(document, source, ()))
    if not added:
        return [], None
    whole = tomlkit.dumps(document)
    _check(before, whole, file)
    kept = file.with_name(f"policy-{version_of(file)}.toml")
    kept.write_text(text, encoding="utf-8")
    part = file.with_name(f".{file.name}.part")
    part.write_text(whole, encoding="utf-8")
    part.replace(file)
    return added, kept


def _fill(
    into: TOMLDocument | AbstractTable, source: TOMLDocument | AbstractTable, path: tuple[str, ...]
) -> Iterator[str]:
    """Adds what is missing, section by section, with its comments."""
    for key, item in source.items():
        here = (*path, key)
        if key not in into:
            if not (isinstance(into, Table) and into.is_super_table() and not isinstance(item, AbstractTable)):
                into.append(key, copy.deepcopy(item))
                yield ".".join(here)
        elif _is_section(item) and _is_section(into[key]) and not _free(here):
            yield from _fill(into[key], item, here)


def _deadlines(document: TOMLDocument, source: TOMLDocument) -> list[str]:
    """Early versions had deadlines in [tickets.respond_minutes]: those that the site changed move to [classes]."""
    tickets: Any = document.get("tickets")
    if not isinstance(tickets, AbstractTable) or _FORMER not in tickets:
        return []
    former: Any = tickets[_FORMER]
    del document["tickets"]
    for kind, entry in former.items():
        classes: Any = source["classes"]
        minutes = entry.get("value")
        if isinstance(minutes, int) and minutes != _FORMER_MINUTES.get(kind) and kind in classes:
            classes[kind]["respond"]["value"] = f"{minutes} minutes"
            classes[kind]["respond"]["rule"] = entry.get("rule")
    return [f"tickets.{_FORMER} -> classes"]


def _moved(document: TOMLDocument, source: TOMLDocument) -> Iterator[str]:
    """Entries that are in another section now."""
    for (section, name), (other, new) in _MOVED.items():
        old: Any = document.get(section)
        there: Any = document.get(other, {})
        if not isinstance(old, AbstractTable) or name not in old:
            continue
        wanted: Any = source[other]
        if new not in there and isinstance(old[name], dict):
            wanted[new].update(old[name])
        del old[name]
        yield f"{section}.{name} -> {other}.{new}"


def _is_section(item: object) -> bool:
    """A table of entries, and not an entry, which is { value, rule }."""
    return isinstance(item, AbstractTable) and not {"value", "rule"} & item.keys()


def _free(path: tuple[str, ...]) -> bool:
    return any(
        len(path) == len(free) and all(want in ("*", step) for want, step in zip(free, path, strict=True))
        for free in _FREE
    )


def _check(before: dict[str, Any], whole: str, file: Path) -> None:
    """Checks that all of the site's own values are still there. Raises CannotComplete."""
    after = dict(_leaves(tomllib.loads(whole)))
    for path, value in _leaves(before):
        if path[:2] != ("tickets", _FORMER) and path[:2] not in _MOVED and after.get(path) != value:
            raise CannotComplete(
                f"无法自动补全 {file}：{'.'.join(path)} 会受影响，请手工补写\n"
                f"{file} can't be completed: {'.'.join(path)} would be lost. Add what is missing by hand."
            )


def _leaves(table: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value
