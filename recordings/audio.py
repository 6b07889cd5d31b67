"""The only module that uses pydub: measures the length and loudness of a recording, and stores it.

Decoding and encoding run in ffmpeg, in separate processes: the calling thread only waits.
"""

import contextlib
import math
import os
import shutil
import struct
import tempfile
import threading
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

with warnings.catch_warnings():
    # pydub warns about its own code: the end of audioop in Python 3.13 (audioop-lts replaces it), escapes.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment
    from pydub.exceptions import CouldntDecodeError, CouldntEncodeError
    from pydub.utils import mediainfo

FRAME_MS = 20
SPOKEN_DBFS = -50.0
"""A frame louder than this is speech; line noise and comfort noise are below."""
SHORTEST_SPEECH_S = 0.2
HEADROOM_DB = 1.0
LARGEST_GAIN_DB = 30.0
STORED_TOLERANCE_S = 0.5
PEAKS_HZ = 4000
"""Enough to draw speech: two hours of it are 58 MB."""
CODECS = {"opus": ("libopus", ["-application", "voip"]), "mp3": ("libmp3lame", [])}

_ONE_AT_A_TIME = threading.Lock()
_RIFF_HEADER = 44
_FULL_SCALE = 32768.0


class Unreadable(Exception):
    """No sound can be read from this file; the message says why."""


@dataclass(frozen=True)
class Sound:
    """A file's length, and the loudness of the speech in it (dBFS), None when nobody speaks."""

    seconds: float
    level: float | None


def seconds(path: Path) -> float:
    """A WAV file's length from its header, or from its size if the header was never completed (a crash).

    Raises Unreadable for anything but 16-bit PCM WAV, the format in which Asterisk records.
    """
    with path.open("rb") as file:
        rate, width, _, length = _wav(file.read(4096), path.stat().st_size)
    return length / (rate * width)


