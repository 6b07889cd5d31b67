"""Whether all is well: the parts, the test calls of the last day, the trunks, what is open."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from console.pages.admin.settings import not_in_use
from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.health import alarms, canaries, parts, trunks
from models.health.open_work import counted
from models.instance import changes, errands, serving
from models.instance.errands import ErrandKind
from models.people import bans
from models.people.rights import Right

router = APIRouter(prefix="/admin")
_CANARIES = 288
_BEATING = ("ivr", "scheduler", "console")


@router.get("")
def overview(visitor: Annotated[Visitor, may(Right.ADMINISTER)]) -> Response:
    instance = visitor.instance

    def read(session: Session) -> dict[str, Any]:
        known = trunks.every(session)
        return {
            "canaries": list(reversed(canaries.recent(session, limit=_CANARIES))),
            "failed": canaries.failed_since(session, visitor.at - timedelta(days=1)),
            "counts": counted(session, visitor.at),
            "alarms": alarms.raised(session, instance, visitor.at),
            "trunks": [(trunk, known.get(trunk.name)) for trunk in instance.site.trunks],
            "bans": len(bans.active(session, at=visitor.at)),
            "proposed": changes.proposed(session),
            "latest_reload": errands.latest(session, ErrandKind.RELOAD),
        }

    found = visitor.read(read)
    serve = serving.running(instance.home)
    beats = {name: parts.beating(instance.home, name, visitor.at) for name in _BEATING}
    children = (serve or {}).get("children", {})
    up = {name: child["state"] == "up" and (name not in beats or beats[name].up) for name, child in children.items()}
    last = found["canaries"][-1] if found["canaries"] else None
    return page(
        visitor,
        "admin/health.html",
        **found,
        serve=serve,
        beats=beats,
        up=up,
        state=alarms.state_of(found["alarms"]),
        last=last,
        not_in_use=not_in_use(visitor),
    )
