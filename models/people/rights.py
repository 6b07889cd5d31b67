"""What a person may see and do on the console follows from the post; to administer is a right given to a person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from models.language import Language
from models.site import Site
from models.states.people import Theme


class Right(StrEnum):
    CALLS = "calls"
    """My calls and my presence: everybody of the staff."""
    TICKETS = "tickets"
    """See tickets: `Person.department` says which."""
    HANDLE = "handle"
    """Change tickets."""
    DESK = "desk"
    """The front desk: rooms, stays, wake-ups."""
    DUTY = "duty"
    """The wall, the roster, the handover."""
    LEADER = "leader"
    """The management sheet and reports."""
    QUALITY = "quality"
    """Listen to recordings and score them (R04-1)."""
    ADMINISTER = "administer"
    """People, settings, prompts, the audit log."""
    PERSONAL = "personal"
    """See whole names and telephone numbers, with a reason; every time is logged (R05-9, R08-9)."""


_OF_EVERYBODY = frozenset({Right.CALLS, Right.TICKETS, Right.HANDLE})
_OF_ROLES = {
    "agent": {Right.PERSONAL},
    "technician": set[Right](),
    "attendant": set[Right](),
    "monitoring": {Right.DUTY},
    "supervisor": {Right.DUTY, Right.QUALITY, Right.PERSONAL},
    "manager": {Right.DUTY, Right.LEADER, Right.QUALITY, Right.PERSONAL},
    "general-manager": {Right.LEADER, Right.QUALITY, Right.PERSONAL},
}
_OF_THEIR_DEPARTMENT = ("technician", "attendant")
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in, by `sign_in`; `language` and `theme` are None while the person has not chosen."""

    number: str
    name: str
    role: str
    group: str
    rights: frozenset[Right]
    language: Language | None
    theme: Theme | None
    sign_in: int
    seen_at: datetime

    @property
    def department(self) -> str | None:
        """The only group whose tickets this person sees, besides the own ones; None: all."""
        return department_of(self.role, self.group)

    def seen_lately(self, at: datetime) -> bool:
        """Whether `sign_ins.seen` would change nothing."""
        return self.seen_at > at - SEEN_EVERY


def department_of(role: str, group: str | None) -> str | None:
    """As `Person.department`."""
    return group if role in _OF_THEIR_DEPARTMENT else None


def rights_of_role(role: str) -> frozenset[Right]:
    """The rights of a role in any group. Raises KeyError for a role that no site file has."""
    return _OF_EVERYBODY | _OF_ROLES[role]


def rights_of(role: str, group: str, *, administrator: bool, site: Site) -> frozenset[Right]:
    """The rights of a post: those of the role; those at the desk have the front desk, too. Raises KeyError."""
    rights = rights_of_role(role)
    if group == site.desk_group:
        rights |= {Right.DESK}
    return rights | {Right.ADMINISTER} if administrator else rights
