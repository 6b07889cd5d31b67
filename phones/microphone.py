"""A phone speaks from a file: a tone of its own, silence, or speech followed by silence."""

import os
import threading
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

RATE = 8000
LASTS_S = 300
"""baresip ends the call when its microphone's file ends: no call of a test or demonstration lasts this long."""
_LEVEL = 0.25

Samples = NDArray[np.float64]
"""One channel at 8 kHz, 1.0 is full scale."""


class Microphone(Protocol):
    """A sound to speak into a call, from its beginning or from now on."""

    @property
    def name(self) -> str:
        """Names the file: microphones of the same name say the same."""
        ...

    def samples(self) -> Samples:
        """The sound before the silence."""
        ...


@dataclass(frozen=True)
class Tone:
    """A sine: hearing this frequency proves hearing this phone. Silent after `seconds`."""

    hertz: float
    seconds: float = LASTS_S

    @property
    def name(self) -> str:
        return f"tone-{self.hertz:g}-{self.seconds:g}"

    def samples(self) -> Samples:
        wave: Samples = _LEVEL * np.sin(2 * np.pi * self.hertz / RATE * np.arange(int(self.seconds * RATE)))
        return wave


@dataclass(frozen=True)
class Silence:
    """Digital silence: packets flow without sound."""

    name: str = "silence"

    def samples(self) -> Samples:
        return np.zeros(0)


@dataclass(frozen=True)
class Speech:
    """A recording (mono, 16 bit, 8 kHz WAV), then silence."""

    path: Path

    @property
    def name(self) -> str:
        return f"speech-{self.path.stem}"

    def samples(self) -> Samples:
        with wave.open(str(self.path)) as file:
            if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, RATE):
                raise ValueError(f"{self.path}: a phone speaks mono WAV of 16 bit at {RATE} Hz")
            return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768.0


def tones(count: int) -> list[Tone]:
    """`count` tones that cannot be confused with each other, with ringing (450 Hz) or the beep (950 Hz)."""
    usable = [hertz for hertz in range(530, 3200, 30) if abs(hertz - 950) > 40 and abs(hertz - 450) > 40]
    step = max(1, len(usable) // count)
    chosen = usable[::step][:count]
    if len(chosen) < count:
        raise ValueError(f"{count} tones are too many: {len(usable)} can be distinguished")
    return [Tone(hertz) for hertz in chosen]


def recorded(microphone: Microphone, folder: Path) -> Path:
    """The microphone's file in the folder, made if missing; it lasts LASTS_S seconds."""
    path = folder / f"{microphone.name}.wav"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    said = (np.clip(microphone.samples(), -1, 1) * 32767).astype("<i2")[: LASTS_S * RATE]
    part = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    with wave.open(str(part), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(said.tobytes())
        file.writeframes(bytes(2 * (LASTS_S * RATE - len(said))))
    part.replace(path)
    return path
