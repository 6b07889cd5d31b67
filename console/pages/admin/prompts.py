"""Prompts: what callers hear, a conversation at a time; the site's own recordings win over the delivered ones."""

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, File, Response, UploadFile
from sqlalchemy.orm import Session

from console.live import prompt
from console.pages.rendering import page as drawn
from console.pages.visitor import Visitor, may
from models.calls import clicks
from models.calls.clicks import ClickKind
from models.errors import MoveRefused
from models.language import LANGUAGES, Language
from models.people import access_log
from models.people.rights import Right
from recordings import prompts
from recordings.conversations import CONVERSATIONS, prompts_of
from recordings.voice import sound

router = APIRouter(prefix="/admin/prompts")
UPLOAD = re.compile(r"/admin/prompts/[a-z0-9-]+/(zh|en)")
"""The paths at which a request may be as long as a recording."""
_A_PAGE = 40

Admin = Annotated[Visitor, may(Right.ADMINISTER)]


@router.get("")
def listed(visitor: Admin, q: str = "", own: bool = False, conversation: str = "", page: int = 1) -> Response:
    """Of one conversation; of all of them what is looked for, and the site's own recordings."""
    opened = next((each for each in CONVERSATIONS if each.name == conversation), CONVERSATIONS[0])
    wanted = q.strip().lower()
    everywhere = bool(wanted) or own
    found = []
    for one in prompts.load().values() if everywhere else prompts_of(opened):
        ours = _own(visitor, one.name)
        if (ours or not own) and wanted in f"{one.name} {one.zh} {one.en}".lower():
            found.append((one, ours))
    last = max(1, -(-len(found) // _A_PAGE))
    here = min(max(page, 1), last)
    return drawn(
        visitor,
        "admin/prompts.html",
        found=found[(here - 1) * _A_PAGE : here * _A_PAGE],
        count=len(found),
        here=here,
        last=last,
        asked=urlencode({"q": q, "own": "true"} if own else {"q": q} if wanted else {"conversation": opened.name}),
        conversations=CONVERSATIONS,
        conversation="" if everywhere else opened.name,
        q=q,
        own=own,
    )


@router.get("/{language}/{name}.wav")
def listen(visitor: Admin, language: Language, name: str) -> Response:
    """As callers hear it."""
    _check(name)
    file = prompts.played(visitor.instance.home, language, name)
    return Response(sound.in_wav(file.read_bytes()), media_type="audio/wav")


@router.get("/{name}")
def shown(visitor: Admin, name: str) -> Response:
    _check(name)

    def read(session: Session) -> dict[str, Mapping[str, Any]]:
        return {
            language: prompt.read(
                session, prompt.of_reader(visitor, f"{language}/{name}"), visitor.at, visitor.instance
            )
            for language in LANGUAGES
        }

    return drawn(visitor, "admin/prompt.html", prompt=prompts.load()[name], now=visitor.read(read))


@router.post("/{name}/{language}")
def upload(visitor: Admin, name: str, language: Language, file: Annotated[UploadFile, File()]) -> Response:
    _check(name)
    prompts.take_own(visitor.instance.home, language, name, file.file.read())
    _log(visitor, "prompt replaced", name, language)
    return visitor.done(f"/admin/prompts/{name}", "已采用，从下一次播放起", "saved: it is played from the next time on")


@router.post("/{name}/{language}/record")
def record(visitor: Admin, name: str, language: Language) -> Response:
    """The visitor's own telephone rings, and says what to do; the page follows the click."""
    _check(name)
    rules: Any = {"site": visitor.instance.site, "policy": visitor.instance.policy, "at": visitor.at}
    visitor.write(clicks.ask, visitor.who, ClickKind.RECORD_PROMPT, target=f"{language}/{name}", **rules)
    return Response(status_code=204)


@router.post("/{name}/{language}/delivered")
def back(visitor: Admin, name: str, language: Language) -> Response:
    _check(name)
    prompts.back_to_delivered(visitor.instance.home, visitor.instance.site, language, name)
    _log(visitor, "prompt back to the delivered one", name, language)
    return visitor.done(f"/admin/prompts/{name}", "已恢复自带的提示音", "the delivered prompt is played again")


def _own(visitor: Visitor, name: str) -> set[Language]:
    """The languages in which the site has a recording of its own."""
    return {language for language in LANGUAGES if prompts.own_recording(visitor.instance.home, language, name)}


def _log(visitor: Visitor, what: str, name: str, language: Language) -> None:
    visitor.write(access_log.log, who=visitor.who, what=what, subject=f"{language}/{name}", at=visitor.at)


def _check(name: str) -> None:
    if name not in prompts.load():
        raise MoveRefused(f"there is no prompt {name}", f"没有提示音 {name}")
