"""Each sentence has one name and a file in each language; Asterisk plays the pack's file, or the site's own."""

import json
import os
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from models.errors import ConfigError, MoveRefused, Problem
from models.instance.home import Home
from models.language import LANGUAGES, Language
from models.site import Site
from recordings.voice import sound
from recordings.voice.speak import speak

TEXTS = Path(__file__).with_name("prompts.toml")
PACK = Path(__file__).with_name("pack")
MANIFEST = PACK / "manifest.json"
GREETING = "greeting"
PRICES = "prices"
"""The prices of paid services (R08-11), not in the pack because each site has its own (recordings/prices.py)."""
_GENERAL_GREETING = "greeting-general"
_MARK = re.compile(r"\[/?(?:zh|en)\]")
_FAINTEST_DBFS = -60.0  # below it there is only the microphone's own noise


@dataclass(frozen=True)
class Prompt:
    """One sentence in both languages."""

    name: str
    zh: str
    en: str

    def text(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    def words(self, language: Language) -> str:
        """Its text without the marks that change the voice."""
        return _MARK.sub("", self.text(language))


@cache
def load() -> dict[str, Prompt]:
    """All prompts by name."""
    table = tomllib.loads(TEXTS.read_text("utf-8"))
    return {name: Prompt(name, said["zh"], said["en"]) for name, said in table.items()}


def manifest() -> dict[Language, dict[str, dict[str, Any]]]:
    """language -> name -> {"text", "voice", "sha256", "seconds"} of each file; empty before the first build."""
    if not MANIFEST.exists():
        return {}
    made: dict[Language, dict[str, dict[str, Any]]] = json.loads(MANIFEST.read_text("utf-8"))
    return made


@cache
def _seconds() -> dict[tuple[str, str], float]:
    return {
        (lang, name): float(entry["seconds"]) for lang, named in manifest().items() for name, entry in named.items()
    }


def duration(name: str, language: Language) -> float:
    """Seconds that the pack's file plays. Raises KeyError for an unknown name."""
    return _seconds()[language, name]


def greeting(site: Site) -> str:
    """The first words of every answered call (R15-5): one name everywhere; `install` provides this site's words."""
    return GREETING


def install(home: Home, site: Site) -> None:
    """Brings home.sounds/{zh,en}/hotline up to date: the pack, the site's greeting, its own recordings over both.

    Own recordings are home/own-sounds/{zh,en}/NAME.wav (any rate, made alike here) or NAME.alaw (taken as it is).
    Files that are already right are not touched. Raises ConfigError naming every recording that cannot be used.
    """
    problems: list[Problem] = []
    for language in LANGUAGES:
        folder = home.sounds / language / "hotline"
        wanted = {file.stem: file.read_bytes() for file in (PACK / language).glob("*.alaw")}
        wanted[GREETING] = _greeting(home, site, language).read_bytes()
        wanted |= _own(home.own_sounds / language, problems)
        for name, data in wanted.items():
            file = folder / f"{name}.alaw"
            if not file.exists() or file.read_bytes() != data:
                sound.write_whole(file, data)
        for file in folder.glob("*.alaw"):
            if file.stem not in wanted:
                file.unlink()
    if problems:
        raise ConfigError(problems)


def _greeting(home: Home, site: Site, language: Language) -> Path:
    """The pack's greeting if it names this site, else one spoken by the engine, else one without a name."""
    if language == "zh":
        text = f"您好，{site.name_zh.removesuffix('物业')}物业。"
    else:
        text = f"Hello, {site.name_en} property service."
    if text == load()[GREETING].text(language):
        return PACK / language / f"{GREETING}.alaw"
    return speak(text, language, home) or PACK / language / f"{_GENERAL_GREETING}.alaw"


def played(home: Home, language: Language, name: str) -> Path:
    """The file that callers hear; before the first start that of the pack."""
    installed = home.sounds / language / "hotline" / f"{name}.alaw"
    return installed if installed.exists() else PACK / language / f"{name}.alaw"


def own_recording(home: Home, language: Language, name: str) -> bool:
    """Whether the site has its own recording of this prompt."""
    return any((home.own_sounds / language / f"{name}.{ending}").is_file() for ending in ("wav", "alaw"))


def take_own(home: Home, language: Language, name: str, data: bytes) -> None:
    """Takes a wav file into use as the site's own recording of a prompt; the next playing plays it.

    Raises MoveRefused when it cannot be used, and the present one stays.
    """
    folder = home.own_sounds / language
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{name}.{os.getpid()}.wav"
    try:
        part.write_bytes(data)
        made = _heard(part)
        part.replace(folder / f"{name}.wav")
        (folder / f"{name}.alaw").unlink(missing_ok=True)
    except _Unusable as error:
        wrong, right, wrong_zh, right_zh = error.wrong_and_right
        raise MoveRefused(f"the recording {wrong}; right: {right}", f"录音{wrong_zh}，应为：{right_zh}") from error
    finally:
        part.unlink(missing_ok=True)
    sound.write_whole(home.sounds / language / "hotline" / f"{name}.alaw", made)


def back_to_delivered(home: Home, site: Site, language: Language, name: str) -> None:
    """Removes the site's own recording of a prompt. Raises MoveRefused when there is none."""
    own = [home.own_sounds / language / f"{name}.{ending}" for ending in ("wav", "alaw")]
    if not any(file.is_file() for file in own):
        raise MoveRefused("the delivered prompt is in use already", "正在使用的就是自带的提示音")
    for file in own:
        file.unlink(missing_ok=True)
    delivered = _greeting(home, site, language) if name == GREETING else PACK / language / f"{name}.alaw"
    sound.write_whole(home.sounds / language / "hotline" / f"{name}.alaw", delivered.read_bytes())


def _own(folder: Path, problems: list[Problem]) -> dict[str, bytes]:
    """The site's own recordings by prompt; each unusable one becomes a problem, none is silently ignored."""
    made: dict[str, bytes] = {}
    for file in sorted(folder.glob("[!.]*")):
        try:
            if file.stem not in load() and file.stem != PRICES:
                raise _Unusable(
                    "is not the name of a prompt",
                    "a name in recordings/prompts.toml",
                    "不是提示音的名称",
                    "recordings/prompts.toml 中的名称",
                )
            made[file.stem] = _heard(file)
        except _Unusable as error:
            problems.append(Problem(file, "(file)", *error.wrong_and_right))
    return made


def _heard(file: Path) -> bytes:
    """The A-law bytes of one own recording. Raises _Unusable."""
    wav = ("a 16-bit PCM wav file", "16 位 PCM 的 wav 文件")
    if file.suffix == ".alaw":
        data = file.read_bytes()
        if not data or data.startswith(b"RIFF"):
            raise _Unusable(
                "is not raw A-law",
                "8 kHz A-law without a header, or a wav file",
                "不是裸 A-law 数据",
                "8 kHz、无文件头的 A-law，或 wav 文件",
            )
        return data
    if file.suffix != ".wav":
        raise _Unusable(f"cannot be used: {file.suffix or 'no ending'}", wav[0], "格式不可用", wav[1])
    try:
        samples, rate = sound.read_wav(file)
    except ValueError as error:
        raise _Unusable(str(error).removeprefix(f"{file}: "), wav[0], "无法读取", wav[1]) from error
    if not sound.speech_level(sound.to_line_rate(samples, rate)) > _FAINTEST_DBFS:
        raise _Unusable("holds no sound", "a recording in which somebody speaks", "没有声音", "有人声的录音")
    return sound.finished(samples, rate)


class _Unusable(Exception):
    """A recording that cannot be played; `wrong_and_right` is both, in English and in Chinese."""

    def __init__(self, wrong: str, right: str, wrong_zh: str, right_zh: str) -> None:
        super().__init__(wrong)
        self.wrong_and_right = (wrong, right, wrong_zh, right_zh)
