"""Every refusal is an RFC 9457 problem that says in English and Chinese what is wrong and what to do."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from models.database.store import StoreUnavailable
from models.errors import MoveRefused
from models.tickets.impartial import NotImpartial
from models.tickets.search import NotForThisReader

MEDIA_TYPE = "application/problem+json"
_PREFIX = "urn:hotline:problem:"
_ZH = {HTTPStatus.NOT_FOUND: "没有这个路径", HTTPStatus.METHOD_NOT_ALLOWED: "该路径不支持这种方法"}


class Wrong(BaseModel):
    """One thing that is wrong with a request."""

    where: str = Field(description="body, query, path or header", examples=["body"])
    name: str = Field(description="the field or parameter, `a.b` inside another", examples=["contact_number"])
    wrong: str = Field(examples=["Field required"])


class Problem(BaseModel):
    """Why a request was refused (RFC 9457). `detail` and `detail_zh` are for people, `type` is for programs."""

    type: str = Field(examples=[f"{_PREFIX}refused"])
    title: str = Field(description="the HTTP status in words", examples=["Conflict"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["ticket 1001 was postponed once: a ticket is never postponed twice (R15-3)"])
    detail_zh: str = Field(examples=["工单 1001 已延期过一次：同一事项不得二次延期（R15-3）"])
    errors: list[Wrong] = Field(default=[], description="each fault of the request itself")


class Refused(HTTPException):
    """Ends a request. `kind` is the last word of the problem's type."""

    def __init__(
        self,
        status: int,
        kind: str,
        en: str,
        zh: str,
        *,
        errors: Sequence[Wrong] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, en, headers)
        self.problem = Problem(
            type=_PREFIX + kind,
            title=HTTPStatus(status).phrase,
            status=status,
            detail=en,
            detail_zh=zh,
            errors=list(errors),
        )


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error answers of a path for its description: these, and those that every path may give."""
    return {
        status: {"model": Problem, "description": HTTPStatus(status).phrase}
        for status in sorted({401, 403, 422, 429, 503, *statuses})
    }


def no_such_ticket(number: int) -> Refused:
    return Refused(404, "no-such-ticket", f"there is no ticket {number}", f"没有工单 {number}")


def answer_errors(app: FastAPI) -> None:
    """Makes the application answer every error as a problem."""

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> JSONResponse:
        return answer(error)

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        en, zh = "the request is malformed: see errors", "请求不符合要求，见 errors"
        return answer(Refused(422, "malformed", en, zh, errors=[_wrong(one) for one in error.errors()]))

    @app.exception_handler(NotForThisReader)
    async def hidden(request: Request, error: NotForThisReader) -> JSONResponse:
        en, _, zh = str(error).partition("\n")
        return answer(Refused(403, "hidden-field", en, zh))

    @app.exception_handler(MoveRefused)
    async def not_done(request: Request, error: MoveRefused) -> JSONResponse:
        en, _, zh = str(error).partition("\n")
        return answer(Refused(409, "not-impartial" if isinstance(error, NotImpartial) else "refused", en, zh))

    @app.exception_handler(StoreUnavailable)
    async def unavailable(_: Request, error: StoreUnavailable) -> JSONResponse:
        return answer(
            Refused(
                503,
                "unavailable",
                "the store is out of reach: try again soon",
                "请稍后再试",
                headers={"retry-after": "5"},
            )
        )

    @app.exception_handler(Exception)
    async def broken(_: Request, error: Exception) -> JSONResponse:
        return answer(Refused(500, "broken", "internal error; the details are in the log", "内部错误，已记入日志"))


def answer(error: HTTPException) -> JSONResponse:
    """The problem as a response; also for errors of the framework itself, such as an unknown path."""
    if not isinstance(error, Refused):
        status = HTTPStatus(error.status_code)
        zh = _ZH.get(status, "请求有误")
        error = Refused(status, "http", status.description or status.phrase, zh, headers=error.headers)
    return JSONResponse(
        error.problem.model_dump(exclude_defaults=True), error.status_code, error.headers, media_type=MEDIA_TYPE
    )


def _wrong(error: dict[str, Any]) -> Wrong:
    where, *name = error["loc"]
    return Wrong(where=str(where), name=".".join(map(str, name)), wrong=str(error["msg"]))
