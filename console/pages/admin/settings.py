"""Groups, lines and rooms of the site; a change of a setting is proposed with its reason and approved by somebody."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from console.pages.admin import errand
from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.errors import ConfigError
from models.instance import changes, errands, in_use, serving
from models.instance.edits import Edit, present
from models.instance.errands import ErrandKind
from models.people import accounts
from models.people.rights import Right
from models.states.administration import ChangeState, SettingsFile

router = APIRouter(prefix="/admin")
_HISTORY = 50
_WITHIN_S = 10.0

Admin = Annotated[Visitor, may(Right.ADMINISTER)]
Text = Annotated[str, Form()]


@router.get("/site")
def site(visitor: Admin) -> Response:
    return page(visitor, "admin/site.html")


@router.post("/site/groups/{name}")
def change_group(
    visitor: Admin,
    name: str,
    zh: Text,
    en: Text,
    why: Text,
    neighbours: Annotated[Sequence[str], Form()] = (),
    supervisor: Text = "",
) -> Response:
    entry: dict[str, Any] = {"name": name, "zh": zh.strip(), "en": en.strip()}
    if neighbours:
        entry["neighbours"] = list(neighbours)
    if kinds := (present(visitor.instance.home, SettingsFile.SITE, f"group[{name}]") or {}).get("kinds"):
        entry["kinds"] = kinds
    if supervisor:
        entry["supervisor"] = supervisor
    return propose(visitor, SettingsFile.SITE, f"group[{name}]", entry, why)


@router.post("/site/lines/{number}")
def change_line(visitor: Admin, number: str, group: Text, why: Text, did: Text = "") -> Response:
    key = f"line[{number}]"
    entry = {**(present(visitor.instance.home, SettingsFile.SITE, key) or {}), "group": group, "did": listed_words(did)}
    return propose(visitor, SettingsFile.SITE, key, entry, why)


@router.post("/site/rooms")
def change_rooms(visitor: Admin, phones: Text, why: Text) -> Response:
    return propose(visitor, SettingsFile.SITE, "rooms.phones", listed_words(phones), why)


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
    return visitor.done("/admin/changes", "已否决", "rejected")


@router.post("/reload")
def reload(visitor: Admin) -> Response:
    if errand.done(visitor, ErrandKind.RELOAD, within_s=_WITHIN_S) is None:
        return visitor.done("/admin", "正在检查并生效", "the settings are being checked and applied")
    return visitor.done("/admin", "设置已生效", "the settings are applied")


def propose(visitor: Visitor, file: SettingsFile, key: str, value: Any, why: str) -> Response:
    """Goes to the page where it is approved. Raises MoveRefused."""
    edit = Edit(file, key, value)
    visitor.write(changes.propose, visitor.instance.home, edit, why=why, by=visitor.who, at=visitor.at)
    return visitor.done("/admin/changes", "已提出，批准后生效", "proposed: written as soon as it is approved")


def not_in_use(visitor: Visitor) -> in_use.Difference | None:
    """What has changed in the files and is not in use; None when a file has mistakes."""
    try:
        return in_use.not_in_use(visitor.instance.home)
    except ConfigError:
        return None


def listed_words(text: str) -> list[str]:
    """What stands between commas, in either language's form."""
    return [one.strip() for one in text.replace("，", ",").replace("、", ",").split(",") if one.strip()]
