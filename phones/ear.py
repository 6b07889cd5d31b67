"""Keeps all sound of one call as it arrives, with the pauses in which nothing was sent."""

import threading

import numpy as np

from phones.microphone import RATE, Samples

# A phone's packets come every 20 ms and we look as often; only a gap longer than any jitter is a pause.
_PAUSE_S = 0.2


class Ear:
    """8 kHz; second 0 is the first sound (`starts_at`, monotonic)."""

    def __init__(self) -> None:
        self.starts_at: float | None = None
        self._blocks: list[Samples] = []
        self._count = 0
        self._lock = threading.Lock()

    @property
    def seconds(self) -> float:
        return self._count / RATE

    def feed(self, pcm: bytes, at: float) -> None:
        """Adds 16-bit samples, the last of which has just arrived (`at`, monotonic)."""
        samples = np.frombuffer(pcm, "<i2") / 32768.0
        began = at - len(samples) / RATE
        with self._lock:
            if self.starts_at is None:
                self.starts_at = began
            pause = began - self.starts_at - self._count / RATE
            if pause > _PAUSE_S:
                samples = np.concatenate([np.zeros(int(pause * RATE)), samples])
            self._blocks.append(samples)
            self._count += len(samples)

    def heard(self, since: float = 0.0) -> Samples:
        """Everything heard from that second on."""
        with self._lock:
            if len(self._blocks) > 1:
                self._blocks = [np.concatenate(self._blocks)]
            whole = self._blocks[0] if self._blocks else np.zeros(0)
        return whole[int(since * RATE) :]
