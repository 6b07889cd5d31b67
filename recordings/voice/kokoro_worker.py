"""Runs in the voice's own Python environment: one JSON request a line on stdin, one answer a line on stdout.

Request: {"text", "language", "voice", "speed"}; the answer {"error", "bytes"} is followed by that number of bytes:
24 kHz float32 samples. The service never imports this file, so it needs none of these packages.
"""

# mypy: disable-error-code="import-not-found, import-untyped, no-any-return"

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LONGEST = 509  # tokens the voices have a style for


class Voice:
    """The model with its voices, loaded once."""

    def __init__(self, root: Path, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        model = str(root / "model.onnx")
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self._tokens = json.loads((root / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
        self._root = root

    def say(self, phonemes: str, voice: str, speed: float) -> NDArray[np.float32]:
        ids = [self._tokens[sign] for sign in phonemes if sign in self._tokens]
        if not ids:
            raise ValueError("nothing in the text can be spoken")
        if len(ids) > LONGEST:
            raise ValueError("the text is too long: its end would not be spoken")
        styles = np.fromfile(self._root / "voices" / f"{voice}.bin", "<f4").reshape(-1, 256)
        feed = {
            self._input: np.array([[0, *ids, 0]], np.int64),
            "style": styles[len(ids)][None],
            "speed": np.array([speed], np.float32),
        }
        return self._session.run(None, feed)[0].ravel()


def chinese(text: str) -> str:
    """The sounds of a Chinese text: words from jieba, tones with their sandhi from pypinyin, IPA from misaki."""
    import jieba
    from misaki.transcription import pinyin_to_ipa
    from misaki.zh import ZHG2P
    from pypinyin import Style, lazy_pinyin

    jieba.setLogLevel("ERROR")
    said = []
    for run in re.findall(r"[\u4e00-\u9fff]+|[^\u4e00-\u9fff]+", ZHG2P.map_punctuation(text)):
        if not "\u4e00" <= run[0] <= "\u9fff":
            said.append(run)
            continue
        syllables = iter(lazy_pinyin(run, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True))
        words = (
            "".join(ZHG2P.retone(sound) for _ in word for sound in pinyin_to_ipa(next(syllables))[0])
            for word in jieba.lcut(run)
        )
        said.append(" ".join(words))
    return "".join(said).replace("\u032f", "")


def english(text: str) -> str:
    """The sounds of an English text, from espeak-ng's rules."""
    import espeakng_loader
    import phonemizer
    from phonemizer.backend.espeak.wrapper import EspeakWrapper

    EspeakWrapper.set_library(espeakng_loader.get_library_path())
    EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
    return str(phonemizer.phonemize(text, "en-us", preserve_punctuation=True, with_stress=True))


def sound_of(voice: Voice, request: dict[str, Any]) -> bytes:
    sounds = chinese if request["language"] == "zh" else english
    return voice.say(sounds(request["text"]), request["voice"], request["speed"]).astype("<f4").tobytes()


def main() -> None:
    # Libraries print to stdout at will: the answers keep the real one, everything else goes to stderr.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    voice = Voice(Path(sys.argv[1]), int(sys.argv[2]))
    for line in sys.stdin:
        sound, wrong = b"", ""
        try:
            sound = sound_of(voice, json.loads(line))
        except Exception as error:
            wrong = f"{type(error).__name__}: {error}"
        answers.write(json.dumps({"error": wrong, "bytes": len(sound)}).encode() + b"\n" + sound)
        answers.flush()


if __name__ == "__main__":
    main()
