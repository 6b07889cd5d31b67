"""A sentence that is in no pack is spoken once and kept: the same words cost nothing the second time."""

import hashlib
import logging
from pathlib import Path

from models.home import Home
from recordings.speech import Language
from recordings.voice import sound
from recordings.voice.engine import chosen_engine, render
from recordings.voice.kokoro import VoiceFailed

SAID = "said"  # below the channel language's hotline/ folder, so that Asterisk finds it like any prompt

log = logging.getLogger(__name__)


def speak(text: str, language: Language, home: Home) -> Path | None:
    """The A-law file of this sentence, None where nobody can speak it: callers then use fragments.

    The first time it takes seconds (a model is loaded): call it in a thread, and before the caller needs it.
    """
    engine = chosen_engine(home.path / "voice")
    if engine is None:
        return None
    try:
        key = hashlib.sha256(f"{engine.voice(language)}\n{text}".encode()).hexdigest()[:24]
        file = home.sounds / language / "hotline" / SAID / f"{key}.alaw"
        if not file.exists():
            sound.write_whole(file, sound.to_alaw(render(engine, text, language)))
        return file
    except VoiceFailed as failure:
        log.warning("%s; the caller hears fragments instead", failure)
        return None
    finally:
        engine.close()
