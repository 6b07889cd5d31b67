"""A sentence outside the pack is synthesised once and kept."""

import hashlib
import logging
from pathlib import Path

from models.instance.home import Home
from models.language import Language
from recordings.voice import sound
from recordings.voice.engine import chosen_engine, render
from recordings.voice.kokoro import VoiceFailed

SAID = "said"  # below the channel language's hotline/ folder, so that Asterisk finds it like any prompt

log = logging.getLogger(__name__)


class NoVoice(VoiceFailed):
    """No voice is installed or chosen."""


def speak(text: str, language: Language, home: Home) -> Path | None:
    """The A-law file of this sentence, or None if it cannot be spoken: fragments are used then."""
    try:
        return spoken_file(text, language, home)
    except NoVoice:
        return None
    except VoiceFailed as failure:
        log.warning("%s; the caller hears fragments instead", failure)
        return None


def spoken_file(text: str, language: Language, home: Home) -> Path:
    """As `speak`; raises VoiceFailed, which says why, and ConfigError for a wrong voice.toml.

    The first time takes seconds (a model is loaded): call it in a thread, before the sound is needed.
    """
    engine = chosen_engine(home.path / "voice")
    if engine is None:
        raise NoVoice("no voice is installed: .venv/bin/hotline voice install, or choose one (docs/voice.md)")
    try:
        key = hashlib.sha256(f"{engine.voice(language)}\n{text}".encode()).hexdigest()[:24]
        file = file_of(home, language, f"{SAID}/{key}")
        if not file.exists():
            sound.write_whole(file, sound.to_alaw(render(engine, text, language)))
        return file
    finally:
        engine.close()


def file_of(home: Home, language: Language, name: str) -> Path:
    """Where Asterisk looks for the sound of this name."""
    return home.sounds / language / "hotline" / f"{name}.alaw"
