"""What the front desk watches: the rooms, who is being woken, and the wake-up sheet of a day."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from console.live.boards import Audience, Board
from console.pages.desk import rack, wakeups
from models.instance.instance import Instance
from models.people.rights import Right

_MINUTE_S = 60.0


def _rack(session: Session, _: Audience, at: datetime, instance: Instance) -> Mapping[str, Any]:
    return {"floors": rack.floors(session)}


def _woken(session: Session, _: Audience, at: datetime, instance: Instance) -> Mapping[str, Any]:
    return {"woken": rack.being_woken(session)}


def _sheet(session: Session, audience: Audience, at: datetime, instance: Instance) -> Mapping[str, Any]:
    zone = instance.site.time_zone
    try:
        day = date.fromisoformat(audience.argument)
    except ValueError:
        day = at.astimezone(zone).date()
    return {"rows": wakeups.rows(session, day, zone)}


RACK = Board("rack", Right.DESK, "desk/rack.html", _rack)
WOKEN = Board("woken", Right.DESK, "desk/woken.html", _woken, every_s=_MINUTE_S, page="/wakeups")
SHEET = Board("sheet", Right.DESK, "desk/sheet.html", _sheet, page="/wakeups")
