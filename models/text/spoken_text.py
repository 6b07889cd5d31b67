"""Checks a text that callers or guests will hear: one line, in its language, and short enough."""

import re

from models.errors import MoveRefused

_CHINESE, _LATIN = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]")


class TextRefused(MoveRefused):
    """The text cannot be spoken; the message says why, and what is right."""


def checked(text: str, language: str, longest: int) -> str:
    """The text on one line. Raises TextRefused when it is empty, too long, or not in this language (zh, en)."""
    plain = "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
    name_zh, name = ("中文", "Chinese") if language == "zh" else ("英文", "English")
    if not plain:
        raise TextRefused(f"the {name} text is empty", f"{name_zh}文字为空")
    if len(plain) > longest:
        raise TextRefused(
            f"the {name} text has {len(plain)} characters: {longest} at most",
            f"{name_zh}文字有 {len(plain)} 个字符：最多 {longest} 个",
        )
    if language == "zh" and not _CHINESE.search(plain):
        raise TextRefused(
            "the Chinese text has no Chinese in it; write English in the English text",
            "中文文字里没有汉字；英文请写在英文一项",
        )
    if language == "en" and (_CHINESE.search(plain) or not _LATIN.search(plain)):
        raise TextRefused(
            "the English text is not English; write Chinese in the Chinese text", "英文文字不是英文；中文请写在中文一项"
        )
    return plain
