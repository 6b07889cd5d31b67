"""Signing in with number and password or by a link, signing out, the own password, settings and sign-ins."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, ParamSpec, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from console.pages import kept
from console.pages.again import is_ours, shown_again
from console.pages.rendering import page
from console.pages.visitor import Visitor, anybody, cookie, may
from models.language import Language
from models.people import accounts, passwords, sign_ins
from models.people.accounts import LinkRefused
from models.people.passwords import PasswordRefused
from models.people.rights import Right
from models.states.people import SignInEnd, SignInPlace, Theme
from models.text.numbers import extension

P = ParamSpec("P")
T = TypeVar("T")

router = APIRouter()
_ONE_AT_A_TIME = CapacityLimiter(1)
"""One check of a password takes a core and 64 MB for a moment: guesses wait for one another, other pages do not."""
_FIRST = "/"


@router.get("/sign-in")
def sign_in_form(visitor: Annotated[Visitor, anybody()], then: str = _FIRST) -> Response:
    if visitor.person is not None:
        return RedirectResponse(_ours(then), 303)
    return page(visitor, "accounts/sign_in.html", then=_ours(then))


@router.post("/sign-in")
async def sign_in(
    visitor: Annotated[Visitor, anybody()],
    request: Request,
    number: Annotated[str, Form()],
    password: Annotated[str, Form()],
    then: Annotated[str, Form()] = _FIRST,
    unsent: Annotated[str, Form(alias="kept")] = "",
) -> Response:
    """What the same person had typed when the sign-in ended is shown again."""
    secret = await _in_turn(
        sign_ins.sign_in,
        visitor.instance.store,
        number,
        password,
        place=SignInPlace.BROWSER,
        address=_address(request),
        rules=visitor.instance.sign_in_rules,
        at=visitor.at,
    )
    form = kept.read(unsent)
    if form is None or form.who != extension(number):
        return _signed_in(visitor, request, secret, RedirectResponse(_ours(then), 303))
    mine = f"{cookie(request)}={secret}"
    shown = await shown_again(request, form.page, 200, cookie=mine, typed=form.typed, unsent=True)
    return _signed_in(visitor, request, secret, shown)


@router.get("/sign-in/link/{secret}")
def link_form(visitor: Annotated[Visitor, anybody()], secret: str) -> Response:
    try:
        person = visitor.read(accounts.link_for, secret, at=visitor.at)
    except LinkRefused as why:
        return page(visitor, "refused.html", status=410, why=visitor.words(why.zh, why.en))
    return page(visitor, "accounts/link.html", person=person, secret=secret, shortest=passwords.SHORTEST)


@router.post("/sign-in/link/{secret}")
async def use_link(
    visitor: Annotated[Visitor, anybody()],
    request: Request,
    secret: str,
    password: Annotated[str, Form()],
    again: Annotated[str, Form()],
) -> Response:
    _same(password, again)
    begun = await _in_turn(
        accounts.use_link,
        visitor.instance.store,
        secret,
        password,
        place=SignInPlace.BROWSER,
        address=_address(request),
        at=visitor.at,
    )
    return _signed_in(visitor, request, begun, RedirectResponse(_FIRST, 303))


@router.post("/sign-out")
def sign_out(visitor: Annotated[Visitor, anybody()], request: Request) -> Response:
    _end_this(visitor, request)
    response = visitor.done("/sign-in", "已退出", "signed out")
    response.delete_cookie(cookie(request), secure=_over_tls(request), httponly=True)
    return response


@router.get("/password")
def password_form(visitor: Annotated[Visitor, may(Right.CALLS)]) -> Response:
    return page(visitor, "accounts/password.html", shortest=passwords.SHORTEST)


@router.post("/password")
async def change_password(
    visitor: Annotated[Visitor, may(Right.CALLS)],
    request: Request,
    old: Annotated[str, Form()],
    password: Annotated[str, Form()],
    again: Annotated[str, Form()],
) -> Response:
    _same(password, again)
    await _in_turn(
        sign_ins.change_password,
        visitor.instance.store,
        visitor.signed_in,
        old,
        password,
        address=_address(request),
        rules=visitor.instance.sign_in_rules,
        at=visitor.at,
    )
    return visitor.done(
        "/me", "密码已修改，其他登录已结束", "the password is changed, and your other sign-ins have ended"
    )


@router.get("/me")
def me(visitor: Annotated[Visitor, may(Right.CALLS)]) -> Response:
    mine = visitor.read(sign_ins.open_ones, visitor.who, rules=visitor.instance.sign_in_rules, at=visitor.at)
    return page(visitor, "accounts/me.html", sign_ins=mine)


@router.post("/me")
def set_me(
    visitor: Annotated[Visitor, may(Right.CALLS)],
    language: Annotated[Language | None, Form()] = None,
    theme: Annotated[Theme | None, Form()] = None,
) -> Response:
    visitor.write(sign_ins.choose, visitor.who, language=language, theme=theme)
    return RedirectResponse("/me", 303)


@router.post("/me/sign-ins/{number}/end")
def end_one(visitor: Annotated[Visitor, may(Right.CALLS)], number: int) -> Response:
    visitor.write(sign_ins.end, number, of=visitor.who, at=visitor.at)
    return visitor.done("/me", "已结束", "it has ended")


@router.post("/me/sign-ins/end")
def end_others(visitor: Annotated[Visitor, may(Right.CALLS)]) -> Response:
    mine = visitor.signed_in
    visitor.write(sign_ins.end_all, mine.number, why=SignInEnd.ENDED, at=visitor.at, but=mine.sign_in)
    return visitor.done("/me", "其他登录已结束", "your other sign-ins have ended")


async def _in_turn(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return await run_sync(partial(fn, *args, **kwargs), limiter=_ONE_AT_A_TIME)


def _signed_in(visitor: Visitor, request: Request, secret: str, response: Response) -> Response:
    """With a new secret; the sign-in that this browser had before ends."""
    _end_this(visitor, request)
    response.set_cookie(cookie(request), secret, httponly=True, samesite="lax", secure=_over_tls(request))
    return response


def _end_this(visitor: Visitor, request: Request) -> None:
    if secret := request.cookies.get(cookie(request)):
        visitor.write(sign_ins.sign_out, secret, at=visitor.at)


def _over_tls(request: Request) -> bool:
    return request.url.scheme == "https"


def _address(request: Request) -> str:
    """Where the browser is; behind a reverse proxy that of the proxy."""
    return request.client.host if request.client else ""


def _ours(path: str) -> str:
    """A path of this console, nothing that a browser takes for another site."""
    return path if is_ours(path) else _FIRST


def _same(password: str, again: str) -> None:
    if password != again:
        raise PasswordRefused("the two passwords differ: type the new one twice", "两次输入的新密码不一致，请重新输入")
