"""A visitor is somebody who is signed in, or nobody yet; each route says which right its visitor needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import quote, unquote

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from models.instance.instance import RunningInstance
from models.language import Language, language_of
from models.people import sign_ins
from models.people.rights import Person, Right
from models.text.masking import Shown

P = ParamSpec("P")
T = TypeVar("T")

WHO = "who"
"""The hidden field of a form: for whom its page was made."""
SAID = "hotline-said"
"""The cookie with what the next page says was done."""
_SAID_FOR_S = 60
_LONGEST_NUMBER = 20


class SignInFirst(Exception):
    """Nobody is signed in."""


class SomebodyElse(Exception):
    """The page of the form was made for `whose`, but by now another person, `who`, is signed in in that browser."""

    def __init__(self, whose: str, who: str) -> None:
        super().__init__(whose, who)
        self.whose, self.who = whose, who


class NotAllowed(Exception):
    """The visitor's post does not have the right for this page or act."""


@dataclass(frozen=True)
class Visitor:
    """Whose page it is. `said` is what an act before has done; `refused` why one was not done, with what was typed in
    `typed`, by the name of the form."""

    instance: RunningInstance
    person: Person | None
    at: datetime
    language: Language
    theme: str
    path: str
    said: str = ""
    refused: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    kept: str = ""
    """A form that was sent after the sign-in had ended (`console.pages.kept`), for the sign-in page."""
    unsent: bool = False
    """`typed` is what such a form held: it is shown after signing in, and has not been submitted."""
    reveal: bool = False

    @property
    def rights(self) -> frozenset[Right]:
        return self.person.rights if self.person else frozenset()

    @property
    def who(self) -> str:
        """The staff number, for rows and events."""
        return self.signed_in.number

    @property
    def key(self) -> str:
        """Whose page it is, in which language: its boards are asked for by this."""
        return f"{self.who}-{self.language}"

    @property
    def signed_in(self) -> Person:
        """Raises SignInFirst."""
        if self.person is None:
            raise SignInFirst
        return self.person

    @property
    def shown(self) -> Shown:
        """Names and numbers are masked until the visitor says why (R08-9)."""
        return Shown(self.reveal)

    @property
    def zone(self) -> tzinfo:
        return self.instance.site.time_zone

    def read(self, fn: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.instance.store.read(fn, *args, **kwargs)

    def write(self, fn: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.instance.store.write(fn, *args, **kwargs)

    def words(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def done(self, path: str, zh: str = "", en: str = "") -> RedirectResponse:
        """Goes to a page after an act, which says there what was done."""
        response = RedirectResponse(path, 303)
        if zh:
            said = quote(self.words(zh, en))
            response.set_cookie(SAID, said, max_age=_SAID_FOR_S, httponly=True, samesite="strict")
        return response

    def stays(self) -> Response:
        """The answer to an act at which the page stays as it is, with all that is typed on it; its form `stays`."""
        return Response(status_code=204)


def may(right: Right, *, by_itself: bool = False) -> Any:
    """A route's parameter: the visitor, once signed in and found to have the right.

    What a page asks for `by_itself` keeps no sign-in alive: nobody may be there any more.
    """

    async def allowed(request: Request) -> Visitor:
        visitor = await run_in_threadpool(visitor_of, request, by_itself=by_itself)
        person = visitor.signed_in
        if request.method == "POST" and (whose := (await request.form()).get(WHO, person.number)) != person.number:
            raise SomebodyElse(str(whose)[:_LONGEST_NUMBER], person.number)
        if right not in person.rights:
            raise NotAllowed
        return visitor

    allowed.right = right  # type: ignore[attr-defined]
    return Depends(allowed)


def anybody() -> Any:
    """A route's parameter: the visitor, signed in or not."""

    def allowed(request: Request) -> Visitor:
        return visitor_of(request)

    allowed.right = None  # type: ignore[attr-defined]
    return Depends(allowed)


def visitor_of(request: Request, *, by_itself: bool = False) -> Visitor:
    instance: RunningInstance = request.app.state.instance
    at = instance.clock.now()
    person = instance.store.read(_person, request, instance, at)
    if person is not None and not by_itself and not person.seen_lately(at):
        instance.store.write(sign_ins.seen, person.sign_in, at=at)
    return Visitor(
        instance,
        person,
        at,
        _language(request, person, instance),
        person.theme if person and person.theme else "",
        request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        said=unquote(request.cookies.get(SAID, "")),
        refused=getattr(request.state, "refused", ""),
        typed=getattr(request.state, "typed", {}),
        kept=getattr(request.state, "kept", ""),
        unsent=getattr(request.state, "unsent", False),
        reveal=getattr(request.state, "reveal", False),
    )


def still_signed_in(session: Session, request: Request, visitor: Visitor, at: datetime) -> bool:
    """Whether the visitor of this request is who he or she was, with the same rights."""
    person = _person(session, request, visitor.instance, at)
    return person is not None and person.rights == visitor.rights


def _person(session: Session, request: Request, instance: RunningInstance, at: datetime) -> Person | None:
    secret = request.cookies.get(cookie(request))
    if not secret:
        return None
    rules = instance.sign_in_rules
    return sign_ins.person_of(session, secret, site=instance.site, rules=rules, at=at)


def cookie(request: Request) -> str:
    """The cookie with the secret of the sign-in; over TLS no other host can set it (RFC 6265bis, 4.1.3.2)."""
    return "__Host-hotline" if request.url.scheme == "https" else "hotline"


def _language(request: Request, person: Person | None, instance: RunningInstance) -> Language:
    """As the person chose; before that, as the browser asks."""
    if person is not None and person.language is not None:
        return person.language
    asked = request.headers.get("accept-language", "").lower()
    return "zh" if asked.startswith("zh") else "en" if asked else language_of(instance.site.language)
