"""[prices] of the site file: what paid services cost, in the site's own words (R08-11)."""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from models.settings import Strict
from models.text.spoken_text import TextRefused, checked

LONGEST = 600
"""Characters in one language: about two minutes of Chinese."""
_RIGHT = {
    "zh": (
        f'the prices in Chinese, 1 to {LONGEST} characters, or "" in both languages',
        f'中文价格文字，1 至 {LONGEST} 个字符，或中英文都为 ""',
    ),
    "en": (
        f'the prices in English, 1 to {LONGEST} characters, or "" in both languages',
        f'英文价格文字，1 至 {LONGEST} 个字符，或中英文都为 ""',
    ),
}


class Prices(Strict):
    """Read to callers who choose it in the menu; without a text the menu does not offer it."""

    zh: str = Field(default="", description="|".join(_RIGHT["zh"]))
    en: str = Field(default="", description="|".join(_RIGHT["en"]))

    def text(self, language: Literal["zh", "en"]) -> str:
        """The text on one line, as it is spoken."""
        text = self.zh if language == "zh" else self.en
        return checked(text, language, LONGEST) if text else ""


def contradictions(tables: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str, str, str, str]]:
    """Texts that cannot be spoken, or exist in one language only: place, wrong, 中文, right, 中文."""
    section = tables.get("prices", {})
    if not isinstance(section, dict):
        return
    for language, other in (("zh", "en"), ("en", "zh")):
        text, right = section.get(language, ""), _RIGHT[language]
        if text == "" and section.get(other):
            wrong, wrong_zh = f"is empty, but prices.{other} is not", f"为空，而 prices.{other} 有文字"
            yield ("prices", language), wrong, wrong_zh, *right
        elif text and isinstance(text, str):
            try:
                checked(text, language, LONGEST)
            except TextRefused as refused:
                yield ("prices", language), refused.en, refused.zh, *right
