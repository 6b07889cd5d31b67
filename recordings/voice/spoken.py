"""Writes a text out as it is said, before any engine gets it: every figure in words, each part with its voice."""

import re
from collections.abc import Iterator

from models.language import Language

_MARK = re.compile(r"\[(zh|en)\](.*?)\[/\1\]")
_ZH = "零一二三四五六七八九"
_ZH_ONE_BY_ONE = "零幺二三四五六七八九"
_EN_TO_19 = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
]
_EN_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_CUTS = [re.compile(marks) for marks in (r"[。！？；!?;]|\.\s", r"[，、：,:]", r"\s")]
"""Where a speaker would breathe, the best place first."""
_ZH_MONEY = re.compile(r"(?<![\d.])(\d{1,4})(?:\.(\d+))?(?=元|块)")
_EN_MONEY = re.compile(r"(?<![\d.])(\d{1,4})(?:\.(\d+))?(?= ?(?:yuan|RMB)\b)")
_LONGEST_COUNTED = 3  # 119 and 1201 are said sign by sign; 30 and 240 are counted


def parts(text: str, language: Language) -> Iterator[tuple[Language, str]]:
    """The parts of one voice each, in order: [en]…[/en] and [zh]…[/zh] change the voice within a sentence."""
    at = 0
    for mark in _MARK.finditer(text):
        if text[at : mark.start()].strip():
            yield language, text[at : mark.start()]
        yield ("zh" if mark[1] == "zh" else "en"), mark[2]
        at = mark.end()
    if text[at:].strip():
        yield language, text[at:]


def spoken(text: str, language: Language) -> str:
    """The text with every figure in words."""
    return _spoken_zh(text) if language == "zh" else _spoken_en(text)


def breaths(text: str, longest: int) -> Iterator[str]:
    """The text in parts of at most `longest` characters, cut after a sentence, else a comma, else between words."""
    while len(text) > longest:
        ends = next((found for cut in _CUTS if (found := [m.end() for m in cut.finditer(text, 0, longest)])), [longest])
        if text[: ends[-1]].strip():
            yield text[: ends[-1]].strip()
        text = text[ends[-1] :]
    if text.strip():
        yield text.strip()


def _spoken_zh(text: str) -> str:
    text = _ZH_MONEY.sub(lambda m: _zh_amount(int(m[1]), m[2]), text)
    text = re.sub(r"(\d{1,2}):(\d\d)", lambda m: _zh_time(int(m[1]), int(m[2])), text)
    text = re.sub(r"(?<=[按键])\d", lambda m: _ZH[int(m[0])], text)
    text = re.sub(r"(?<!\d)2(?=[位张个天点条分小])", "两", text)
    text = re.sub(r"(\d+)(?=号?室|号楼|号线)", lambda m: _zh_place(m[1]), text)
    text = re.sub(r"(?<=[号号:码])\d+", lambda m: _zh_signs(m[0]), text)
    text = re.sub(r"\d+", lambda m: _zh_number(m[0]), text)
    return text.replace("#", "井号键").replace("*", "星号键")


def _spoken_en(text: str) -> str:
    text = _EN_MONEY.sub(lambda m: _en_amount(int(m[1]), m[2]), text)
    text = re.sub(r"(\d{1,2}):(\d\d)", lambda m: _en_time(int(m[1]), int(m[2])), text)
    text = re.sub(r"(?<=[Rr]oom )\d+|(?<=[Nn]umber )\d+", lambda m: _en_signs(m[0]), text)
    text = re.sub(r"\d+", lambda m: _en_number(m[0]), text)
    return text.replace("#", "hash").replace("*", "star")


def _zh_number(figures: str) -> str:
    if len(figures) > _LONGEST_COUNTED or (figures[0] == "0" and len(figures) > 1):
        return _zh_signs(figures)
    return zh_number(int(figures))


def _zh_place(figures: str) -> str:
    return _zh_number(figures) if len(figures) < _LONGEST_COUNTED else _zh_signs(figures)


def _zh_signs(figures: str) -> str:
    return "".join(_ZH_ONE_BY_ONE[int(f)] for f in figures)


def _zh_time(hour: int, minute: int) -> str:
    said = ("两" if hour == 2 else zh_number(hour)) + "点"
    if minute:
        said += ("零" if minute < 10 else "") + zh_number(minute) + "分"
    return said


def zh_number(n: int) -> str:
    """0 to 999 in Chinese words."""
    hundreds, rest = divmod(n, 100)
    if not hundreds:
        tens, ones = divmod(n, 10)
        head = "" if not tens else "十" if tens == 1 else _ZH[tens] + "十"
        return head + (_ZH[ones] if ones or not tens else "")
    head = _ZH[hundreds] + "百"
    if not rest:
        return head
    if rest < 10:
        return head + "零" + _ZH[rest]
    return head + ("一" if rest < 20 else "") + zh_number(rest)


def _zh_amount(whole: int, cents: str | None) -> str:
    """0 to 9999; the figures after the point are said one by one."""
    thousands, rest = divmod(whole, 1000)
    if thousands:
        between = "零一" if 10 <= rest < 20 else "零" if 0 < rest < 100 else ""
        said = _ZH[thousands] + "千" + (between + zh_number(rest) if rest else "")
    else:
        said = "两" if whole == 2 and not cents else zh_number(whole)
    return said + ("点" + "".join(_ZH[int(figure)] for figure in cents) if cents else "")


def _en_number(figures: str) -> str:
    if len(figures) > _LONGEST_COUNTED or (figures[0] == "0" and len(figures) > 1):
        return _en_signs(figures)
    return en_number(int(figures))


def _en_signs(figures: str) -> str:
    return " ".join(_EN_TO_19[int(f)] for f in figures)


def _en_amount(whole: int, cents: str | None) -> str:
    """As `_zh_amount`."""
    thousands, rest = divmod(whole, 1000)
    said = [f"{_EN_TO_19[thousands]} thousand"] if thousands else []
    if rest or not thousands:
        said.append(("and " if thousands and rest < 100 else "") + en_number(rest))
    return " ".join(said) + (f" point {_en_signs(cents)}" if cents else "")


def _en_time(hour: int, minute: int) -> str:
    said = en_number((hour - 1) % 12 + 1)
    if minute:
        said += (" oh " if minute < 10 else " ") + en_number(minute)
    return said + (" a.m." if hour < 12 else " p.m.")


def en_number(n: int) -> str:
    """0 to 999 in English words."""
    hundreds, rest = divmod(n, 100)
    if hundreds:
        return _EN_TO_19[hundreds] + " hundred" + (f" and {en_number(rest)}" if rest else "")
    if n < 20:
        return _EN_TO_19[n]
    tens, ones = divmod(n, 10)
    return _EN_TENS[tens - 2] + (f"-{_EN_TO_19[ones]}" if ones else "")