def store(sources: Sequence[Path], target: Path, *, format: str, bitrate_kbps: int, target_dbfs: float) -> Sound:
    """Joins `sources` (WAV), brings the speech to `target_dbfs`, writes it as `target`, complete or not at all, and
    syncs it.

    A file cut off by a crash is repaired. Returns the sound of the sources. Raises Unreadable, also for sources of
    different kinds; OSError when the disk is full or ffmpeg is not installed.
    """
    rate, width, pcm = _joined(sources)
    length = len(pcm)
    level, peak = _loudness(pcm, rate * width // 2)
    # Never so much that the peak is clipped.
    gain = 0.0 if level is None else min(target_dbfs - level, -HEADROOM_DB - peak, LARGEST_GAIN_DB)
    codec, parameters = CODECS[format]
    sound = AudioSegment(pcm, sample_width=2, frame_rate=rate, channels=width // 2)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _working_folder(target) as folder:
        part = folder / target.name
        part.touch(mode=0o600)
        with part.open("wb+") as file:
            sound.export(
                file,
                # ffmpeg's names for the containers: Opus is stored in Ogg.
                format="ogg" if format == "opus" else format,
                codec=codec,
                bitrate=f"{bitrate_kbps}k",
                parameters=[*parameters, "-af", f"volume={gain:.2f}dB"],
            )
        _check(part, length / (rate * width))
        _sync(part)
        part.replace(target)
        _sync(target.parent)
    return Sound(length / (rate * width), level)


def _joined(sources: Sequence[Path]) -> tuple[int, int, memoryview]:
    """Sample rate, bytes per sample frame, and the joined sound."""
    kinds: set[tuple[int, int]] = set()
    sounds: list[memoryview] = []
    for source in sources:
        data = source.read_bytes()
        rate, width, start, length = _wav(data[:4096], len(data))
        kinds.add((rate, width))
        sounds.append(memoryview(data)[start : start + length])
    if len(kinds) != 1:
        raise Unreadable(f"its parts are of different kinds: {sorted(kinds)}")
    ((rate, width),) = kinds
    return rate, width, sounds[0] if len(sounds) == 1 else memoryview(b"".join(sounds))


def _sync(path: Path) -> None:
    """Returns when a file, or a folder's list of names, is on disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextlib.contextmanager
def _working_folder(target: Path) -> Iterator[Path]:
    """A folder next to `target` for unfinished files; the remains of a killed run are deleted first."""
    folder = target.with_name(f".{target.name}.work")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    # If ffmpeg fails, pydub leaves two files with all that was said; only this decides where they are.
    with _ONE_AT_A_TIME:
        usual, tempfile.tempdir = tempfile.tempdir, str(folder)
        try:
            yield folder
        except CouldntEncodeError as error:
            raise Unreadable(str(error).splitlines()[0]) from None
        finally:
            tempfile.tempdir = usual
            shutil.rmtree(folder, ignore_errors=True)


def stored_seconds(path: Path) -> float:
    """A stored file's length, by its container. Raises Unreadable."""
    try:
        return float(mediainfo(str(path))["duration"])
    except (KeyError, ValueError, IndexError):
        raise Unreadable(f"{path.name} plays nothing") from None


def peaks(path: Path, count: int) -> list[float]:
    """The loudest moment of each of `count` equal parts of a sound file, 0 to 1 of full scale. Raises Unreadable."""
    try:
        # pydub leaves a file open that it has opened itself.
        with path.open("rb") as file:
            sound = AudioSegment.from_file(file, parameters=["-ac", "1", "-ar", str(PEAKS_HZ)])
    except CouldntDecodeError as error:
        raise Unreadable(str(error).splitlines()[0]) from None
    samples = np.abs(np.frombuffer(sound.raw_data, dtype="<i2").astype(np.float32) / _FULL_SCALE)
    return [float(np.max(part, initial=0.0)) for part in np.array_split(samples, count)]


def _check(path: Path, expected: float) -> None:
    """The original will be deleted for this file, so it must play as long."""
    found = stored_seconds(path) if expected > 0 else 0.0
    if abs(found - expected) > STORED_TOLERANCE_S:
        raise Unreadable(f"stored {found:.1f} s of {expected:.1f} s")


def _wav(head: bytes, size: int) -> tuple[int, int, int, int]:
    """Sample rate, bytes per sample frame, where the sound begins, and its bytes, by the header or, if that is
    unfinished, by the file's size."""
    if size < _RIFF_HEADER:
        # Cut off before the header was complete: Asterisk writes the header first.
        return 8000, 2, size, 0
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise Unreadable("is no WAV file")
    at, rate, width = 12, 0, 0
    while at + 8 <= len(head):
        name, length = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
        if name == b"fmt ":
            kind, channels, rate, _, width, bits = struct.unpack_from("<HHIIHH", head, at + 8)
            if kind != 1 or bits != 16 or not 1 <= channels <= 2 or rate <= 0:
                raise Unreadable(f"is WAV of kind {kind} with {bits} bits, not 16-bit PCM")
        if name == b"data":
            if not width:
                break
            there = size - (at + 8)
            length = length if 0 < length <= there else there
            return rate, width, at + 8, length - length % width
        at += 8 + length + length % 2
    raise Unreadable("has no sound in its header")


def _loudness(pcm: memoryview, rate: int) -> tuple[float | None, float]:
    """Loudness of the frames in which somebody speaks, and the peak, in dBFS; `rate` is samples a second."""
    frame = max(1, rate * FRAME_MS // 1000)
    chunk = frame * 2 * 3000  # a minute at a time: two hours at once would need a gigabyte
    spoken, power, peak = 0, 0.0, 0.0
    for start in range(0, len(pcm), chunk):
        samples = np.frombuffer(pcm[start : start + chunk], dtype="<i2").astype(np.float32) / _FULL_SCALE
        frames = np.mean(samples[: len(samples) // frame * frame].reshape(-1, frame) ** 2, axis=1)
        loud = frames[frames > 10 ** (SPOKEN_DBFS / 10)]
        spoken, power = spoken + len(loud), power + float(np.sum(loud))
        peak = max(peak, float(np.max(np.abs(samples), initial=0.0)))
    if spoken * FRAME_MS / 1000 < SHORTEST_SPEECH_S:
        return None, 0.0
    return 10 * math.log10(power / spoken), 20 * math.log10(peak)
