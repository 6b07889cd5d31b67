"""Prices of paid services: the site's recording, or its text as speech; in both languages or not at all (R08-11)."""

import shutil
from pathlib import Path

import pytest

from models.errors import ConfigError, Problem
from models.instance.home import PROJECT_ROOT, Home
from models.language import LANGUAGES, Language
from models.site import Site
from recordings import prices, prompts
from recordings.prompts import PACK, PRICES
from recordings.voice import sound
from recordings.voice.speak import file_of

pytestmark = pytest.mark.unit

EXAMPLE = (PROJECT_ROOT / "site.example.toml").read_text(encoding="utf-8")
ZH, EN = "家政保洁每小时40元。", "House cleaning, 40 yuan an hour."


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.create_missing()
    return home


def site(zh: object, en: object = "") -> str:
    """The example site with these prices, written as TOML."""
    start, end = EXAMPLE.index("[prices]"), EXAMPLE.index("[reports]")
    return f"{EXAMPLE[:start]}[prices]\nzh = {zh}\nen = {en}\n{EXAMPLE[end:]}"


def loaded(folder: Path, text: str) -> Site:
    file = folder / "site.toml"
    file.write_text(text, encoding="utf-8")
    return Site.load(file)


def priced(home: Home) -> Site:
    return loaded(home.path, site(f'"{ZH}"', f'"{EN}"'))


def recorded(home: Home, language: str) -> None:
    """The site's own recording: the sound of another prompt will do."""
    file = home.own_sounds / language / f"{PRICES}.alaw"
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(PACK / language / "goodbye.alaw", file)


