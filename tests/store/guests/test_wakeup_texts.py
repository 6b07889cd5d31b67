"""The weather or a text of the day is made into speech when it is entered, and stays on file (R21-10)."""

import wave
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from models.clock import SystemClock
from models.database.store import Store
from models.guests import wakeup_texts
from models.guests.wakeup_texts import SpokenText, TextRefused, WakeupText
from models.site import Site
from tests.store.history import grow
from tests.store.terminal import Terminal
from tests.store.what_it_reads import Statements, plans, read_whole

pytestmark = pytest.mark.store

MONDAY = date(2026, 3, 2)
SUN, SNOW = SpokenText("今天晴。", "said/sun"), SpokenText("Snow today.", "said/snow")
HISTORY = {
    "wakeup_texts": "id, from_date, until_date, zh, zh_sound, set_by, set_at"
    " :: i, DAY, DAY, '晴', 'said/sun', '7001', AT"
}


def days(store: Store, first: int = 0, last: int = 6) -> list[str | None]:
    """The text spoken in Chinese or English on each of these days after Monday."""
    found = [store.read(wakeup_texts.of_day, MONDAY + timedelta(days=away)) for away in range(first, last + 1)]
    return [one and (one.zh or one.en) for one in found]


def enters(store: Store, first: int, last: int, **said: SpokenText) -> WakeupText:
    texts = {"zh": None, "en": None} | said
    return store.write(
        wakeup_texts.enter,
        MONDAY + timedelta(days=first),
        MONDAY + timedelta(days=last),
        today=MONDAY,
        by="7001",
        at=SystemClock().now(),
        **texts,
    )


def test_the_last_of_several_texts_for_a_day_is_spoken_and_a_cleared_day_has_none(store: Store) -> None:
    enters(store, 1, 4, zh=SUN)
    enters(store, 2, 2, en=SNOW)
    assert days(store) == [None, SUN.text, SNOW.text, SUN.text, SUN.text, None, None]
    clear = {"today": MONDAY, "by": "7002", "at": SystemClock().now()}
    tuesday = MONDAY + timedelta(days=1)
    store.write(wakeup_texts.clear, tuesday, tuesday, **clear)
    assert days(store, 1, 2) == [None, SNOW.text]
    store.write(wakeup_texts.clear, MONDAY, None, **clear)
    assert set(days(store)) == {None}
    with pytest.raises(TextRefused, match="no text entered"):
        store.write(wakeup_texts.clear, MONDAY, None, **clear)
    kept = store.read(wakeup_texts.newest, limit=10)
    assert [(one.zh or one.en, one.set_by) for one in kept] == [
        (None, "7002"),
        (None, "7002"),
        (SNOW.text, "7001"),
        (SUN.text, "7001"),
    ]


def test_days_in_the_past_and_reversed_days_are_refused(store: Store) -> None:
    with pytest.raises(TextRefused, match="2026-03-01 is past"):
        enters(store, -1, 3, zh=SUN)
    with pytest.raises(TextRefused, match="is before"):
        enters(store, 3, 2, zh=SUN)
    assert store.read(wakeup_texts.newest, limit=10) == []


def test_the_text_of_today_is_found_without_reading_ten_years_of_texts(store: Store) -> None:
    day = "'2025-01-01'" if store.sqlite else "date '2025-01-01'"
    grow(store, 1, 4000, {table: row.replace("DAY", day) for table, row in HISTORY.items()})
    with Statements(store) as sent:
        enters(store, 0, 0, zh=SUN)
        assert days(store, 0, 1) == [SUN.text, None]
        store.read(wakeup_texts.newest, limit=10)
    assert [(s, p) for s, p in plans(store, sent) if read_whole(store, s, p, HISTORY)] == []


# -- at the desk ------------------------------------------------------------------------------------------------------


