"""A prompt in one language: what callers hear now, and how far a recording at the own telephone is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from console.live.boards import Audience, Board
from console.pages.visitor import Visitor
from models.calls import clicks
from models.instance.instance import Instance
from models.language import language_of
from models.people.rights import Right
from recordings import prompts

PAGE = "/admin/prompts"


def of_reader(visitor: Visitor, argument: str) -> Audience:
    return Audience(visitor.language, number=visitor.who, argument=argument)


def read(session: Session, audience: Audience, at: datetime, instance: Instance) -> Mapping[str, Any]:
    """Of the prompt that the argument names, such as `zh/greeting`."""
    spoken, _, name = audience.argument.partition("/")
    if name not in prompts.load():
        return {"name": ""}
    language = language_of(spoken)
    click = clicks.recording(session, audience.number or "", f"{language}/{name}", at=at)
    en, _, zh = ((click and click.refusal) or "").partition("\n")
    return {
        "name": name,
        "spoken": language,
        "own": prompts.own_recording(instance.home, language, name),
        "sound": prompts.played(instance.home, language, name).stat().st_mtime_ns,
        "click": click,
        "late": click is not None and clicks.is_late(click, policy=instance.policy, at=at),
        "refusal": zh if audience.language == "zh" else en,
    }


BOARD = Board("prompt", Right.ADMINISTER, "admin/prompt_now.html", read, of_reader, every_s=5.0, page=PAGE)
