"""What stands in the menu: a page for each question, for those whose post has the right."""

from collections.abc import Collection
from typing import NamedTuple

from models.people.rights import Person, Right


class Entry(NamedTuple):
    path: str
    icon: str
    zh: str
    en: str
    right: Right


MENU = (
    Entry("/agent", "headset", "坐席", "Agent", Right.CALLS),
    Entry("/wall", "layout-dashboard", "现场", "Now", Right.DUTY),
    Entry("/tickets", "clipboard-list", "工单", "Tickets", Right.TICKETS),
    Entry("/my-work", "hard-hat", "我的任务", "My work", Right.HANDLE),
    Entry("/rooms", "bed-double", "房间", "Rooms", Right.DESK),
    Entry("/wakeups", "alarm-clock", "叫醒", "Wake-ups", Right.DESK),
    Entry("/roster", "calendar-days", "值班", "Roster", Right.CALLS),
    Entry("/handover", "arrow-right-left", "交接", "Handover", Right.CALLS),
    Entry("/sheet", "chart-column", "报表", "Figures", Right.LEADER),
    Entry("/quality", "star", "质检", "Quality", Right.QUALITY),
    Entry("/calls", "phone-incoming", "来电", "Calls", Right.QUALITY),
    Entry("/admin", "settings", "管理", "Admin", Right.ADMINISTER),
)
"""In the order of the menu."""
_FIRST = ((Right.LEADER, "/sheet"), (Right.DUTY, "/wall"))
"""The page that answers what a post asks first; that of everybody else is the first of the menu."""


def menu(rights: Collection[Right]) -> list[Entry]:
    return [entry for entry in MENU if entry.right in rights]


def home_of(person: Person) -> str:
    """The first page after signing in."""
    if person.department is not None:
        return "/my-work"
    return next((path for right, path in _FIRST if right in person.rights), menu(person.rights)[0].path)
