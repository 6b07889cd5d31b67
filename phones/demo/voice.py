"""A person of the play speaks with fragments of the prompt pack, each person at another pitch."""

import hashlib
from dataclasses import dataclass

import numpy as np

from models.language import Language
from phones import hearing
from phones.hearing import Reference
from phones.likeness import alaw
from phones.microphone import Samples
from recordings.prompts import PACK


@dataclass(frozen=True)
class DemoVoice:
    """A microphone that says these prompts. `slower` above 1 is also deeper: another person's voice."""

    prompts: tuple[str, ...]
    language: Language
    slower: float = 1.0

    @property
    def name(self) -> str:
        said = f"{self.language} {self.slower} {' '.join(self.prompts)}"
        return f"voice-{hashlib.sha256(said.encode()).hexdigest()[:16]}"

    def samples(self) -> Samples:
        said = np.concatenate([alaw((PACK / self.language / f"{name}.alaw").read_bytes()) for name in self.prompts])
        moments = np.arange(0, len(said) - 1, 1 / self.slower)
        spoken: Samples = np.interp(moments, np.arange(len(said)), said)
        return spoken

    @property
    def sound(self) -> Reference:
        """The sound by which a listener recognises it."""
        return Reference.of(self.name, self.samples())

    def is_in(self, recording: Samples) -> bool:
        """Whether the recording contains it to its end."""
        return any(found.whole for found in hearing.find(recording, self.sound))
