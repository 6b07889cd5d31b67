"""Finds which prompt was heard, where, and how much of it, by comparing samples with the prompt pack.

A prompt is searched by its first second (correlation over the whole recording) and then followed in quarter seconds,
each of which may have slipped a little: jitter buffers drop and repeat packets. The right prompt scores above 0.95, the
best wrong one of the same voice below 0.5.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import pairwise

import numpy as np

from models.language import Language
from phones.likeness import PreparedRecording, alaw, band, energy, likeness, peaks, slipped
from phones.microphone import RATE, Samples
from recordings.prompts import PACK, manifest

PIECE_S = 0.25
_ANCHOR_S = 1.0
_PIECE = int(PIECE_S * RATE)
_SLIP = int(0.12 * RATE)
_GAP = int(0.5 * RATE)
_SURE = 0.8
_LIKELY = 0.55
_POSSIBLE = 0.4
_FRAGMENT = 0.87  # similar fragments (the 13th, the 14th) are partly alike
_QUIET = 0.02  # a piece with less than this share of the loudest one's energy proves nothing
_BETWEEN_FRAGMENTS = (int(-0.15 * RATE), int(0.6 * RATE))
_STALLED = int(1.5 * RATE)  # a busy machine may pause this long between two fragments
_WINDOW = RATE // 10
_BREAK = 3  # windows: shorter ones are packets that a busy machine has lost
_VOICE = 0.15  # of three speakers at once each has a third


@dataclass(frozen=True)
class HeardPrompt:
    """A prompt in a recording. Seconds: `start` in the recording, `part` of the prompt that were heard.

    `score` is the median likeness (0 to 1) over the whole prompt, what was not heard counting 0. `at` is the monotonic
    moment of `start`, where the recording's own is known.
    """

    name: str
    score: float
    start: float
    part: float
    whole: bool
    at: float = 0.0

    def later(self, seconds: float, recording_began: float) -> "HeardPrompt":
        """The same, for a search that skipped the first `seconds` of the recording."""
        start = self.start + seconds
        return replace(self, start=start, at=recording_began + start)


@dataclass(frozen=True)
class Reference:
    """The samples to search for (already limited to the telephone band)."""

    name: str
    samples: Samples

    @classmethod
    def of(cls, name: str, samples: Samples) -> "Reference":
        return cls(name, band(samples))

    @cached_property
    def pieces(self) -> list[tuple[int, Samples]]:
        """Each piece with sound and where it begins; a reference too short to be cut is one piece."""
        size = min(_PIECE, len(self.samples))
        cut = [(at, self.samples[at : at + size]) for at in range(0, len(self.samples) - size + 1, size)]
        loud = max(energy(piece) for _, piece in cut)
        return [(at, piece) for at, piece in cut if energy(piece) > _QUIET * loud]

    @property
    def ends(self) -> float:
        """Seconds to the end of its last piece with sound."""
        return (self.pieces[-1][0] + len(self.pieces[-1][1])) / RATE

    def anchors(self, count: int) -> list[tuple[int, Samples]]:
        """Its first `count` seconds of sound, where a search starts: a second one in case the first is damaged."""
        first, size = self.pieces[0][0], int(_ANCHOR_S * RATE)
        places = [first + number * size for number in range(count)]
        whole = [(at, self.samples[at : at + size]) for at in places if at + size <= len(self.samples)]
        loud = [anchor for anchor in whole if energy(anchor[1]) > _QUIET * energy(self.pieces[0][1])]
        return loud or [(first, self.samples[first : first + size])]


@cache
def prompt(name: str, language: Language) -> Reference:
    """A prompt of the pack. Raises FileNotFoundError for an unknown name."""
    return Reference.of(name, alaw((PACK / language / f"{name}.alaw").read_bytes()))


def find(recording: Samples, reference: Reference) -> list[HeardPrompt]:
    """Every place where the prompt, or at least its beginning, was heard, in order."""
    return _find(PreparedRecording(recording), reference, anchors=2)


def _find(sound: PreparedRecording, reference: Reference, anchors: int) -> list[HeardPrompt]:
    starts: list[int] = []
    for at, anchor in reference.anchors(anchors):
        for place in peaks(sound.likeness(anchor), _LIKELY, len(anchor) // 2):
            if all(abs(place - at - known) > _GAP for known in starts):
                starts.append(place - at)
    found = [one for one in (_follow(sound, reference, start) for start in sorted(starts)) if one]
    return sorted(found, key=lambda one: one.start)


def heard(recording: Samples, name: str, language: Language) -> tuple[float, float]:
    """How well (0 to 1) and from which second the prompt was heard at its best place; (0.0, 0.0) if not at all."""
    best = max(find(recording, prompt(name, language)), key=lambda one: one.score, default=None)
    return (best.score, best.start) if best else (0.0, 0.0)


def heard_part(recording: Samples, name: str, language: Language) -> float:
    """Seconds of the prompt that were heard before it was cut, at its best place."""
    return max((one.part for one in find(recording, prompt(name, language))), default=0.0)


def spoken(recording: Samples, names: Sequence[str], language: Language) -> HeardPrompt | None:
    """The first place at which all these fragments follow each other closely, such as the digits of a number."""
    sound, longest = PreparedRecording(recording), int(_ANCHOR_S * RATE)
    curves = {name: sound.likeness(prompt(name, language).samples[:longest]) for name in dict.fromkeys(names)}
    begins = {name: prompt(name, language).samples[:longest] for name in curves}
    for start in peaks(curves[names[0]], _POSSIBLE, _PIECE // 2):
        scores, place = [_fragment_likeness(sound, begins[names[0]], start, float(curves[names[0]][start]))], start
        if scores[0] < _FRAGMENT:
            continue
        for before, name in pairwise(names):
            due = place + len(prompt(before, language).samples)
            first = max(0, due + _BETWEEN_FRAGMENTS[0])
            for last in (due + _BETWEEN_FRAGMENTS[1], due + _STALLED):
                window = curves[name][first:last]
                score = 0.0
                if len(window):
                    place = first + int(window.argmax())
                    score = _fragment_likeness(sound, begins[name], place, float(window.max()))
                if score >= _FRAGMENT:
                    break
            scores.append(score)
            if score < _FRAGMENT:
                break
        else:
            end = place + len(prompt(names[-1], language).samples)
            score = float(np.median(scores))
            return HeardPrompt(" ".join(names), score, start / RATE, (end - start) / RATE, whole=True)
    return None


def transcript(recording: Samples, language: Language, among: Iterable[str] | None = None) -> list[HeardPrompt]:
    """All prompts of the pack (or of `among`) that were heard, in order; of two at one place the likelier."""
    found: list[HeardPrompt] = []
    sound = PreparedRecording(recording)
    for name in among if among is not None else manifest().get(language, {}):
        found += _find(sound, prompt(name, language), anchors=1)
    kept: list[HeardPrompt] = []
    for one in sorted(found, key=lambda one: (one.whole, one.part * one.score), reverse=True):
        end = one.start + one.part
        if all(end <= other.start + 0.1 or one.start >= other.start + other.part - 0.1 for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def readable(transcript: Iterable[HeardPrompt]) -> str:
    """A transcript for a person to read: names with seconds; "(1.2 s)" behind one that was cut."""
    return ", ".join(
        f"{one.start:.1f} {one.name}" + ("" if one.whole else f" ({one.part:.1f} s)") for one in transcript
    )


def tone_share(recording: Samples, hertz: float) -> float:
    """The median share (0 to 1) of this frequency in the energy of each tenth of a second with sound."""
    shares = _tone_shares(recording, hertz)
    sounding = shares[shares >= 0]
    return float(np.median(sounding)) if len(sounding) else 0.0


def tone_seconds(recording: Samples, hertz: float) -> float:
    """Seconds in which nearly all that was heard was this tone."""
    return float((_tone_shares(recording, hertz) > 0.9).sum()) * _WINDOW / RATE


def tone(recording: Samples, hertz: float, seconds: float, share: float = 0.9) -> HeardPrompt | None:
    """The first place where the tone has this share of the energy for `seconds`; a gap below `_BREAK` tenths of a
    second does not end it."""
    need = max(1, round(seconds * RATE / _WINDOW))
    first = last = -_BREAK - 1
    for number in map(int, np.flatnonzero(_tone_shares(recording, hertz) > share)):
        if number - last > _BREAK:
            first = number
        last = number
        if number + 1 - first >= need:
            return HeardPrompt(f"{hertz:g} Hz", 1.0, first * _WINDOW / RATE, need * _WINDOW / RATE, whole=True)
    return None


def tone_span(recording: Samples, hertz: float, share: float = 0.2) -> tuple[float, float]:
    """First and last second in which the tone has at least this share of the energy, perhaps among others.

    (0, 0) if it is not heard.
    """
    there = np.flatnonzero(_tone_shares(recording, hertz) > share)
    return (float(there[0]) * _WINDOW / RATE, float(there[-1] + 1) * _WINDOW / RATE) if len(there) else (0.0, 0.0)


def voices(recording: Samples, tones: Iterable[float]) -> set[float]:
    """The frequencies that are heard all the time, alone or together."""
    return {hertz for hertz in tones if tone_share(recording, hertz) > _VOICE}


def loudest(recording: Samples) -> str:
    """Of each of its seconds the loudest frequency, in Hz, and how loud it was (RMS, 1.0 is full scale)."""
    whole = recording[: len(recording) // RATE * RATE].reshape(-1, RATE)
    spectra = np.abs(np.fft.rfft(whole)).argmax(axis=1)
    levels = np.sqrt((whole**2).mean(axis=1))
    return ", ".join(f"{hertz} Hz {level:.3f}" for hertz, level in zip(spectra, levels, strict=True)) or "nothing"


def silent_seconds(recording: Samples, level: float = 0.003) -> float:
    """Seconds of silence at the recording's end (peaks of each tenth of a second below `level`)."""
    windows = recording[len(recording) % _WINDOW :].reshape(-1, _WINDOW)
    loud = np.flatnonzero(np.abs(windows).max(axis=1, initial=0) > level)
    return float(len(windows) - (loud[-1] + 1 if len(loud) else 0)) * _WINDOW / RATE


