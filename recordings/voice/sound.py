"""Gives every prompt the same form: 8 kHz, one loudness, little silence at either end, A-law as on the line."""

import io
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]  # mono, full scale = 1.0

RATE = 8000
LOUDNESS_DBFS = -20.0  # mean of the frames with speech; leaves its peaks some 5 dB below clipping
PEAK = 0.89
_FRAME = RATE // 100
# frames of 10 ms kept before the first and after the last sound: of a sentence, and within one
_SENTENCE, _WITHIN = (6, 15), (2, 4)
_QUIET_DB = 40.0  # a frame that far below the loudest one is silence
_SPEECH_DB = 25.0
_TAPS = 48


def to_line_rate(samples: Samples, rate: int) -> Samples:
    """Resampled from `rate` Hz to 8 kHz by a windowed sinc that passes the telephone band (up to 3.6 kHz)."""
    if rate == RATE:
        return samples
    cutoff = min(rate / 2 * 0.95, 3600.0) / rate
    half = int(_TAPS * max(1.0, rate / RATE))
    where = np.arange(int(len(samples) * RATE / rate)) * (rate / RATE)
    nearest = where.astype(np.int64)
    padded = np.pad(samples, half)
    out = np.zeros(len(where))
    for tap in range(-half + 1, half + 1):
        distance = where - (nearest + tap)
        window = np.cos(np.pi * distance / (2 * half)) ** 2
        out += padded[nearest + tap + half] * 2 * cutoff * np.sinc(2 * cutoff * distance) * window
    return out


def trim(samples: Samples, *, within: bool = False) -> Samples:
    """Cuts the silence to 60 ms before and 150 ms after the sound; `within` a sentence to 20 and 40 ms."""
    levels = _frame_levels(samples)
    heard = np.flatnonzero(levels > levels.max(initial=-np.inf) - _QUIET_DB)
    if not len(heard):
        return samples
    lead, tail = _WITHIN if within else _SENTENCE
    first, last = heard[0] - lead, heard[-1] + 1 + tail
    padded = np.pad(samples, (max(0, -first) * _FRAME, max(0, last * _FRAME - len(samples))))
    shift = max(0, -first)
    cut = padded[(first + shift) * _FRAME : (last + shift) * _FRAME]
    ramp = np.linspace(0.0, 1.0, _FRAME)
    cut[:_FRAME] *= ramp
    cut[-_FRAME:] *= ramp[::-1]
    return cut


def level(samples: Samples) -> Samples:
    """Brings the mean of the frames with speech to LOUDNESS_DBFS; rare peaks above PEAK are bent, never clipped."""
    loudness = speech_level(samples)
    if not np.isfinite(loudness):
        return samples
    louder = samples * 10 ** ((LOUDNESS_DBFS - loudness) / 20)
    knee = 0.7
    over = np.abs(louder) > knee
    bent = knee + (PEAK - knee) * np.tanh((np.abs(louder[over]) - knee) / (PEAK - knee))
    louder[over] = np.sign(louder[over]) * bent
    return louder


def speech_level(samples: Samples) -> float:
    """dBFS over the frames within 25 dB of the loudest; -inf for silence."""
    levels = _frame_levels(samples)
    spoken = levels[levels > levels.max(initial=-np.inf) - _SPEECH_DB]
    return float(10 * np.log10(np.mean(10 ** (spoken / 10)))) if len(spoken) else -np.inf


def finished(samples: Samples, rate: int) -> bytes:
    """The A-law bytes of a prompt, from the samples of an engine or a microphone."""
    return to_alaw(level(trim(to_line_rate(samples, rate))))


def to_alaw(samples: Samples) -> bytes:
    """G.711 A-law, one byte a sample."""
    linear = np.clip(np.rint(samples * 32767), -32768, 32767).astype(np.int64) >> 3
    sign = np.where(linear >= 0, 0xD5, 0x55)
    size = np.where(linear >= 0, linear, -linear - 1)
    segment = np.searchsorted([0x1F, 0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF], size)
    mantissa = np.where(segment < 2, size >> 1, size >> np.maximum(segment, 1)) & 0x0F
    return bytes(((segment << 4 | mantissa) ^ sign).astype(np.uint8))


def from_alaw(data: bytes) -> Samples:
    """The samples of G.711 A-law bytes."""
    code = np.frombuffer(data, np.uint8).astype(np.int64) ^ 0x55
    segment, mantissa = (code & 0x70) >> 4, code & 0x0F
    size = np.where(segment == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, size, -size) / 32768.0


def in_wav(data: bytes) -> bytes:
    """A 16-bit wav file of A-law bytes, for a player that does not know A-law."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.rint(from_alaw(data) * 32767).astype("<i2").tobytes())
    return made.getvalue()


def read_wav(path: Path) -> tuple[Samples, int]:
    """Mono samples and rate of a 16-bit PCM wav file.

    Raises ValueError, naming the file and what would be right, for anything else.
    """
    try:
        with wave.open(str(path)) as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{path}: not a wav file ({error}); save it as 16-bit PCM wav") from error
    if width != 2:
        raise ValueError(f"{path}: {8 * width}-bit samples; save it as 16-bit PCM wav")
    samples = np.frombuffer(data, "<i2").reshape(-1, channels).mean(axis=1) / 32768.0
    return samples, rate


def write_whole(file: Path, data: bytes) -> None:
    """Replaces the file whole, so that nobody reads half of it; readable to Asterisk's account."""
    if not file.parent.exists():
        file.parent.mkdir(parents=True)
        file.parent.chmod(0o755)
    new = file.with_name(f".{file.name}.new")
    new.write_bytes(data)
    new.chmod(0o644)
    new.replace(file)


def tone(hertz: float, seconds: float) -> Samples:
    """A pure tone, faded at both ends; the beep is the only computed sound."""
    t = np.arange(int(seconds * RATE)) / RATE
    wave_form = np.sin(2 * np.pi * hertz * t)
    fade = np.minimum(1.0, np.minimum(t, t[::-1]) / 0.01)
    return np.asarray(wave_form * fade)


def _frame_levels(samples: Samples) -> Samples:
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    power = (frames**2).mean(axis=1)
    return np.where(power > 1e-10, 10 * np.log10(np.maximum(power, 1e-10)), -np.inf)
