"""The pages behind `/`: a sub-application with its own answers to errors, beside the REST API."""

import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI
from starlette.datastructures import State
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from console.api.guard import LONGEST_BODY, Guard
from console.live import routes as live
from console.pages import refusals, start
from console.pages.accounts import routes as accounts
from console.pages.accounts import trust
from console.pages.admin import prompts
from console.pages.admin import routes as admin
from console.pages.agent import routes as agent
from console.pages.agent import telephone
from console.pages.desk import rooms, wakeups
from console.pages.duty import handover, roster, wall
from console.pages.fields import hold_no_controls
from console.pages.leader import calls, sheet
from console.pages.origin import OwnOrigin
from console.pages.quality import overview, scoring
from console.pages.recordings import routes as recordings
from console.pages.tickets import acts as ticket_acts
from console.pages.tickets import appointments, photos
from console.pages.tickets import routes as tickets
from console.pages.work import routes as work
from models.policy.console import ConsolePolicy

_FORM = 4 * LONGEST_BODY
"""The longest form, in bytes: texts that are too long to be kept come back with the reason, as others do."""
_SIGN_IN = re.compile("/sign-in")
"""It may carry a form that waits for it."""
_OURS = Path(__file__).parent / "static"
_LOOKS = Path(str(files("starlette_admin"))) / "static"
"""Tabler, its dark mode and flatpickr, as that package carries them."""

ROUTERS = (
    start.router,
    accounts.router,
    trust.router,
    live.router,
    agent.router,
    telephone.router,
    tickets.router,
    ticket_acts.router,
    appointments.router,
    photos.router,
    recordings.router,
    work.router,
    rooms.router,
    wakeups.router,
    wall.router,
    roster.router,
    handover.router,
    sheet.router,
    calls.router,
    *admin.ROUTERS,
    overview.router,
    scoring.router,
)


def pages(state: State) -> FastAPI:
    """The application of the pages; it shares the state (instance) of the whole."""
    # An address with a slash too many is not there: the way to the right one would name the host of the request.
    checked = [Depends(hold_no_controls)]
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, dependencies=checked)
    app.state = state
    app.add_middleware(Guard, longest=_longest(state), refuse=refusals.too_long)
    app.add_middleware(OwnOrigin)
    refusals.answer_errors(app)
    app.mount("/static/looks", _Kept(directory=_LOOKS))
    app.mount("/static", _Kept(directory=_OURS))
    for router in ROUTERS:
        app.include_router(router)
    return app


def _longest(state: State) -> Callable[[Scope], int]:
    def of(scope: Scope) -> int:
        if scope["method"] != "POST":
            return LONGEST_BODY
        policy: ConsolePolicy = state.instance.policy.console
        uploads = ((photos.UPLOAD, policy.photo_bytes), (prompts.UPLOAD, policy.prompt_bytes), (_SIGN_IN, _FORM))
        return _FORM + next((most for paths, most in uploads if paths.fullmatch(scope["path"])), 0)

    return of


class _Kept(StaticFiles):
    """Files that a browser keeps, and asks whether they have changed."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "no-cache"
        return response
