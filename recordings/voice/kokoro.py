"""The engine `kokoro`: a worker in its own Python environment holds the model and turns text into samples."""

import atexit
import json
import os
import subprocess
import threading
from pathlib import Path
from types import TracebackType

import numpy as np

from models.instance.rights import acting
from models.language import Language
from recordings.voice.sound import Samples
from recordings.voice.spoken import breaths, spoken

RATE = 24000
SPEED = 0.95
VOICES: dict[Language, str] = {"zh": "zf_xiaoxiao", "en": "af_heart"}
SENTENCE_LIMIT_S = 60.0
_BREATH: dict[Language, int] = {"zh": 80, "en": 300}
"""Characters that surely fit the model (LONGEST in kokoro_worker.py) and, on a slow machine, the time limit."""
_WORKER = Path(__file__).with_name("kokoro_worker.py")


class Kokoro:
    """The model installed in `root`; the first sentence starts it, and it runs until closed."""

    def __init__(self, root: Path, threads: int = 1) -> None:
        self._root, self._threads = root, threads
        self._worker: subprocess.Popen[bytes] | None = None

    def voice(self, language: Language) -> str:
        """What the manifest and the cache call this voice: a change here means every sentence is spoken anew."""
        return f"kokoro/{VOICES[language]}/{SPEED}"

    def say(self, text: str, language: Language) -> tuple[Samples, int]:
        """The samples and their rate; a long text is spoken in parts. Raises VoiceFailed."""
        said = [self._breath(breath, language) for breath in breaths(spoken(text, language), _BREATH[language])]
        if not said:
            raise VoiceFailed("an empty text cannot be spoken")
        return np.concatenate(said), RATE

    def _breath(self, said: str, language: Language) -> Samples:
        error, sound = self._ask({"text": said, "language": language, "voice": VOICES[language], "speed": SPEED})
        if error:
            raise VoiceFailed(f"the voice could not say {said!r}: {error}")
        return np.frombuffer(sound, "<f4").astype(np.float64)

    def _ask(self, request: dict[str, object]) -> tuple[str, bytes]:
        """The error text (empty if none) and the sound."""
        worker = self._worker = self._worker or self._start()
        assert worker.stdin is not None
        assert worker.stdout is not None
        limit = threading.Timer(SENTENCE_LIMIT_S, worker.kill)
        limit.start()
        try:
            worker.stdin.write(json.dumps(request).encode() + b"\n")
            worker.stdin.flush()
            reply = json.loads(worker.stdout.readline())
            sound = worker.stdout.read(reply["bytes"])
            if len(sound) < reply["bytes"]:
                raise BrokenPipeError
        except (BrokenPipeError, ValueError):
            raise VoiceFailed(
                "the voice's process ended; install it again with: .venv/bin/hotline voice install"
            ) from None
        finally:
            limit.cancel()
        return reply["error"], sound

    def _start(self) -> subprocess.Popen[bytes]:
        python = self._root / "venv" / "bin" / "python"
        uid, gid = acting()
        try:
            # The model may use every core for seconds: calls come first.
            worker = subprocess.Popen(
                ["nice", "-n", "10", str(python), str(_WORKER), str(self._root), str(self._threads)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "OMP_NUM_THREADS": str(self._threads)},
                user=uid,
                group=gid,
            )
        except OSError as error:
            raise VoiceFailed(f"the voice cannot be started: {error}") from error
        # A stopped program leaves no worker behind.
        atexit.register(_kill, worker)
        return worker

    def close(self) -> None:
        """Ends the worker."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        try:
            worker.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.communicate()

    def __enter__(self) -> "Kokoro":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class VoiceFailed(Exception):
    """A text could not be spoken; the calling code falls back to fragments."""


def _kill(worker: subprocess.Popen[bytes]) -> None:
    worker.kill()
    worker.wait()