@pytest.fixture
def recorded(hotline: Terminal, tmp_path: Path) -> Callable[..., Terminal]:
    """Lets the site's voice speak a sentence that lasts `seconds`."""
    names = tmp_path / "names"
    folder = hotline.home.path / "voice"
    folder.mkdir()
    (folder / "voice.toml").write_text(f'engine = "files"\nfolder = "{names}"\n', encoding="utf-8")

    def can_say(language: str, name: str, seconds: float = 1.0) -> Terminal:
        (names / language).mkdir(parents=True, exist_ok=True)
        tone = np.sin(np.arange(int(8000 * seconds)) / 3) * 8000
        with wave.open(str(names / language / f"{name}.wav"), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(8000)
            out.writeframes(tone.astype("<i2").tobytes())
        return hotline

    return can_say


def test_a_text_is_made_into_speech_at_once_and_the_desk_can_listen_to_it(
    recorded: Callable[..., Terminal], site: Site
) -> None:
    recorded("zh", "今天晴")
    desk = recorded("en", "Sunny today")
    today = SystemClock().now().astimezone(site.time_zone).date()
    assert desk("wakeup", "text", "show") == f"no text entered for {today}\n"
    words = ("--zh", " 今天晴。\n", "--en", "Sunny today", "--until", "+2d", "--as", "7001")
    printed = desk("wakeup", "text", "set", *words)
    assert (desk.code, f"{today} - {today + timedelta(days=2)} (7001" in printed) == (0, True)
    shown = desk.json("wakeup", "text", "show", "--date", "tomorrow")
    assert (shown["zh"], shown["en"], shown["set_by"]) == ("今天晴。", "Sunny today", "7001")
    files = {language: Path(file) for language, file in shown["files"].items()}
    assert all(str(file) in printed and file.is_file() for file in files.values())
    assert {file.relative_to(desk.home.sounds).parts[:3] for file in files.values()} == {
        ("zh", "hotline", "said"),
        ("en", "hotline", "said"),
    }
    files["en"].unlink()
    assert "its sound is gone" in desk("wakeup", "text", "show")
    assert desk("wakeup", "text", "clear", "--date", "tomorrow", lang="zh").endswith("不再播报文字\n")
    assert desk.json("wakeup", "text", "show", "--date", "tomorrow") is None
    assert desk.json("wakeup", "text", "show")["zh"] == "今天晴。"
    assert [row["zh"] for row in desk.json("wakeup", "text", "show", "--all")] == [None, "今天晴。"]
    assert "(cleared)" in desk("wakeup", "text", "show", "--all")
    desk("wakeup", "text", "clear", "--as", "7002")
    desk("wakeup", "text", "clear")
    assert (desk.code, "no text entered" in desk.errors) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "what is to be said?"),
        (("--zh", " "), "the Chinese text is empty"),
        (("--zh", "Sunny today"), "has no Chinese in it"),
        (("--en", "今天晴"), "is not English"),
        (("--zh", "晴" * 301), "has 301 characters: 300 at most"),
        (("--zh", "今天很长"), "takes 21 s to say, 20 at most"),
        (("--zh", "今天晴", "--en", "Nobody has recorded this"), "no recording of"),
        (("--zh", "今天晴", "--date", "yesterday"), "is past"),
        (("--zh", "今天晴", "--date", "soon"), "is no moment"),
    ],
)
def test_a_text_that_cannot_be_spoken_is_refused_as_a_whole(
    words: tuple[str, ...], said: str, recorded: Callable[..., Terminal]
) -> None:
    recorded("zh", "今天很长", 21.0)
    desk = recorded("zh", "今天晴")
    desk("wakeup", "text", "set", *words)
    assert (desk.code, said in desk.errors) == (1, True), desk.errors
    assert desk.json("wakeup", "text", "show", "--all") == []


def test_without_a_voice_the_refusal_says_how_to_install_one(hotline: Terminal) -> None:
    hotline("wakeup", "text", "set", "--zh", "今天晴", lang="zh")
    assert (hotline.code, "无法读出" in hotline.errors, "hotline voice install" in hotline.errors) == (1, True, True)
