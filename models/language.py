"""The two languages that callers hear and users read."""

from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def language_of(word: str | None) -> Language:
    """The language that a column, a channel variable or a setting names; Chinese unless it says English."""
    return "en" if word == "en" else "zh"