def can_speak(home: Home, *languages: Language) -> Path:
    """A voice that says anything in these languages, and counts its sentences."""
    wav, script, asked = home.path / "said.wav", home.path / "say", home.path / "asked"
    wav.write_bytes(_wav(sound.tone(500, 1.0)))
    can = "|".join(languages)
    script.write_text(
        f'#!/bin/sh\ncat >> {asked}; echo " $1" >> {asked}\ncase $1 in {can}) cp {wav} "$2";; *) exit 1;; esac\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    folder = home.path / "voice"
    folder.mkdir(exist_ok=True)
    choice = f'engine = "command"\ncommand = ["{script}", "{{language}}", "{{out}}"]\n'
    (folder / "voice.toml").write_text(choice, encoding="utf-8")
    return asked


def _wav(samples: sound.Samples) -> bytes:
    data = (samples * 32767).astype("<i2").tobytes()
    head = b"RIFF" + (36 + len(data)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    form = b"\x01\0\x01\0" + sound.RATE.to_bytes(4, "little") + (2 * sound.RATE).to_bytes(4, "little") + b"\x02\0\x10\0"
    return head + form + b"data" + len(data).to_bytes(4, "little") + data


def starts(home: Home, site: Site) -> None:
    prompts.install(home, site)
    prices.speak(home, site)


def installed(home: Home, language: Language) -> bytes | None:
    file = file_of(home, language, PRICES)
    return file.read_bytes() if file.exists() else None


# -- the site file ----------------------------------------------------------------------------------------------------


def test_a_site_has_no_prices_until_it_enters_them(tmp_path: Path) -> None:
    earlier = EXAMPLE[: EXAMPLE.index("[prices]")] + EXAMPLE[EXAMPLE.index("[reports]") :]
    for text in (EXAMPLE, earlier):
        example = loaded(tmp_path, text)
        assert (example.prices.text("zh"), example.prices.text("en")) == ("", "")


def test_a_price_list_of_several_lines_is_spoken_as_one(tmp_path: Path) -> None:
    entered = loaded(tmp_path, site(f'"""\n{ZH}\n  空调清洗每台80元。\n"""', f'"{EN}"'))
    assert (entered.prices.text("zh"), entered.prices.text("en")) == (f"{ZH} 空调清洗每台80元。", EN)


@pytest.mark.parametrize(
    ("zh", "en", "key", "wrong", "right"),
    [
        (f'"{ZH}"', '""', "prices.en", "is empty, but prices.zh is not", "prices in English"),
        ('""', f'"{EN}"', "prices.zh", "is empty, but prices.en is not", "prices in Chinese"),
        (f'"{EN}"', f'"{EN}"', "prices.zh", "no Chinese in it", "prices in Chinese"),
        (f'"{ZH}"', f'"{ZH}"', "prices.en", "is not English", "prices in English"),
        (f'"{ZH}"', '"  "', "prices.en", "is empty", "prices in English"),
        (f'"{"价" * 601}"', f'"{EN}"', "prices.zh", "has 601 characters: 600 at most", "1 to 600 characters"),
        (40, f'"{EN}"', "prices.zh", "is 40", "prices in Chinese"),
        (f'"{ZH}"\nde = "vierzig"', f'"{EN}"', "prices.de", "not a known key", "one of zh, en"),
    ],
)
def test_each_mistake_in_the_prices_is_reported_with_its_key_and_remedy(
    tmp_path: Path, zh: object, en: object, key: str, wrong: str, right: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, site(zh, en))
    problems: list[Problem] = [one for one in refused.value.problems if one.key == key]
    assert problems, f"nothing said about {key}"
    assert (wrong in problems[0].wrong, right in problems[0].right) == (True, True), problems[0]
    assert (problems[0].wrong_zh != problems[0].wrong, bool(problems[0].right_zh)) == (True, True)


# -- at the start -----------------------------------------------------------------------------------------------------


def test_the_prices_are_synthesised_once_and_offered_in_both_languages(home: Home) -> None:
    """R08-11."""
    asked = can_speak(home, *LANGUAGES)
    for _ in range(2):
        starts(home, priced(home))
        assert prices.are_told(home)
    assert asked.read_text(encoding="utf-8").splitlines() == [
        "家政保洁每小时四十元。 zh",
        "House cleaning, forty yuan an hour. en",
    ]


def test_the_sites_recording_of_the_prices_wins_over_the_voice_and_needs_no_text(home: Home) -> None:
    """R08-11."""
    asked = can_speak(home, *LANGUAGES)
    recorded(home, "zh")
    starts(home, priced(home))
    assert installed(home, "zh") == (PACK / "zh" / "goodbye.alaw").read_bytes()
    assert asked.read_text(encoding="utf-8") == "House cleaning, forty yuan an hour. en\n"
    recorded(home, "en")
    starts(home, loaded(home.path, EXAMPLE))
    assert prices.are_told(home)


def test_prices_removed_from_the_site_file_are_no_longer_offered(home: Home) -> None:
    """R08-11: an outdated price is worse than none."""
    can_speak(home, *LANGUAGES)
    starts(home, priced(home))
    starts(home, loaded(home.path, EXAMPLE))
    assert [installed(home, language) for language in LANGUAGES] == [None, None]
    assert prices.silent_languages(home, loaded(home.path, EXAMPLE)) == []


def test_without_a_voice_the_prices_are_not_offered_and_the_remedy_is_reported(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """R08-11."""
    starts(home, priced(home))
    assert not prices.are_told(home)
    assert prices.silent_languages(home, priced(home)) == ["zh", "en"]
    for words in ("hotline voice install", f"{PRICES}.wav", str(home.own_sounds / "en"), "菜单"):
        assert words in caplog.text


def test_prices_in_one_language_only_are_not_offered(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """R08-11."""
    recorded(home, "zh")
    starts(home, loaded(home.path, EXAMPLE))
    assert (prices.are_told(home), "does not offer the prices: record it" in caplog.text) == (False, True)
    assert prices.silent_languages(home, loaded(home.path, EXAMPLE)) == ["en"]
    can_speak(home, "zh")
    caplog.clear()
    starts(home, priced(home))
    assert (prices.are_told(home), "voice command could not say" in caplog.text) == (False, True)
    can_speak(home, *LANGUAGES)
    starts(home, priced(home))
    assert prices.are_told(home)


def test_a_wrong_choice_of_voice_disables_the_prices_and_does_not_stop_the_start(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    can_speak(home)
    (home.path / "voice" / "voice.toml").write_text('engine = "parrot"\n', encoding="utf-8")
    starts(home, priced(home))
    assert (prices.are_told(home), '"parrot"' in caplog.text) == (False, True)
