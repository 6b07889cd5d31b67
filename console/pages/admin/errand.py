"""A page waits a moment for the supervisor to do what it was asked for."""

import time
from collections.abc import Callable

from console.pages.visitor import Visitor
from models.errors import MoveRefused
from models.instance import errands, serving
from models.instance.errands import Errand, ErrandKind, ErrandState

_LOOK_EVERY_S = 0.2


def done(visitor: Visitor, kind: ErrandKind, subject: str = "", *, within_s: float) -> Errand | None:
    """The errand, once it is done; None when that takes longer. Raises MoveRefused with what the supervisor says, or
    when it does not run."""
    check_running(visitor)
    asked = visitor.write(errands.ask, kind, subject, by=visitor.who, at=visitor.at)
    wait(lambda: visitor.read(errands.find, asked.id).ended_at is not None, within_s=within_s)
    found = visitor.read(errands.find, asked.id)
    if found.state is ErrandState.FAILED:
        en, _, zh = (found.refusal or "").partition("\n")
        raise MoveRefused(en, zh or en)
    return found if found.state is ErrandState.DONE else None


def wait(until: Callable[[], bool], *, within_s: float) -> None:
    """Until it is so, or the time is over."""
    ends = time.monotonic() + within_s
    while not until() and time.monotonic() < ends:
        time.sleep(_LOOK_EVERY_S)


def check_running(visitor: Visitor) -> None:
    """Raises MoveRefused while no supervisor runs."""
    if serving.running(visitor.instance.home) is None:
        raise MoveRefused(
            "the hotline itself does not run at the moment: ask the person who looks after the server",
            "热线服务未运行，无法办理：请服务器的维护人员启动",
        )
