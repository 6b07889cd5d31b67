"""Telephones: which are connected, and a password on request, which is logged before it is shown."""

from typing import Annotated, Any

from fastapi import APIRouter, Response

from console.pages.admin import errand
from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.errors import MoveRefused
from models.instance import asterisk_console, errands
from models.instance.asterisk_console import NoConsole
from models.instance.errands import ErrandKind
from models.people.rights import Right

router = APIRouter(prefix="/admin/telephones")
_WITHIN_S = 5.0

Admin = Annotated[Visitor, may(Right.ADMINISTER)]


@router.get("")
def telephones(visitor: Admin) -> Response:
    return page(visitor, "admin/telephones.html", **_telephones(visitor))


@router.post("/{number}/password")
def password(visitor: Admin, number: str) -> Response:
    """It stands on this page alone."""
    asked = errand.done(visitor, ErrandKind.PASSWORD, number, within_s=_WITHIN_S)
    if asked is None:
        raise MoveRefused("the supervisor does not answer: try again", "后台未响应，请重试")
    found = errands.taken(visitor.instance.home, asked.id)
    return page(visitor, "admin/telephones.html", **_telephones(visitor) | {"shown": number, "secret": found})


def _telephones(visitor: Visitor) -> dict[str, Any]:
    site = visitor.instance.site
    try:
        contacts: dict[str, Any] | None = asterisk_console.contacts(visitor.instance.home)
    except NoConsole:
        contacts = None
    names = {person.number: person.name for person in site.staff}
    kinds = [
        ("staff", [number for number in site.phones if number in names]),
        ("rooms", [number for number in site.phones if number not in names]),
        ("gateways", list(site.gateways)),
    ]
    return {"contacts": contacts, "names": names, "kinds": kinds, "shown": "", "secret": {}}
