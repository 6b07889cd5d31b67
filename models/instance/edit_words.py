"""What is wrong with a change made on the console, in the words of its pages: not those of the file or its parser."""

import re
from collections.abc import Iterable, Mapping

from models.errors import Problem
from models.language import LANGUAGES
from models.policy.words import value_in_words
from models.text.wording import word

_PLACE = re.compile(r"\b(staff|group|line|rooms)(?:\[([^\]]+)\])?(?:\.(\w+))?(?:\[[^\]]*\])*")
_CHOICES = re.compile(r"(?<=^one of ).*|(?<=^以下之一：).*")
_KINDS = {
    "的 [[staff]]": ("的员工", ""),
    "[[staff]]": ("员工", "person"),
    "[[group]]": ("分组", "group"),
    "[[line]]": ("线路", "line"),
    " 的 name": ("的名称", ""),
    " 的 number": ("的号码", ""),
    "带引号的、": ("", ""),
    "带引号的 ": ("", ""),
    "带引号的": ("", ""),
    "true 或 false": ("是或否", ""),
    "true or false": ("", "yes or no"),
    ", in quotes": ("", ""),
    " in quotes": ("", ""),
    "本文件中没有组": ("没有分组", ""),
    "本文件中没有": ("没有", ""),
    " of this file": ("", ""),
    '["': ('"', '"'),
    '"]': ('"', '"'),
}


def in_words(problems: Iterable[Problem], groups: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """In English and Chinese: the place, what is wrong there, and what would be right.

    `groups` has for each group of the file what people call it, in Chinese and English."""
    found = list(problems)
    of = [{name: both[language] for name, both in groups.items()} for language in (0, 1)]
    en = "; ".join(
        f"{_place(one.key, 1, of[1])}: {_plain(one.wrong, 1, of[1])}; right: {_plain(one.right, 1, of[1])}"
        for one in found
    )
    zh = "；".join(
        f"{_place(one.key, 0, of[0])}：{_plain(one.wrong_zh or one.wrong, 0, of[0])}；"
        f"应为：{_plain(one.right_zh or one.right, 0, of[0])}"
        for one in found
    )
    return en, zh


def key_in_words(key: str) -> tuple[str, str]:
    """In English and Chinese: `staff[7001]` as "person 7001", `answer.rings` as the page of the policy calls it."""
    return _place(key, 1, {}), _place(key, 0, {})


def _place(key: str, language: int, groups: Mapping[str, str]) -> str:
    known = _PLACE.fullmatch(key)
    if known is None:
        return value_in_words(key.removesuffix(".value"))[language]
    return _named(known, language, groups)


def _named(place: re.Match[str], language: int, groups: Mapping[str, str]) -> str:
    entry, name, field = place.groups()
    if entry == "group" and name:
        name = groups.get(name, name)
    words = word(f"field-{field}", LANGUAGES[language]) if field else ""
    return " ".join(filter(None, (word(f"site-{entry}", LANGUAGES[language]) if name else "", name, words)))


def _plain(text: str, language: int, groups: Mapping[str, str]) -> str:
    text = re.sub(r'"([^"]*)"', lambda found: f'"{groups.get(found[1], found[1])}"', text)
    if choices := _CHOICES.search(text):
        names = (groups.get(name, name) for name in choices[0].split(", "))
        text = text[: choices.start()] + ("、", ", ")[language].join(names)
    text = _PLACE.sub(lambda found: _named(found, language, {}) if found[2] or found[3] else found[0], text)
    for sign, words in _KINDS.items():
        text = text.replace(sign, words[language])
    return re.sub(r'"([^"]*)"', "“\\1”" if language == 0 else "\\1", text)
