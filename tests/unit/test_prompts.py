"""The pack holds a file for every sentence in both languages, made from its current text; own recordings win."""

import ast
import hashlib
import re
import wave
from pathlib import Path

import numpy as np
import pytest

from models.errors import ConfigError, Problem
from models.instance.home import PROJECT_ROOT, Home
from models.language import LANGUAGES
from models.site import Site
from recordings import prompts
from recordings.conversations import CONVERSATIONS, prompts_of
from recordings.voice import sound

pytestmark = pytest.mark.unit

SAYS_VALUES = re.compile(
    r"(digit|letter|number|hundred|hour|minute|month|day|weekday|state|kind|department|not-transferred)-.+"
)
"""Prompts that recordings/speech.py puts together from a value; test_speech shows that each of them exists."""
SAYS_STATES = re.compile(
    "presence-(on-duty|break)|call-back-(busy|declined|no-answer|unreachable)"
    "|monitor-(listen|whisper|join|no-role|wrong-pin|locked|unknown|not-talking|not-allowed)"
)
"""Prompts that a conversation puts together from a state; the stories in tests/flows show that each of them exists."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.create_missing()
    return home


@pytest.fixture
def site() -> Site:
    return Site.load(PROJECT_ROOT / "site.example.toml")


def renamed(site: Site) -> Site:
    identity = site.site.model_copy(update={"name_zh": "翠湖苑", "name_en": "Emerald Lake"})
    return site.model_copy(update={"site": identity})


def own(home: Home, name: str, data: bytes | None = None, language: str = "zh") -> Path:
    """A recording of the site's own: these bytes, or a wav with a second of tone."""
    file = home.own_sounds / language / name
    file.parent.mkdir(parents=True, exist_ok=True)
    if data is not None:
        file.write_bytes(data)
    else:
        write_wav(file, sound.tone(440, 1.0) * 0.1)
    return file


def write_wav(file: Path, samples: sound.Samples, width: int = 2) -> None:
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(width)
        out.setframerate(sound.RATE)
        out.writeframes((samples * (32767 if width == 2 else 127)).astype(f"<i{width}").tobytes())


def installed(home: Home, name: str, language: str = "zh") -> bytes:
    return (home.sounds / language / "hotline" / f"{name}.alaw").read_bytes()


def packed(name: str, language: str = "zh") -> bytes:
    return (prompts.PACK / language / f"{name}.alaw").read_bytes()


