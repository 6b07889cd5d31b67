"""A board is a part of a page that follows the rows; people of the same audience are sent the same HTML."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy.orm import Session

from console.pages.visitor import Visitor
from models.instance.instance import Instance
from models.language import Language
from models.people.rights import Right
from models.text.masking import Shown

MASKED = Shown(reveal=False)
MOST_OFTEN_S = 0.25
"""A board is read at most four times a second."""


@dataclass(frozen=True)
class Audience:
    """For whom a board is rendered: everything that makes it differ from another's. The less, the fewer renderings.

    `rights` are those that the template asks for; `number` is a staff number, for a personal board or where R15-6
    demands it; `argument` is what follows the board's name.
    """

    language: Language
    shown: Shown = MASKED
    rights: frozenset[Right] = frozenset()
    number: str | None = None
    group: str | None = None
    argument: str = ""


@dataclass(frozen=True)
class Onlooker(Audience):
    """What the templates know of an audience: `visitor`, as on a page."""

    at: datetime = field(kw_only=True)
    zone: tzinfo = field(kw_only=True)
    path: str = field(kw_only=True)
    """The page of its forms; a page that shows a refused form again does not watch the board with it."""
    typed: Mapping[str, str] = field(default_factory=dict, kw_only=True)


def everybody(visitor: Visitor, argument: str) -> Audience:
    """The audience of a board that is the same for all who read the same language."""
    return Audience(visitor.language, argument=argument)


Stamps = Callable[[Session], Mapping[str, Hashable]]
Read = Callable[[Session, Audience, datetime, Instance], Mapping[str, Any]]


@dataclass(frozen=True)
class Board:
    """`read` looks into the store and returns what `template` shows.

    It is read when something has been committed, and also every `every_s` seconds where time itself changes it. Ages
    need no such thing: `data-since` counts in the browser.
    """

    name: str
    right: Right
    template: str
    read: Read
    audience: Callable[[Visitor, str], Audience] = everybody
    every_s: float | None = None
    stamps: tuple[Stamps, ...] = ()
    """By staff number, what the board depends on, each read once for all who watch. While one's own stay the same, the
    board is read every `every_s` only."""
    most_often_s: float = MOST_OFTEN_S
    """More where it may lag a little, and would else be read often."""
    page: str = "/"
    """On which its forms stand."""
