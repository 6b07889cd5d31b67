"""The text of the day becomes sound when it is entered, before any wake-up call; without a sound it is refused."""

from pathlib import Path
from typing import Any

from hotline.terminal.acting import Acting
from hotline.terminal.listing import print_json, print_table
from hotline.terminal.refusals import NotDone
from hotline.wakeups.sheet import day_of
from models.clock import SystemClock
from models.guests import wakeup_texts
from models.guests.wakeup_texts import SpokenText, WakeupText
from models.language import Language
from models.text.spoken_text import checked
from models.text.wording import moment, say
from recordings.voice import sound
from recordings.voice.kokoro import VoiceFailed
from recordings.voice.speak import SAID, file_of, spoken_file

TEXTS = ("from", "until", "zh", "en", "set_by", "set_at")
_SHOWN = 100


def show(acting: Acting, day: str | None) -> None:
    """Raises NoMoment, StoreUnavailable."""
    on = day_of(acting, day)
    found = acting.this.open_store().read(wakeup_texts.of_day, on)
    if acting.view.as_json:
        return print_json(_fields(acting, found) if found else None)
    if found is None:
        return acting.print(f"{on} 没有登记播报文字", f"no text entered for {on}")
    return _print(acting, found)


def history(acting: Acting) -> None:
    """Raises StoreUnavailable."""
    rows = [_fields(acting, one) for one in acting.this.open_store().read(wakeup_texts.newest, limit=_SHOWN)]
    if acting.view.as_json:
        return print_json(rows)
    zone, language = acting.this.site.time_zone, acting.view.language
    cleared = say("（取消）", "(cleared)", language)
    texts = [
        {key: row[key] or "" for key in TEXTS}
        | {"set_at": moment(row["set_at"], zone)}
        | ({} if row["zh"] or row["en"] else {"zh": cleared})
        for row in rows
    ]
    return print_table(texts, TEXTS, language)


def enter(acting: Acting, zh: str | None, en: str | None, day: str | None, until: str | None) -> None:
    """Raises NoMoment, NotDone, TextRefused, StoreUnavailable; then nothing has changed."""
    if zh is None and en is None:
        raise NotDone(acting.words("请写 --zh 中文文字 和 --en 英文文字", "what is to be said? --zh TEXT --en TEXT"))
    since, today = day_of(acting, day), day_of(acting, None)
    last = day_of(acting, until) if until else since
    texts: list[tuple[Language, str | None]] = [("zh", zh), ("en", en)]
    plain = {language: checked(text, language, wakeup_texts.LONGEST) for language, text in texts if text is not None}
    said = {language: _spoken(acting, text, language) for language, text in plain.items()}
    row = acting.this.open_store().write(
        wakeup_texts.enter,
        since,
        last,
        zh=said.get("zh"),
        en=said.get("en"),
        today=today,
        by=acting.who,
        at=SystemClock().now(),
    )
    return print_json(_fields(acting, row)) if acting.view.as_json else _print(acting, row)


def clear(acting: Acting, day: str | None, until: str | None) -> None:
    """Clears that day, or all days to come when none is named. Raises NoMoment, TextRefused, StoreUnavailable."""
    since, today = day_of(acting, day), day_of(acting, None)
    last = day_of(acting, until) if until else since if day else None
    at = SystemClock().now()
    row = acting.this.open_store().write(wakeup_texts.clear, since, last, today=today, by=acting.who, at=at)
    days = f"{row.from_date} - {row.until_date}"
    acting.print(f"{days} 不再播报文字", f"no text is said on {days}")


# -- how --------------------------------------------------------------------------------------------------------------


def _spoken(acting: Acting, text: str, language: Language) -> SpokenText:
    try:
        file = spoken_file(text, language, acting.this.home)
    except VoiceFailed as failure:
        raise NotDone(acting.words(f"未登记，无法读出：{failure}", f"nothing entered: {failure}")) from failure
    longest = acting.this.policy.wake_up.text_seconds
    if (seconds := _seconds(file)) > longest:
        zh = f"未登记：{text[:20]}… 读出需 {seconds:.0f} 秒，最多 {longest} 秒，请写短些（policy.toml text_seconds）"
        en = f"nothing entered: {text[:20]}... takes {seconds:.0f} s to say, {longest} at most: make it shorter"
        raise NotDone(acting.words(zh, f"{en} (policy.toml, text_seconds)"))
    return SpokenText(text, f"{SAID}/{file.stem}")


def _fields(acting: Acting, row: WakeupText) -> dict[str, Any]:
    sounds: dict[Language, str | None] = {"zh": row.zh_sound, "en": row.en_sound}
    files = {language: file_of(acting.this.home, language, name) for language, name in sounds.items() if name}
    return {
        "from": str(row.from_date),
        "until": str(row.until_date),
        "zh": row.zh,
        "en": row.en,
        "set_by": row.set_by,
        "set_at": row.set_at,
        "files": {language: str(file) if file.is_file() else None for language, file in files.items()},
    }


def _print(acting: Acting, row: WakeupText) -> None:
    fields = _fields(acting, row)
    by = f"{row.set_by}, {moment(row.set_at, acting.this.site.time_zone)}"
    days = f"{row.from_date} - {row.until_date} ({by})"
    acting.print(f"叫醒时播报：{days}", f"said when guests are woken: {days}")
    for language in ("zh", "en"):
        if language not in fields["files"]:
            acting.print(f"{language}: （未登记，不播报）", f"{language}: (none, so nothing is said)")
            continue
        file = fields["files"][language]
        gone = acting.words(
            "（声音文件已丢失，不播报：请重新登记）", "(its sound is gone, so it is not said: enter it again)"
        )
        heard = f"{_seconds(Path(file)):.1f} s  {file}" if file else gone
        print(f"{language}: {fields[language]}\n    {heard}")


def _seconds(file: Path) -> float:
    return file.stat().st_size / sound.RATE
