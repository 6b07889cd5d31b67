"""The two languages that callers hear and users read."""

import locale
import os
from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def language_of(word: str | None) -> Language:
    """The language that a column, a channel variable or a setting names; Chinese unless it says English."""
    return "en" if word == "en" else "zh"


def language_of_terminal() -> Language:
    """zh where the environment asks for Chinese, else en (POSIX: LC_ALL before LC_MESSAGES before LANG)."""
    wanted = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh" if locale.normalize(wanted).lower().startswith("zh") else "en"
