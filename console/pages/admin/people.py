"""Who works here and what each may do: links, the right to administer, and the entry in the site file."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response

from console.pages.admin.settings import propose
from console.pages.fields import StaffNumber
from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.errors import MoveRefused
from models.people import accounts
from models.people.rights import Right, rights_of
from models.site.people import StaffMember
from models.states.administration import SettingsFile

router = APIRouter(prefix="/admin/people")

Admin = Annotated[Visitor, may(Right.ADMINISTER)]
Text = Annotated[str, Form()]
ROLES = ("agent", "supervisor", "technician", "monitoring", "attendant", "manager", "general-manager")


@router.get("")
def everybody(visitor: Admin) -> Response:
    return page(visitor, "admin/people.html", people=visitor.read(accounts.everybody))


@router.get("/new")
def new_form(visitor: Admin) -> Response:
    return page(visitor, "admin/new_person.html", roles=ROLES)


@router.post("/new")
def new(
    visitor: Admin,
    number: StaffNumber,
    name: Text,
    group: Text,
    role: Text,
    why: Text,
    mobile: Text = "",
    on_duty: Text = "",
) -> Response:
    if any(person.number == number for person in visitor.instance.site.staff):
        raise MoveRefused(f"{number} is taken already", f"{number} 已有人使用")
    return propose(
        visitor, SettingsFile.SITE, f"staff[{number}]", _entry(number, name, group, role, mobile, on_duty), why
    )


@router.get("/{number}")
def one(visitor: Admin, number: str) -> Response:
    return page(visitor, "admin/person.html", **_person(visitor, number))


@router.post("/{number}/link")
def link(visitor: Admin, number: str, administrator: Annotated[bool, Form()] = False) -> Response:
    """The link is shown once, on this page."""
    hours = visitor.instance.policy.console.link_hours
    secret = visitor.write(
        accounts.make_link,
        number,
        administrator=administrator,
        by=visitor.who,
        at=visitor.at,
        good_for=timedelta(hours=hours),
    )
    address = visitor.instance.site.console_url + accounts.LINK_PATH + secret
    return page(visitor, "admin/person.html", **_person(visitor, number) | {"link": address, "hours": hours})


@router.post("/{number}/administrator")
def set_administrator(visitor: Admin, number: str, wanted: Annotated[bool, Form()]) -> Response:
    visitor.write(accounts.set_administrator, number, wanted, by=visitor.who, at=visitor.at)
    return visitor.done(f"/admin/people/{number}", "已保存", "saved")


@router.post("/{number}/entry")
def change(
    visitor: Admin, number: str, name: Text, group: Text, role: Text, why: Text, mobile: Text = "", on_duty: Text = ""
) -> Response:
    return propose(
        visitor, SettingsFile.SITE, f"staff[{number}]", _entry(number, name, group, role, mobile, on_duty), why
    )


@router.post("/{number}/leave")
def leave(visitor: Admin, number: str, why: Text) -> Response:
    return propose(visitor, SettingsFile.SITE, f"staff[{number}]", None, why)


def _entry(number: str, name: str, group: str, role: str, mobile: str, on_duty: str) -> dict[str, Any]:
    entry = {"number": number, "name": name.strip(), "group": group, "role": role, "on_duty": bool(on_duty)}
    return entry | ({"mobile": mobile.strip()} if mobile.strip() else {})


def _person(visitor: Visitor, number: str) -> dict[str, Any]:
    listed = next((one for one in visitor.read(accounts.everybody) if one.staff.number == number), None)
    if listed is None:
        raise MoveRefused(f"nobody at work here has the number {number}", f"没有在职员工的工号是 {number}")
    entry: StaffMember | None = next((one for one in visitor.instance.site.staff if one.number == number), None)
    staff, site = listed.staff, visitor.instance.site
    rights = sorted(rights_of(staff.role, staff.group or "", administrator=listed.administrator, site=site))
    return {"listed": listed, "entry": entry, "person_rights": rights, "roles": ROLES, "link": "", "hours": 0}
