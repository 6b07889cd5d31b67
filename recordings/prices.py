"""The prices of paid services (R08-11): the site's own recording, or its text, synthesised once.

The menu offers them when they exist. Synthesis of a long text takes minutes; calls are served meanwhile.
"""

import logging

from models.errors import ConfigError
from models.instance.home import Home
from models.language import LANGUAGES, Language
from models.site import Site
from recordings.prompts import PRICES, own_recording
from recordings.voice import sound
from recordings.voice.engine import chosen_engine
from recordings.voice.kokoro import VoiceFailed
from recordings.voice.speak import file_of, spoken_file

log = logging.getLogger(__name__)


def are_told(home: Home) -> bool:
    """Whether the prices exist in both languages, so that the menu's key is never silent."""
    return all(file_of(home, language, PRICES).is_file() for language in LANGUAGES)


def speak(home: Home, site: Site) -> None:
    """Synthesises prices without a recording, after `prompts.install`; logs which ones cannot be."""
    why = "record it in both languages"
    try:
        for language in LANGUAGES:
            text = site.prices.text(language)
            if text and not own_recording(home, language, PRICES):
                said = spoken_file(text, language, home)
                sound.write_whole(file_of(home, language, PRICES), said.read_bytes())
    except (VoiceFailed, ConfigError, OSError) as failure:
        why = str(failure)
    if _are_wanted(home, site) and not are_told(home):
        log.warning(
            "the menu does not offer the prices: %s\n  Or put %s.wav into %s and into %s, and start again.\n"
            "  菜单未提供价格查询：请安装语音（.venv/bin/hotline voice install），"
            "或将中英文录音放入上述两个文件夹，再重新启动。",
            why,
            PRICES,
            *(home.own_sounds / language for language in LANGUAGES),
        )


def silent_languages(home: Home, site: Site) -> list[Language]:
    """The languages in which the site wants the prices but has no sound for them. Raises ConfigError for a wrong
    voice.toml."""
    if not _are_wanted(home, site):
        return []
    voice = chosen_engine(home.path / "voice") is not None
    return [
        language
        for language in LANGUAGES
        if not own_recording(home, language, PRICES) and not (voice and site.prices.text(language))
    ]


def _are_wanted(home: Home, site: Site) -> bool:
    return any(site.prices.text(language) or own_recording(home, language, PRICES) for language in LANGUAGES)
