"""Sound files as Asterisk writes them, and as a killed Asterisk leaves them."""

import os
import struct
import subprocess
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

RATE = 8000
Samples = npt.NDArray[np.float64]


def speech(seconds: float, dbfs: float = -30.0) -> Samples:
    """A tone as loud as speech of this level (RMS below full scale)."""
    moments = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(np.sin(2 * np.pi * 440 * moments) * np.sqrt(2) * 10 ** (dbfs / 20))


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE))


def wav(path: Path, *parts: Samples, at: datetime, header_bytes: int | None = None) -> Path:
    """A WAV file last written at that moment. `header_bytes`: the wrong length that its header gives after a crash."""
    samples = np.concatenate(parts) if parts else np.zeros(0)
    sound = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    length = len(sound) if header_bytes is None else header_bytes
    head = (
        b"RIFF" + struct.pack("<I", 36 + length) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, RATE, 16000, 2, 16)
    )
    path.write_bytes(head + b"data" + struct.pack("<I", length) + sound)
    written(path, at)
    return path


def written(path: Path, at: datetime) -> None:
    """Dates the file as if it had been completed then."""
    os.utime(path, (at.timestamp(), at.timestamp()))


def played(path: Path) -> Samples:
    """What is heard when a stored file is played."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-"]
    sound = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    return np.frombuffer(sound, "<i2").astype(np.float64) / 32768


def level(samples: Samples) -> float:
    """The loudness (RMS, dBFS)."""
    return float(10 * np.log10(np.mean(samples**2)))
