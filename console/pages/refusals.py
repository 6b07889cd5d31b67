"""A refused act is shown on the page it came from, with what was typed; other errors have a page of their own."""

from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.types import Message

from console.live.streams import PATH as STREAM
from console.pages.rendering import page
from console.pages.visitor import NotAllowed, SignInFirst, visitor_of
from models.database.store import StoreUnavailable
from models.errors import MoveRefused

PAGE = "page"
"""The hidden field of every form: the page that it stands on. Another, `form`, has its name on that page."""
_OF_A_BODY = (b"content-length", b"content-type", b"transfer-encoding")
_NO_PAGE = ("没有这个页面", "There is no such page")


def answer_errors(app: FastAPI) -> None:
    """Makes the application answer every error with a page."""

    @app.exception_handler(SignInFirst)
    async def sign_in(request: Request, _: SignInFirst) -> Response:
        here = request.url.path if request.method == "GET" else _split(request.headers.get("referer", "")).path
        path = here if here.startswith("/") and not here.startswith("//") else "/"
        return RedirectResponse(f"/sign-in?then={quote(path)}", 303)

    @app.exception_handler(MoveRefused)
    async def refused(request: Request, why: MoveRefused) -> Response:
        if request.method != "POST":
            return await run_in_threadpool(_answer, request, 404, why.zh, why.en)
        return await _again(request, 409, why.zh, why.en)

    @app.exception_handler(RequestValidationError)
    async def not_understood(request: Request, why: RequestValidationError) -> Response:
        if request.method != "POST":
            return await run_in_threadpool(_answer, request, 404, *_NO_PAGE)
        fields = ", ".join(sorted({str(one["loc"][-1]) for one in why.errors()}))
        return await _again(request, 422, f"请检查所填内容:{fields}", f"please check what is filled in: {fields}")

    async def out_of_reach(request: Request, _: Exception) -> Response:
        if request.method != "POST":
            return await run_in_threadpool(_answer, request, 404, *_NO_PAGE)
        return await _again(request, 422, "数字、日期或内容超出范围", "a number, date or text is out of range")

    for unusable in (OverflowError, DataError, RecursionError):
        app.add_exception_handler(unusable, out_of_reach)

    @app.exception_handler(NotAllowed)
    def not_allowed(request: Request, _: NotAllowed) -> Response:
        return _answer(
            request,
            403,
            "您的岗位没有此权限。如需开通,请找系统管理员。",
            "Your post does not have this right. An administrator can give it.",
        )

    @app.exception_handler(StoreUnavailable)
    def unavailable(request: Request, _: StoreUnavailable) -> Response:
        return Response("数据库暂时无法访问,请稍后刷新。电话不受影响。\nThe database is out of reach; try again.", 503)

    @app.exception_handler(HTTPException)
    def other(request: Request, why: HTTPException) -> Response:
        if why.status_code == 404:
            return _answer(request, 404, *_NO_PAGE)
        return _answer(request, why.status_code, str(why.detail), str(why.detail))


def _answer(request: Request, status: int, zh: str, en: str) -> Response:
    visitor = visitor_of(request)
    return page(visitor, "refused.html", status=status, why=visitor.words(zh, en))


async def _again(request: Request, status: int, zh: str, en: str) -> Response:
    """The page of the form once more, with the reason and with what was typed."""
    form = await request.form()
    fields = {name: [value for value in form.getlist(name) if not isinstance(value, UploadFile)] for name in form}
    typed = {name: ", ".join(values) for name, values in fields.items() if values}
    visitor = await run_in_threadpool(visitor_of, request)
    why = visitor.words(zh, en)
    return await shown_again(request, typed.get(PAGE, ""), status, refused=why, typed=typed)


async def shown_again(request: Request, path: str, status: int, **state: Any) -> Response:
    """Another page of ours as the answer to this request, with `state` for its visitor.

    What is no page of ours becomes the first one; nor is the stream a page: it would never end.
    """
    target = _split(path)
    if target.scheme or target.netloc or not target.path.startswith("/") or target.path == STREAM:
        target = urlsplit("/")
    scope = {name: request.scope[name] for name in ("type", "http_version", "scheme", "server", "client")}
    scope |= {
        "method": "GET",
        # Those of the form: this request has no body.
        "headers": [(name, value) for name, value in request.scope["headers"] if name not in _OF_A_BODY],
        "root_path": "",
        "path": target.path,
        "raw_path": quote(target.path).encode(),
        "query_string": target.query.encode(),
        "state": state,
    }
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    await request.app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in messages)
    answered = messages[0]["status"]
    response = Response(body, status if answered == 200 else answered)
    response.raw_headers = [(name, value) for name, value in messages[0]["headers"] if name != b"content-length"]
    response.headers["content-length"] = str(len(body))
    return response


def _split(address: str) -> SplitResult:
    """Its parts; none of what is no address."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")
