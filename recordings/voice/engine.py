"""Chooses the voice for sentences that contain names: voice.toml's choice, else Kokoro if installed, else none."""

import json
import re
import subprocess
import tempfile
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol, Self

import numpy as np
from pydantic import Field, model_validator

from models.errors import ConfigError
from models.instance.rights import acting
from models.language import Language
from models.settings import Strict, read_toml, validated
from recordings.voice import sound
from recordings.voice.install import is_installed
from recordings.voice.kokoro import Kokoro, VoiceFailed
from recordings.voice.sound import Samples
from recordings.voice.spoken import parts, spoken

LIMIT_S = 60.0
SETTINGS = "voice.toml"
_PAUSE_BETWEEN_VOICES_S = 0.15


class VoiceEngine(Protocol):
    """Speaks a piece of text in one language; raises VoiceFailed when it cannot."""

    def voice(self, language: Language) -> str:
        """What the manifest and the cache call this voice: a change here means every sentence is spoken anew."""
        ...

    def say(self, text: str, language: Language) -> tuple[Samples, int]:
        """The samples and their rate."""
        ...

    def close(self) -> None: ...


class VoiceChoice(Strict):
    """home/voice/voice.toml."""

    engine: Literal["kokoro", "command", "http", "files"] = Field(
        description="kokoro | command | http | files|kokoro、command、http、files 之一"
    )
    command: list[str] = Field(
        default=[],
        description='a program and its arguments, such as ["say", "{language}", "{out}"]'
        '|程序及其参数，如 ["say", "{language}", "{out}"]',
    )
    url: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        description='an address in quotes, such as "http://127.0.0.1:5500/speak"'
        '|带引号的地址，如 "http://127.0.0.1:5500/speak"',
    )
    folder: str = Field(
        default="", description='a folder in quotes, such as "/srv/names"|带引号的目录，如 "/srv/names"'
    )

    @model_validator(mode="after")
    def _has_what_its_engine_needs(self) -> Self:
        needed = {"command": self.command, "http": self.url, "files": self.folder}.get(self.engine, True)
        if not needed:
            key = {"http": "url", "files": "folder"}.get(self.engine, self.engine)
            raise ValueError(f'engine = "{self.engine}" together with its "{key}"')
        return self


def chosen_engine(folder: Path) -> VoiceEngine | None:
    """The engine of the voice folder (home/voice), or None. Close it after use.

    Raises ConfigError for a wrong voice.toml.
    """
    choice = load_choice(folder)
    if choice is None or choice.engine == "kokoro":
        return Kokoro(folder) if is_installed(folder) else None
    if choice.engine == "command":
        return Command(choice.command)
    if choice.engine == "http":
        return HttpEngine(choice.url)
    return Files(Path(choice.folder))


def load_choice(folder: Path) -> VoiceChoice | None:
    """The site's choice, or None. Raises ConfigError with every problem."""
    file = folder / SETTINGS
    if not file.exists():
        return None
    choice, problems = validated(VoiceChoice, read_toml(file), file)
    if choice is None:
        raise ConfigError(problems)
    return choice


def render(engine: VoiceEngine, text: str, language: Language) -> Samples:
    """One sentence at 8 kHz, levelled and trimmed; each part in the voice of its language."""
    pause = np.zeros(int(_PAUSE_BETWEEN_VOICES_S * sound.RATE))
    pieces: list[Samples] = []
    for tongue, piece in parts(text, language):
        samples, rate = engine.say(piece, tongue)
        pieces += [sound.level(sound.trim(sound.to_line_rate(samples, rate))), pause]
    if not pieces:
        raise VoiceFailed("an empty text cannot be spoken")
    return np.concatenate(pieces[:-1])


class Command:
    """A program of the site: reads the text from standard input; its arguments contain {language} and the wav {out}."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = list(words)

    def voice(self, language: Language) -> str:
        return "command/" + " ".join(self._words).replace("{language}", language)

    def say(self, text: str, language: Language) -> tuple[Samples, int]:
        with tempfile.TemporaryDirectory(prefix="voice-") as folder:
            out = Path(folder) / "said.wav"
            words = [word.replace("{language}", language).replace("{out}", str(out)) for word in self._words]
            try:
                uid, gid = acting()
                subprocess.run(
                    words,
                    input=spoken(text, language),
                    text=True,
                    check=True,
                    timeout=LIMIT_S,
                    capture_output=True,
                    user=uid,
                    group=gid,
                )
                return sound.read_wav(out)
            except (OSError, subprocess.SubprocessError, ValueError) as error:
                raise VoiceFailed(f"the voice command could not say {text!r}: {error}") from error

    def close(self) -> None:
        """Nothing to do: no process is left."""


class HttpEngine:
    """A speech server: POST {"text", "language"} as JSON, the answer is a wav file."""

    def __init__(self, url: str) -> None:
        self._url = url

    def voice(self, language: Language) -> str:
        return f"http/{self._url}/{language}"

    def say(self, text: str, language: Language) -> tuple[Samples, int]:
        body = json.dumps({"text": spoken(text, language), "language": language}).encode()
        request = urllib.request.Request(self._url, body, {"Content-Type": "application/json"})
        with tempfile.TemporaryDirectory(prefix="voice-") as folder:
            out = Path(folder) / "said.wav"
            try:
                with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
                    out.write_bytes(answer.read())
                return sound.read_wav(out)
            except (OSError, ValueError) as error:
                raise VoiceFailed(f"the speech server {self._url} could not say {text!r}: {error}") from error

    def close(self) -> None:
        """Nothing to do: no connection is left."""


class Files:
    """Recorded sentences and names: FOLDER/zh/王芳.wav is played where 王芳 must be said."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def voice(self, language: Language) -> str:
        return f"files/{self._folder}/{language}"

    def say(self, text: str, language: Language) -> tuple[Samples, int]:
        name = re.sub(r"[^\w -]", "", text).strip()
        file = self._folder / language / f"{name}.wav"
        if not name or not file.is_file():
            raise VoiceFailed(f"no recording of {text!r}: it would be {file}")
        try:
            return sound.read_wav(file)
        except ValueError as error:
            raise VoiceFailed(str(error)) from error

    def close(self) -> None:
        """Nothing to do: no file is left open."""
