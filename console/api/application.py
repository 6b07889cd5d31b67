"""The application behind /api/v1: it describes itself in /api/v1/openapi.json and loads nothing from elsewhere."""

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import select

from console.api import blocking, following, handling, tickets
from console.api.allowance import Allowance
from console.api.following import Tries
from console.api.guard import Guard
from console.api.problems import MEDIA_TYPE, answer_errors, documented
from console.api.shown import Health
from models.instance.instance import RunningInstance
from models.text.signs import harmless

ROOT = "/api/v1"
_DESCRIPTION = """
Messaging apps and web forms open and follow the same tickets as the telephone (R01-4).
供即时通讯、网页表单等系统新建和跟进工单。

Every request except `health` needs a token (`.venv/bin/hotline token add`). A refusal is `application/problem+json`
(RFC 9457) with its reason in English (`detail`) and Chinese (`detail_zh`). Times are ISO 8601 with their zone.
"""

_health = APIRouter(tags=["health"])


class _Harmless(JSONResponse):
    """JSON in which a control sign, kept by an earlier version, is an escape: some read it on a terminal."""

    def render(self, content: Any) -> bytes:
        return harmless(super().render(content).decode()).encode()


class _Described(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """Adds the media type of problems, which the framework does not know."""
        if self.openapi_schema is None:
            for operations in super().openapi()["paths"].values():
                for operation in operations.values():
                    for status, answer in operation["responses"].items():
                        if status >= "4":
                            answer["content"][MEDIA_TYPE] = answer["content"].pop("application/json")
        return super().openapi()


def application(instance: RunningInstance, *, lifespan: Any = None) -> FastAPI:
    """The application with all its paths, ready to be served."""
    app = _Described(
        title="hotline",
        version="1",
        description=_DESCRIPTION,
        openapi_url=f"{ROOT}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        default_response_class=_Harmless,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.instance = instance
    app.state.tries = Tries(instance.policy.api)
    app.state.allowance = Allowance(instance.policy.api.requests_a_minute)
    app.add_middleware(Guard)
    answer_errors(app)
    for router in (tickets.router, handling.router, following.router, blocking.router, _health):
        app.include_router(router, prefix=ROOT)
    return app


@_health.get("/health", summary="Is it working? 是否正常", responses={503: documented()[503]})
def health(request: Request) -> Health:
    """Needs no token. 503 when the store is out of reach."""
    instance: RunningInstance = request.app.state.instance
    instance.store.read(lambda session: session.scalar(select(1)))
    return Health(store="answers")
