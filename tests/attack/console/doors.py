"""Every page and act of the console, as its routers list them, at an address that is really there."""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

from console.pages.application import ROUTERS
from models.people.rights import Right
from tests.unit.test_rights_of_routes import table


class Door(NamedTuple):
    """`rights`: those that somebody needs; empty for everybody."""

    method: str
    path: str
    rights: frozenset[Right]


_OF_A_TICKET = ("/tickets", "/my-work")
_PLACES = {
    "/rooms": "1101",
    "/quality": "7002",
    "/agent": "1",
    "/roster": "1",
    "/admin/people": "7002",
    "/admin/telephones": "1101",
    "/admin/site": "8000",
    "/admin/owners": "1",
    "/admin/changes": "1",
}
_NAMED = {
    "key": "answer.rings",
    "name": "goodbye",
    "language": "zh",
    "section": "calls",
    "figure": "calls",
    "secret": "made-up",
}

FORM = dict(
    parse_qsl(
        "kind=repair&source=visit&severity=ordinary&problem=attack&need=attack&contact_name=attack&to=done&text=attack"
        "&told=1&due=2030-01-01T10:00&reason=attack&staff=7002&into=1002&name=attack&caller=139&value=9&why=attack"
        "&group=agents&role=manager&zh=x&en=x&phones=1101&wanted=true&administrator=true&telephone=13900139555"
        "&address=127.0.0.1&note=attack&room=1101&time_of_day=06:30&language=en&with_staff=7002&day=2030-01-01"
        "&first=2030-01-01&last=2030-01-02&number=7099&state=break&target=7002&call=1&task=1&publish=1"
        "&mark-greeting=met&page=/me&theme=dark&old=attack&password=attack attack&again=attack attack&then=/my-work"
    )
)
"""Fills every form; a form takes what it knows."""


def doors(ids: Mapping[str, int]) -> list[Door]:
    """`ids`: of rows that are there, by the name that a route has for them."""
    found: list[Door] = []
    for router in ROUTERS:
        for (method, path), rights in table(router).items():
            needed = frozenset(right for right in rights if isinstance(right, Right))
            found.append(Door(method, _filled(path, ids), needed))
    return found


def _filled(path: str, ids: Mapping[str, int]) -> str:
    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name == "number" and path.startswith(_OF_A_TICKET):
            return str(ids["ticket"])
        if name == "number":
            return next((value for start, value in _PLACES.items() if path.startswith(start)), "1")
        return str(ids.get(name, _NAMED.get(name, "1")))

    return re.sub(r"{(\w+)}", value, path)
