"""Text from outside drives no terminal and forges no line: its control signs are refused on the way in, and shown by
their number on the way out."""

import re
import unicodedata

from models.errors import MoveRefused

_CONTROLS = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 and C1 (ECMA-48) without tab, line feed and carriage return
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # they turn the direction of writing (Unicode, UAX 9)
    "\u2028\u2029"  # line and paragraph separator
    "\ud800-\udfff"  # halves of a character: bytes that are no UTF-8
    "]"
)


LONGEST = 4000
"""Of a text that somebody writes, in characters."""
_EMPTY = "\u034f\u115f\u1160\u2800\u3164\uffa0"
"""Letters by their class, of which nothing is to be seen."""


class SignRefused(MoveRefused):
    """The text holds a control sign; the message names it."""


def checked(text: str) -> str:
    """The text as it came. Raises SignRefused for a control sign; line breaks and tabs are none."""
    found = _CONTROLS.search(text)
    if found is not None:
        sign = f"U+{ord(found.group()):04X}"
        raise SignRefused(
            f"the text holds the control sign {sign}, which nobody sees: leave it out",
            f"文字中有看不见的控制字符 {sign}：请去掉",
        )
    return text


def written(text: str, longest: int = LONGEST) -> str:
    """What somebody has written, without the white space around it; empty when nothing of it can be seen.

    Raises MoveRefused when it is too long, SignRefused.
    """
    if blank(checked(text)):
        return ""
    text = text.strip()
    if len(text) > longest:
        raise MoveRefused(
            f"the text has {len(text)} characters, and at most {longest} are kept: shorten it",
            f"内容有 {len(text)} 个字，最多 {longest} 个字：请缩短",
        )
    return text


def blank(text: str) -> bool:
    """Whether nothing of it can be seen."""
    return all(sign.isspace() or sign in _EMPTY or unicodedata.category(sign) == "Cf" for sign in text)


def without_controls(text: str) -> str:
    """For what cannot be asked again; line breaks stay."""
    return _CONTROLS.sub("", text)


def one_line(text: str) -> str:
    """For a field of one line: without control signs, and each white space a blank."""
    return " ".join(without_controls(text).split())


def harmless(text: str) -> str:
    r"""For a terminal, a log or JSON: each control sign as \u001b, which in JSON is the sign itself."""
    return _CONTROLS.sub(_by_number, text.replace("\r\n", "\n")).replace("\r", r"\u000d")


def on_one_line(text: str) -> str:
    """As `harmless`, for a field of one line: what looks like a further line stays behind its own field."""
    return harmless("; ".join(part.strip() for part in text.splitlines() if part.strip()))


def _by_number(sign: re.Match[str]) -> str:
    return rf"\u{ord(sign.group()):04x}"
