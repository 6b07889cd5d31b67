"""The policy as its file has it: each value with its rule, what stands beside it, and what would be right."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AbstractTable

from models.policy.policy import Policy
from models.settings import choices_of, right_of


@dataclass(frozen=True)
class Entry:
    """`note` is the file's own comment; `right` and `right_zh` say which values are right; `choices` are all that
    there are, where they are few."""

    key: str
    value: Any
    rule: str
    note: str
    right: str
    right_zh: str
    choices: Sequence[Any] = ()

    @property
    def name(self) -> str:
        return self.key.rpartition(".")[2]


@dataclass(frozen=True)
class Section:
    name: str
    note: str
    entries: list[Entry]


def sections(file: Path) -> list[Section]:
    """In the order of the file. The file has been checked: it is the one that the programs run with, or follows it."""
    return _in_text(file.read_text(encoding="utf-8"))


# Parsing takes four fifths of the time of a page: as long as the text is the same it is done once.
@lru_cache(maxsize=2)
def _in_text(text: str) -> list[Section]:
    return [one for one in _sections(tomlkit.parse(text), "") if one.entries]


def find(file: Path, key: str) -> Entry | None:
    return next((entry for section in sections(file) for entry in section.entries if entry.key == key), None)


def _sections(table: Any, prefix: str) -> Iterator[Section]:
    for name, item in table.items():
        if not isinstance(item, AbstractTable):
            continue
        key = f"{prefix}{name}"
        yield Section(
            key, _note(item), [_entry(f"{key}.{one}", value) for one, value in item.items() if _is_entry(value)]
        )
        yield from _sections({one: value for one, value in item.items() if not _is_entry(value)}, f"{key}.")


def _is_entry(item: Any) -> bool:
    return isinstance(item, dict) and "value" in item


def _entry(key: str, item: Any) -> Entry:
    value = item["value"]
    plain = value.unwrap() if hasattr(value, "unwrap") else value
    loc = key.split(".")
    right, right_zh = right_of(Policy, loc)
    return Entry(key, plain, str(item.get("rule", "")), _note(item), right, right_zh, choices_of(Policy, loc))


def _note(item: Any) -> str:
    return str(item.trivia.comment).lstrip("# ").strip()
