"""A rule's id in words, as docs/regulations.md has them."""

import re
from functools import cache

from models.instance.home import PROJECT_ROOT
from models.language import Language

_CHINESE = re.compile(r" ?\([\u4e00-\u9fff、]+\)")
"""The Chinese word of a term, as docs/regulations.md has it beside the English one."""


def rule_in_words(rule: str, language: Language) -> str:
    """ "R05-2" as the regulation's name and, in English, what it demands; a standard or "house" in words."""
    if rule == "house":
        return "本单位自定" if language == "zh" else "the company's own choice"
    regulation, demand = _rules().get(rule, ("", ""))
    if not regulation:
        return rule
    name_en, name_zh = _names().get(regulation, ("", ""))
    if language == "zh":
        return f"《{name_zh}》第 {rule.partition('-')[2]} 条"
    return f"{name_en}: {_CHINESE.sub('', demand)}"


@cache
def _text() -> str:
    file = PROJECT_ROOT / "docs" / "regulations.md"
    return file.read_text(encoding="utf-8") if file.exists() else ""


@cache
def _rules() -> dict[str, tuple[str, str]]:
    found = re.findall(r"(?m)^\| (R(\d\d)-\d+) \| (.+?) \|", _text())
    return {rule: (f"R{number}", demand) for rule, number, demand in found}


@cache
def _names() -> dict[str, tuple[str, str]]:
    found = re.findall(r"(?m)^## (R\d\d) ([\x20-\x7e]+?) (\S*[^\x00-\x7f].*)$", _text())
    return {number: (en, zh) for number, en, zh in found}
