"""`python -m recordings.voice.build` makes the pack from prompts.toml; only changed texts are synthesised again."""

import argparse
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from models.language import LANGUAGES, Language
from recordings.prompts import MANIFEST, PACK, Prompt, load, manifest
from recordings.voice import sound
from recordings.voice.engine import render
from recordings.voice.kokoro import Kokoro
from recordings.voice.spoken import parts, spoken

BEEP = "beep"
_BEEP_HERTZ, _BEEP_SECONDS = 1000.0, 0.4
_SECONDS_PER_SYLLABLE = (0.08, 0.75)  # outside these bounds a prompt was cut short or babbles on
_SLACK_S = 0.9
_WITHIN = ("digit-", "badge", "whisper-ending", "building", "unit", "room", "serves-you", "recording-notice")
"""First words, badges, telephone numbers and rooms are put together of these: nobody waits between two digits."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--voice", type=Path, required=True, help="folder made by `hotline voice install`")
    options.add_argument("--only", nargs="*", help="only these prompts, even if unchanged")
    options.add_argument("--threads", type=int, default=1)
    chosen = options.parse_args()
    with Kokoro(chosen.voice.resolve(), chosen.threads) as engine:
        made = build(engine, chosen.only)
    print(f"{made} prompts made, {sum(f.stat().st_size for f in PACK.rglob('*.alaw')) / 1e6:.1f} MB in the pack")


def build(engine: Kokoro, only: list[str] | None = None) -> int:
    """Synthesises missing, changed and named prompts, deletes those without a text; returns how many files it made."""
    prompts, old = load(), manifest()
    entries = {
        language: {name: entry for name, entry in old.get(language, {}).items() if name in prompts}
        for language in LANGUAGES
    }
    made = 0
    for language, prompt in _due(engine, prompts, entries, only):
        said = prompt.text(language)
        samples = beep() if prompt.name == BEEP else render(engine, said, language)
        if prompt.name.startswith(_WITHIN):
            samples = sound.trim(samples, within=True)
        data = sound.to_alaw(samples)
        file = PACK / language / f"{prompt.name}.alaw"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        entries[language][prompt.name] = {
            "text": said,
            "voice": voice_of(engine, prompt, language),
            "sha256": hashlib.sha256(data).hexdigest(),
            "seconds": round(len(data) / sound.RATE, 3),
        }
        made += 1
        print(f"{language} {prompt.name:24} {len(data) / sound.RATE:6.2f} s  {said}", flush=True)
        for fault in faults(samples, said, prompt.name):
            print(f"   !! {fault}", flush=True)
        _write(entries)
    for file in PACK.rglob("*.alaw"):
        if file.stem not in entries[_language(file.parent.name)]:
            file.unlink()
    _write(entries)
    return made


def beep() -> sound.Samples:
    """The tone before a message is recorded."""
    return sound.level(sound.tone(_BEEP_HERTZ, _BEEP_SECONDS))


def faults(samples: sound.Samples, text: str, name: str) -> Iterator[str]:
    """Audible faults: silence, clipping, a length that does not fit the text."""
    if abs(sound.speech_level(samples) - sound.LOUDNESS_DBFS) > 3:
        yield f"loudness {sound.speech_level(samples):.1f} dBFS"
    if float(np.abs(samples).max(initial=0.0)) > 0.99:
        yield "clipped"
    if name == BEEP:
        return
    syllables, seconds = syllables_of(text), len(samples) / sound.RATE
    low, high = (bound * syllables for bound in _SECONDS_PER_SYLLABLE)
    if not low < seconds < high + _SLACK_S:
        yield f"{seconds:.2f} s for {syllables} syllables"


def syllables_of(text: str) -> int:
    """About how many syllables a text has: one a Chinese character, three letters of an English word."""
    said = "".join(spoken(piece, tongue) for tongue, piece in parts(text, "zh"))
    chinese = sum("\u4e00" <= sign <= "\u9fff" for sign in said)
    letters = sum(sign.isascii() and sign.isalpha() for sign in said)
    return chinese + -(-letters // 3)


def voice_of(engine: Kokoro, prompt: Prompt, language: Language) -> str:
    return f"tone/{_BEEP_HERTZ:g}" if prompt.name == BEEP else engine.voice(language)


def _due(
    engine: Kokoro,
    prompts: dict[str, Prompt],
    entries: dict[Language, dict[str, dict[str, object]]],
    only: list[str] | None,
) -> Iterator[tuple[Language, Prompt]]:
    for prompt in prompts.values():
        for language in LANGUAGES:
            entry = entries[language].get(prompt.name, {})
            is_made = (
                entry.get("text") == prompt.text(language)
                and entry.get("voice") == voice_of(engine, prompt, language)
                and (PACK / language / f"{prompt.name}.alaw").exists()
            )
            if (only and prompt.name in only) or not is_made:
                yield language, prompt


def _write(entries: dict[Language, dict[str, dict[str, object]]]) -> None:
    ordered = {language: dict(sorted(named.items())) for language, named in entries.items()}
    new = MANIFEST.with_suffix(".new")
    new.write_text(json.dumps(ordered, ensure_ascii=False, indent=1) + "\n", "utf-8")
    new.replace(MANIFEST)


def _language(folder: str) -> Language:
    return "zh" if folder == "zh" else "en"


if __name__ == "__main__":
    main()
