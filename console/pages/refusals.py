"""A refused act is shown on the page it came from, with what was typed; other errors have a page of their own."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.types import Receive, Scope, Send

from console.api.problems import Refused
from console.pages import kept
from console.pages.again import PAGE, shown_again, split, typed_in
from console.pages.rendering import page
from console.pages.visitor import NotAllowed, SignInFirst, SomebodyElse, visitor_of
from models.database.store import StoreUnavailable
from models.errors import MoveRefused
from models.text.fields import FIELDS

_NO_PAGE = ("没有这个页面", "There is no such page")
_TOO_LONG = (
    "内容太长，未能提交。请用浏览器的“后退”回到表单，缩短后再提交。",
    "That is too long, and was not sent. Go back in the browser to the form, and shorten it.",
)


def answer_errors(app: FastAPI) -> None:
    """Makes the application answer every error with a page."""

    @app.exception_handler(SignInFirst)
    async def sign_in(request: Request, _: SignInFirst) -> Response:
        if request.method == "POST" and (form := await kept.of(request)) is not None:
            return await shown_again(request, form.sign_in, 409, kept=str(form))
        if request.method == "GET":
            here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        else:
            here = split(request.headers.get("referer", "")).path
        path = here if here.startswith("/") and not here.startswith("//") else "/"
        return RedirectResponse(f"/sign-in?then={quote(path)}", 303)

    @app.exception_handler(SomebodyElse)
    async def another(request: Request, why: SomebodyElse) -> Response:
        visitor = await run_in_threadpool(visitor_of, request)
        said = visitor.words(
            f"这一页是 {why.whose} 打开的，而这个浏览器现在登录的是 {why.who}，所以没有提交。"
            f"以 {why.whose} 登录后，填写的内容还在。",
            f"{why.whose} had opened this page, but {why.who} is signed in in this browser now: nothing was sent. "
            f"Sign in as {why.whose}, and what was typed is shown again.",
        )
        form = await kept.of(request)
        # As one who is not signed in: only the person who typed sees it again.
        path, text = (form.sign_in, str(form)) if form is not None else ("/sign-in", "")
        return await shown_again(request, path, 409, cookie="", refused=said, kept=text)

    @app.exception_handler(MoveRefused)
    async def refused(request: Request, why: MoveRefused) -> Response:
        if request.method != "POST":
            return await run_in_threadpool(_answer, request, 404, why.zh, why.en)
        return await _again(request, 409, why.zh, why.en)

    @app.exception_handler(RequestValidationError)
    async def not_understood(request: Request, why: RequestValidationError) -> Response:
        wrong = why.errors()
        if request.method != "POST" or any(one["loc"][0] == "path" for one in wrong):
            return await run_in_threadpool(_answer, request, 404, *_NO_PAGE)
        return await _again(
            request, 422, f"请检查：{_fields(wrong, 0, '、')}", f"please check: {_fields(wrong, 1, ', ')}"
        )

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
            "您的岗位没有此权限。如需开通，请找系统管理员。",
            "Your post does not have this right. An administrator can give it.",
        )

    @app.exception_handler(StoreUnavailable)
    def unavailable(request: Request, _: StoreUnavailable) -> Response:
        return Response("数据库暂时无法访问，请稍后刷新。电话不受影响。\nThe database is out of reach; try again.", 503)

    @app.exception_handler(HTTPException)
    def other(request: Request, why: HTTPException) -> Response:
        if why.status_code == 404:
            return _answer(request, 404, *_NO_PAGE)
        if why.status_code == 413:
            return _answer(request, 413, *_TOO_LONG)
        return _answer(request, why.status_code, str(why.detail), str(why.detail))


async def too_long(_: Refused, scope: Scope, receive: Receive, send: Send) -> None:
    """For the guard: says on a page that the request is too long."""
    response = await run_in_threadpool(_answer, Request(scope), 413, *_TOO_LONG)
    response.headers["connection"] = "close"
    await response(scope, receive, send)


def _fields(wrong: Iterable[Mapping[str, Any]], language: int, between: str) -> str:
    """The fields as the form calls them, with how long one may be where it is longer."""
    found = set()
    for one in wrong:
        name = str(one["loc"][-1])
        words = FIELDS.get(name, (name, name))[language]
        most = one.get("ctx", {}).get("max_length")
        limit = (f"最多 {most} 个字", f" (at most {most} characters)")[language] if most else ""
        found.add(words + limit)
    return between.join(sorted(found))


def _answer(request: Request, status: int, zh: str, en: str) -> Response:
    visitor = visitor_of(request)
    return page(visitor, "refused.html", status=status, why=visitor.words(zh, en))


async def _again(request: Request, status: int, zh: str, en: str) -> Response:
    """The page of the form once more, with the reason and with what was typed."""
    typed = await typed_in(request)
    visitor = await run_in_threadpool(visitor_of, request)
    why = visitor.words(zh, en)
    return await shown_again(request, typed.get(PAGE, ""), status, refused=why, typed=typed)
