"""The policy with its rules, groups, lines and rooms; a change is proposed with its reason and approved by somebody."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from console.pages.admin import errand
from console.pages.admin.rules import rule_in_words
from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.errors import ConfigError, MoveRefused
from models.instance import changes, errands, in_use, serving
from models.instance.edits import Edit, present
from models.instance.errands import ErrandKind
from models.people import accounts
from models.people.rights import Right
from models.policy import listing
from models.states.administration import ChangeState, SettingsFile

router = APIRouter(prefix="/admin")
_HISTORY = 50
_WITHIN_S = 10.0

Admin = Annotated[Visitor, may(Right.ADMINISTER)]
Text = Annotated[str, Form()]


@router.get("/policy")
def policy(visitor: Admin, q: str = "") -> Response:
    sections = listing.sections(visitor.instance.home.policy_file)
    wanted = q.strip().lower()
    found = [
        (section, [entry for entry in section.entries if not wanted or wanted in _searched(entry)])
        for section in sections
    ]
    shown = [(section, entries) for section, entries in found if entries]
    return page(visitor, "admin/policy.html", sections=shown, q=q, rule=rule_in_words, waiting=_waiting(visitor))


@router.get("/policy/{key}")
def one(visitor: Admin, key: str) -> Response:
    entry = _policy_entry(visitor, key)
    history = [row for row in visitor.read(changes.newest, limit=500) if row.key == key]
    return page(visitor, "admin/value.html", entry=entry, rule=rule_in_words, history=history)


@router.post("/policy/{key}")
def change(visitor: Admin, key: str, value: Text, why: Text) -> Response:
    entry = _policy_entry(visitor, key)
    return propose(visitor, SettingsFile.POLICY, key, _typed(entry.value, value), why)


@router.get("/site")
def site(visitor: Admin) -> Response:
    return page(visitor, "admin/site.html")


@router.post("/site/groups/{name}")
def change_group(
    visitor: Admin, name: str, zh: Text, en: Text, why: Text, neighbours: Text = "", supervisor: Text = ""
) -> Response:
    entry: dict[str, Any] = {"name": name, "zh": zh.strip(), "en": en.strip()}
    if listed := _words(neighbours):
        entry["neighbours"] = listed
    if supervisor:
        entry["supervisor"] = supervisor
    return propose(visitor, SettingsFile.SITE, f"group[{name}]", entry, why)


@router.post("/site/lines/{number}")
def change_line(visitor: Admin, number: str, group: Text, why: Text, did: Text = "") -> Response:
    key = f"line[{number}]"
    entry = {**(present(visitor.instance.home, SettingsFile.SITE, key) or {}), "group": group, "did": _words(did)}
    return propose(visitor, SettingsFile.SITE, key, entry, why)


@router.post("/site/rooms")
def change_rooms(visitor: Admin, phones: Text, why: Text) -> Response:
    return propose(visitor, SettingsFile.SITE, "rooms.phones", _words(phones), why)


@router.get("/changes")
def listed(visitor: Admin) -> Response:
    def read(session: Session) -> dict[str, Any]:
        return {
            "proposed": changes.proposed(session),
            "history": [row for row in changes.newest(session, limit=_HISTORY) if row.decided_at],
            "alone": accounts.administrators(session) == [visitor.who],
            "latest_reload": errands.latest(session, ErrandKind.RELOAD),
        }

    home = visitor.instance.home
    return page(
        visitor,
        "admin/changes.html",
        **visitor.read(read),
        not_in_use=not_in_use(visitor),
        serving=serving.running(home),
    )


@router.post("/changes/{number}/approve")
def approve(visitor: Admin, number: int, note: Text = "") -> Response:
    visitor.write(changes.approve, number, by=visitor.who, note=note, at=visitor.at)
    if serving.running(visitor.instance.home) is not None:
        errand.wait(lambda: visitor.read(changes.find, number).state is not ChangeState.APPROVED, within_s=_WITHIN_S)
    return visitor.done("/admin/changes", "已批准", "approved")


@router.post("/changes/{number}/turn-down")
def turn_down(visitor: Admin, number: int, note: Text = "") -> Response:
    visitor.write(changes.turn_down, number, by=visitor.who, note=note, at=visitor.at)
    return visitor.done("/admin/changes", "已否决", "turned down")


@router.post("/reload")
def reload(visitor: Admin) -> Response:
    if errand.done(visitor, ErrandKind.RELOAD, within_s=_WITHIN_S) is None:
        return visitor.done("/admin", "正在检查并生效", "they are being checked and taken into use")
    return visitor.done("/admin", "设置已生效", "the settings are in use")


def propose(visitor: Visitor, file: SettingsFile, key: str, value: Any, why: str) -> Response:
    """Goes to the page where it is approved. Raises MoveRefused."""
    edit = Edit(file, key, value)
    visitor.write(changes.propose, visitor.instance.home, edit, why=why, by=visitor.who, at=visitor.at)
    return visitor.done("/admin/changes", "已提出,批准后生效", "proposed: it is written once it is approved")


def not_in_use(visitor: Visitor) -> in_use.Difference | None:
    """What has changed in the files and is not in use; None when a file has mistakes."""
    try:
        return in_use.not_in_use(visitor.instance.home)
    except ConfigError:
        return None


def _waiting(visitor: Visitor) -> set[str]:
    return {row.key for row in visitor.read(changes.proposed)}


def _policy_entry(visitor: Visitor, key: str) -> listing.Entry:
    entry = listing.find(visitor.instance.home.policy_file, key)
    if entry is None:
        raise MoveRefused(f"policy.toml has no {key}", f"policy.toml 中没有 {key}")
    return entry


def _searched(entry: listing.Entry) -> str:
    return f"{entry.key} {entry.rule} {entry.note} {rule_in_words(entry.rule, 'zh')}".lower()


def _typed(before: Any, text: str) -> Any:
    """What was typed, as the kind of value that stands in the file."""
    text = text.strip()
    if isinstance(before, list):
        words = _words(text)
        return [_number(one) for one in words] if before and isinstance(before[0], int) else words
    if isinstance(before, bool):
        return {"true": True, "false": False}.get(text, text)
    if isinstance(before, dict):
        return _table(text)
    return text if isinstance(before, str) else _number(text)


def _number(text: str) -> Any:
    """What is no number is left as it is, for the check to refuse it in words."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, int | float) else text


def _table(text: str) -> Any:
    """A criterion of the scoring form, as JSON; what is none is left as it is."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, dict) else text


def _words(text: str) -> list[str]:
    return [one.strip() for one in text.replace(",", ",").replace("、", ",").split(",") if one.strip()]
