"""Prompts: what callers hear, in both languages; the site's own recordings win over the delivered ones."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, File, Response, UploadFile
from sqlalchemy.orm import Session

from console.live import prompt
from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.calls import clicks
from models.calls.clicks import ClickKind
from models.errors import MoveRefused
from models.language import LANGUAGES, Language
from models.people import access_log
from models.people.rights import Right
from recordings import prompts
from recordings.voice import sound

router = APIRouter(prefix="/admin/prompts")
UPLOAD = re.compile(r"/admin/prompts/[a-z0-9-]+/(zh|en)")
"""The paths at which a request may be as long as a recording."""

Admin = Annotated[Visitor, may(Right.ADMINISTER)]


@router.get("")
def listed(visitor: Admin, q: str = "", own: bool = False) -> Response:
    home, wanted = visitor.instance.home, q.strip().lower()
    found = []
    for one in prompts.load().values():
        ours = {language for language in LANGUAGES if prompts.own_recording(home, language, one.name)}
        if (ours or not own) and wanted in f"{one.name} {one.zh} {one.en}".lower():
            found.append((one, ours))
    return page(visitor, "admin/prompts.html", found=found, q=q, own=own)


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

    return page(visitor, "admin/prompt.html", prompt=prompts.load()[name], now=visitor.read(read))


@router.post("/{name}/{language}")
def upload(visitor: Admin, name: str, language: Language, file: Annotated[UploadFile, File()]) -> Response:
    _check(name)
    prompts.take_own(visitor.instance.home, language, name, file.file.read())
    _log(visitor, "prompt replaced", name, language)
    return visitor.done(f"/admin/prompts/{name}", "已采用,从下一次播放起", "taken into use, from its next playing on")


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


def _log(visitor: Visitor, what: str, name: str, language: Language) -> None:
    visitor.write(access_log.log, who=visitor.who, what=what, subject=f"{language}/{name}", at=visitor.at)


def _check(name: str) -> None:
    if name not in prompts.load():
        raise MoveRefused(f"there is no prompt {name}", f"没有提示音 {name}")