def used_names() -> set[str]:
    """Every word in our programs and the dialplan that may name a prompt."""
    used = set()
    for package in ("ivr", "dialplan", "recordings"):
        for file in (PROJECT_ROOT / package).rglob("*.py"):
            nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            used |= {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return used | dialplan_names()


def dialplan_names() -> set[str]:
    texts = [file.read_text(encoding="utf-8") for file in (PROJECT_ROOT / "dialplan").glob("*.j2")]
    return {name for text in texts for name in re.findall(r"\bhotline/([a-z0-9-]+)[),\"]", text)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_prompt_is_made_from_its_current_text(language: str) -> None:
    made = prompts.manifest()[language]
    assert {name: entry["text"] for name, entry in made.items()} == {
        name: prompt.text(language) for name, prompt in prompts.load().items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_file_matches_the_manifest(language: str) -> None:
    files = {file.stem: file.read_bytes() for file in (prompts.PACK / language).iterdir()}
    made = prompts.manifest()[language]
    assert {name: hashlib.sha256(data).hexdigest() for name, data in files.items()} == {
        name: entry["sha256"] for name, entry in made.items()
    }
    assert {name: round(len(data) / sound.RATE, 3) for name, data in files.items()} == {
        name: entry["seconds"] for name, entry in made.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_prompt_is_as_loud_as_the_others(language: str) -> None:
    loudness = {
        file.stem: sound.speech_level(sound.from_alaw(file.read_bytes()))
        for file in (prompts.PACK / language).iterdir()
    }
    assert {name: level for name, level in loudness.items() if abs(level - sound.LOUDNESS_DBFS) > 3} == {}


def test_the_dialplan_plays_only_what_exists() -> None:
    assert dialplan_names()
    assert dialplan_names() - prompts.load().keys() == set()


def test_every_prompt_of_the_pack_is_played_somewhere() -> None:
    unused = prompts.load().keys() - used_names()
    assert {name for name in unused if not SAYS_VALUES.fullmatch(name) and not SAYS_STATES.fullmatch(name)} == set()


def test_installing_twice_writes_nothing_the_second_time(home: Home, site: Site) -> None:
    prompts.install(home, site)
    before = {file: file.stat().st_mtime_ns for file in home.sounds.rglob("*.alaw")}
    assert len(before) == 2 * len(prompts.load())
    prompts.install(home, site)
    assert {file: file.stat().st_mtime_ns for file in home.sounds.rglob("*.alaw")} == before


def test_missing_damaged_and_foreign_files_are_put_right_and_the_rest_left_alone(home: Home, site: Site) -> None:
    prompts.install(home, site)
    folder = home.sounds / "zh" / "hotline"
    untouched = (folder / "goodbye.alaw").stat().st_mtime_ns
    (folder / "menu.alaw").write_bytes(b"half")
    (folder / "wrong-key.alaw").unlink()
    (folder / "of-an-older-version.alaw").write_bytes(b"old")
    prompts.install(home, site)
    assert (installed(home, "menu"), installed(home, "wrong-key")) == (packed("menu"), packed("wrong-key"))
    assert not (folder / "of-an-older-version.alaw").exists()
    assert (folder / "goodbye.alaw").stat().st_mtime_ns == untouched


def test_an_own_recording_wins_in_its_language_and_is_made_as_loud_as_the_pack(home: Home, site: Site) -> None:
    own(home, "menu.wav")
    own(home, "greeting.alaw", b"\xd5" * 800)
    prompts.install(home, site)
    heard = sound.from_alaw(installed(home, "menu"))
    assert abs(sound.speech_level(heard) - sound.LOUDNESS_DBFS) < 1
    assert installed(home, "greeting") == b"\xd5" * 800
    assert installed(home, "menu", "en") == packed("menu", "en")


def test_removing_an_own_recording_restores_the_packs_prompt(home: Home, site: Site) -> None:
    file = own(home, "menu.wav")
    prompts.install(home, site)
    file.unlink()
    prompts.install(home, site)
    assert installed(home, "menu") == packed("menu")


def refused(home: Home, site: Site) -> list[Problem]:
    with pytest.raises(ConfigError) as raised:
        prompts.install(home, site)
    assert all(p.right and p.wrong_zh and p.right_zh for p in raised.value.problems)
    return list(raised.value.problems)


def test_all_unusable_own_recordings_are_reported_at_once(home: Home, site: Site) -> None:
    eight_bit, silence = own(home, "wrong-key.wav"), own(home, "no-key.wav")
    write_wav(eight_bit, sound.tone(440, 1.0), width=1)
    write_wav(silence, np.zeros(8000))
    own(home, "menu.wav", b"ID3 this is really an mp3")
    own(home, "goodbye.mp3", b"ID3")
    own(home, "greeting.alaw", b"RIFF....WAVE")
    own(home, "gretting.wav")
    told = {Path(p.file).name: p.wrong for p in refused(home, site)}
    assert told.keys() == {
        "goodbye.mp3",
        "greeting.alaw",
        "gretting.wav",
        "menu.wav",
        "no-key.wav",
        "wrong-key.wav",
    }
    assert told["gretting.wav"] == "is not the name of a prompt"
    assert told["no-key.wav"] == "holds no sound"
    assert "not a wav file" in told["menu.wav"]
    assert "8-bit" in told["wrong-key.wav"]
    assert told["goodbye.mp3"] == "cannot be used: .mp3"


def test_without_a_voice_a_renamed_site_greets_without_a_name(home: Home, site: Site) -> None:
    """R15-5: 您好，XX物业; a wrong name would be worse than none."""
    prompts.install(home, renamed(site))
    for language in LANGUAGES:
        assert installed(home, "greeting", language) == packed("greeting-general", language)


def test_with_a_voice_a_renamed_site_greets_with_its_name(home: Home, site: Site) -> None:
    said = home.path / "said.wav"
    write_wav(said, sound.tone(500, 1.0))
    (home.path / "voice").mkdir()
    log = home.path / "asked"
    script = home.path / "say"
    script.write_text(f'#!/bin/sh\ncat >> {log}; echo " $1" >> {log}; cp {said} "$2"\n', encoding="utf-8")
    script.chmod(0o755)
    choice = f'engine = "command"\ncommand = ["{script}", "{{language}}", "{{out}}"]\n'
    (home.path / "voice" / "voice.toml").write_text(choice, encoding="utf-8")
    for _ in range(2):
        prompts.install(home, renamed(site))
        assert installed(home, "greeting") not in (packed("greeting"), packed("greeting-general"))
    assert log.read_text(encoding="utf-8").splitlines() == [
        "您好，翠湖苑物业。 zh",
        "Hello, Emerald Lake property service. en",
    ]


def test_each_prompt_stands_in_one_conversation() -> None:
    listed = [prompt.name for one in CONVERSATIONS for prompt in prompts_of(one)]
    assert listed == list(prompts.load())
