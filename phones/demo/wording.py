"""The words of the demonstration in Chinese and English, and the text of what prompts say."""

import re
from collections.abc import Sequence

from rich.text import Text

from models.language import Language
from models.states.calls import EndedBy, RecordingState, Ring
from recordings import prompts

OUTCOMES: dict[Ring, tuple[str, str]] = {
    Ring.CONNECTED: ("接通", "connected"),
    Ring.NO_ANSWER: ("无人接", "no answer"),
    Ring.BUSY: ("忙", "busy"),
    Ring.DECLINED: ("拒接", "declined"),
    Ring.UNREACHABLE: ("未接入", "unreachable"),
    Ring.REDIRECTED: ("转移", "redirected"),
    Ring.REFUSED: ("不允许", "refused"),
    Ring.CALLER_GONE: ("主叫已挂", "the caller has hung up"),
    Ring.TAKEN: ("同事已接", "taken by a colleague"),
}
ENDED_BY: dict[EndedBy, tuple[str, str]] = {
    EndedBy.CALLER: ("主叫挂机", "the caller has hung up"),
    EndedBy.AGENT: ("坐席挂机", "the agent has hung up"),
    EndedBy.SYSTEM: ("系统结束", "we have ended it"),
    EndedBy.NETWORK: ("线路中断", "the line was interrupted"),
}
RECORDINGS: dict[RecordingState, tuple[str, str]] = {
    RecordingState.RESERVED: ("开始，双方都录", "begins, both sides"),
    RecordingState.RECORDED: ("结束，待检查入库", "ends, to be checked and stored"),
    RecordingState.KEPT: ("已检查入库", "checked and stored"),
    RecordingState.PARTIAL: ("已入库，但不完整", "stored, but not complete"),
    RecordingState.JOINED: ("已并入前段", "part of the one before"),
    RecordingState.EMPTY: ("无声", "nobody is heard"),
    RecordingState.LOST: ("缺失", "lost"),
    RecordingState.REMOVED: ("已删除", "removed"),
}


def say(zh: str, en: str, language: Language) -> str:
    return zh if language == "zh" else en


def rings(count: int, language: Language) -> str:
    return say(f"{count} 声", f"{count} ring" if count == 1 else f"{count} rings", language)


def sentence(names: Sequence[str], language: Language, cells: int = 200) -> str:
    """What these prompts say in order, numbers in digits, cut to `cells` columns of a terminal."""
    between = "" if language == "zh" else " "
    written = between.join(_written(name, language) for name in names)
    text = Text(re.sub(r"(?<=\d) (?=\d)", "", written))
    text.truncate(cells, overflow="ellipsis")
    return text.plain.replace(" …", "…")


def _written(name: str, language: Language) -> str:
    kind, _, value = name.partition("-")
    if kind in ("digit", "number") and value.isdecimal():
        return value
    # [en]...[/en] within a text only changes the voice
    return re.sub(r"\[/?(?:zh|en)\]", "", prompts.load()[name].text(language))
