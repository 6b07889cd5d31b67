"""The policy, a chapter at a time: each value in words with its rule, and a form that proposes another one."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response

from console.pages.admin.rules import rule_in_words
from console.pages.admin.settings import listed_words, propose
from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.errors import MoveRefused
from models.instance import changes
from models.people.rights import Right
from models.policy import listing, words
from models.policy.clocks import parts_of_span
from models.policy.listing import Entry, Section
from models.states.administration import SettingsFile

router = APIRouter(prefix="/admin/policy")

Admin = Annotated[Visitor, may(Right.ADMINISTER)]
Text = Annotated[str, Form()]


@router.get("")
def policy(visitor: Admin, q: str = "", chapter: str = "") -> Response:
    """One chapter; of all chapters what is looked for."""
    sections = listing.sections(visitor.instance.home.policy_file)
    opened = chapter if chapter in words.CHAPTERS else next(iter(words.CHAPTERS))
    return page(
        visitor,
        "admin/policy.html",
        sections=_found(sections, q.strip().lower()) if q.strip() else _of_chapter(sections, opened),
        chapters=words.CHAPTERS,
        chapter="" if q.strip() else opened,
        q=q,
        rule=rule_in_words,
        waiting={row.key for row in visitor.read(changes.proposed)},
    )


@router.get("/{key}")
def one(visitor: Admin, key: str) -> Response:
    entry = _entry(visitor, key)
    return page(
        visitor,
        "admin/value.html",
        entry=entry,
        span=parts_of_span(entry.value) if isinstance(entry.value, str) else None,
        units=words.units(visitor.language),
        rule=rule_in_words,
        history=[row for row in visitor.read(changes.newest, limit=500) if row.key == key],
    )


@router.post("/{key}")
def change(
    visitor: Admin,
    key: str,
    why: Text,
    value: Annotated[Sequence[str], Form()] = (),
    unit: Text = "",
    zh: Text = "",
    en: Text = "",
) -> Response:
    """`unit` comes with the amount of a deadline, `zh` and `en` with the points of a criterion."""
    before = _entry(visitor, key).value
    text = ", ".join(value)
    after: Any = {"weight": _number(text), "zh": zh, "en": en} if isinstance(before, dict) else _typed(before, text)
    return propose(visitor, SettingsFile.POLICY, key, f"{text.strip()} {unit}" if unit else after, why)


def _of_chapter(sections: Sequence[Section], chapter: str) -> list[tuple[Section, list[Entry]]]:
    tables = words.CHAPTERS[chapter][2]
    mine = [section for section in sections if section.name.partition(".")[0] in tables]
    return [(one, one.entries) for one in sorted(mine, key=lambda one: tables.index(one.name.partition(".")[0]))]


def _found(sections: Sequence[Section], wanted: str) -> list[tuple[Section, list[Entry]]]:
    found = [(section, [one for one in section.entries if wanted in _searched(section, one)]) for section in sections]
    return [(section, entries) for section, entries in found if entries]


def _searched(section: Section, entry: Entry) -> str:
    """Its name and the section's in both languages, its key, its rule, and what the file says beside it."""
    names = (*words.section_in_words(section.name), *words.value_in_words(entry.key))
    return " ".join((*names, entry.key, entry.rule, entry.note, rule_in_words(entry.rule, "zh"))).lower()


def _entry(visitor: Visitor, key: str) -> Entry:
    entry = listing.find(visitor.instance.home.policy_file, key)
    if entry is None:
        raise MoveRefused(f"the policy has no {key}", f"制度数值中没有 {key}")
    return entry


def _typed(before: Any, text: str) -> Any:
    """What was typed, as the kind of value that stands in the file."""
    text = text.strip()
    if isinstance(before, list):
        listed = listed_words(text)
        return [_number(one) for one in listed] if before and isinstance(before[0], int) else listed
    if isinstance(before, bool):
        return {"true": True, "false": False}.get(text, text)
    return text if isinstance(before, str) else _number(text)


def _number(text: str) -> Any:
    """What is no number is left as it is, for the check to refuse it in words."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, int | float) else text