def _follow(sound: PreparedRecording, reference: Reference, start: int) -> HeardPrompt | None:
    """Compares piece by piece from `start` on; None if not even the beginning matches."""
    scores, slip, end, misses, begin = [], 0, 0, 0, start
    for at, piece in reference.pieces:
        score = 0.0
        if misses < 2:
            expected = start + at + slip
            score, moved = _near(sound, piece, expected, _SLIP)
            if score < _SURE:
                score, moved = max((score, moved), _near(sound, piece, expected, _GAP))
            if score >= _SURE:
                slip += moved
                begin = begin if end else start + slip
                end, misses = at + len(piece), 0
            else:
                misses += 1
        scores.append(score if score >= _SURE else 0.0)
    good = sum(score > 0 for score in scores)
    if good < min(2, len(scores)):
        return None
    whole = end / RATE >= reference.ends - PIECE_S and good >= 0.75 * len(scores)
    return HeardPrompt(reference.name, float(np.median(scores)), max(0.0, begin / RATE), end / RATE, whole)


def _fragment_likeness(sound: PreparedRecording, begin: Samples, place: int, score: float) -> float:
    """The likeness at a place. A middling score is corrected for lost or repeated packets: the end is searched
    separately, and everything between it and the beginning is assigned to one of the two."""
    if not _POSSIBLE <= score < _FRAGMENT:
        return score
    size = min(_PIECE, len(begin) // 3)
    first, last = begin[:size], begin[-size:]
    start = place + _near(sound, first, place, _SLIP)[1]
    slip = place + _near(sound, last, place + len(begin) - size, _SLIP)[1] - start
    margin = 4 * _SLIP
    return max(score, slipped(np.pad(sound.samples, margin), begin, margin + start, slip))


def _near(sound: PreparedRecording, piece: Samples, expected: int, slack: int) -> tuple[float, int]:
    """The best likeness within `slack` samples of the expected place, and how far from it."""
    first, last = expected - slack, expected + len(piece) + slack
    if first >= len(sound.samples) or last <= 0:
        return 0.0, 0
    window = sound.samples[max(0, first) : last]
    window = np.pad(window, (max(0, -first), max(0, last - len(sound.samples))))
    curve = likeness(window, piece)
    place = int(curve.argmax())
    return float(curve[place]), place - slack


def _tone_shares(recording: Samples, hertz: float) -> Samples:
    """For each tenth of a second the tone's share of the energy; -1 where there is no sound."""
    windows = recording[: len(recording) // _WINDOW * _WINDOW].reshape(-1, _WINDOW)
    wave = np.exp(-2j * np.pi * hertz / RATE * np.arange(_WINDOW))
    energy = (windows**2).sum(axis=1)
    share = 2 * np.abs(windows @ wave) ** 2 / (_WINDOW * np.maximum(energy, 1e-12))
    result: Samples = np.where(energy > _WINDOW * 1e-6, share, -1.0)
    return result
