"""The ear of the tests is right: it finds what was played to a phone, and nothing else."""

import numpy as np
import pytest

from phones import hearing
from phones.likeness import alaw
from phones.microphone import RATE, Samples, Tone
from recordings.prompts import PACK

pytestmark = pytest.mark.unit

PACKET = RATE // 50


def said(*names: str) -> Samples:
    return np.concatenate([alaw((PACK / "zh" / f"{name}.alaw").read_bytes()) for name in names])


def pause(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE))


def without_packets(samples: Samples, share: float, seed: int = 1) -> Samples:
    """As a lossy network leaves it: missing packets of 20 ms are gone, and the rest moves up."""
    packets = [samples[at : at + PACKET] for at in range(0, len(samples), PACKET)]
    lost = np.random.default_rng(seed).random(len(packets)) < share
    return np.concatenate([packet for packet, gone in zip(packets, lost, strict=True) if not gone])


def test_a_prompt_is_heard_where_it_was_played() -> None:
    (found,) = hearing.find(np.concatenate([pause(2), said("menu"), pause(1)]), hearing.prompt("menu", "zh"))
    assert found.whole
    assert found.score > 0.95
    assert found.start == pytest.approx(2, abs=0.2)


def test_a_prompt_that_was_cut_is_not_whole() -> None:
    cut = said("menu")[: int(1.5 * RATE)]
    (found,) = hearing.find(np.concatenate([cut, pause(2)]), hearing.prompt("menu", "zh"))
    assert not found.whole
    assert 1.0 <= found.part <= 1.6


def test_a_prompt_is_heard_in_spite_of_lost_packets() -> None:
    heard = without_packets(np.concatenate([pause(1), said("menu"), pause(1)]), share=0.01)
    assert any(found.whole for found in hearing.find(heard, hearing.prompt("menu", "zh")))


@pytest.mark.parametrize("other", ["repair-menu", "enquiry-menu", "gm-choices", "queue-choices", "greeting"])
def test_a_prompt_is_not_confused_with_another_of_the_same_voice(other: str) -> None:
    assert hearing.find(said(other), hearing.prompt("menu", "zh")) == []


def test_a_prompt_is_not_confused_with_its_translation() -> None:
    assert hearing.find(said("menu"), hearing.prompt("menu", "en")) == []


def test_numbers_of_the_same_digits_are_distinguished_by_order() -> None:
    heard = np.concatenate([pause(1), said("digit-1", "digit-0", "digit-2", "digit-4"), pause(1)])
    spoken = hearing.spoken(heard, ["digit-1", "digit-0", "digit-2", "digit-4"], "zh")
    assert spoken
    assert spoken.start == pytest.approx(1, abs=0.1)
    assert hearing.spoken(heard, ["digit-1", "digit-0", "digit-4", "digit-2"], "zh") is None
    assert hearing.spoken(heard, ["digit-1", "digit-0", "digit-2", "digit-5"], "zh") is None


@pytest.mark.parametrize("lost_at", [0.2, 0.25, 0.35])
def test_a_number_is_heard_though_each_word_loses_a_packet(lost_at: float) -> None:
    names = ["your-ticket", "digit-1", "digit-0", "digit-1", "digit-9", "state-is", "state-new"]
    at = int(lost_at * RATE)
    heard = np.concatenate([np.concatenate([word[:at], word[at + PACKET :]]) for word in map(said, names)])
    assert hearing.spoken(np.concatenate([pause(1), heard, pause(1)]), names, "zh")
    assert hearing.spoken(heard, [*names[:4], "digit-8", *names[5:]], "zh") is None


def test_a_number_is_heard_though_the_machine_stalls_between_two_words() -> None:
    begun, rest = said("badge", "digit-7", "digit-0", "digit-0"), said("digit-0", "digit-3", "serves-you")
    names = ["badge", "digit-7", "digit-0", "digit-0", "digit-0", "digit-3", "serves-you"]
    assert hearing.spoken(np.concatenate([begun, pause(0.8), rest]), names, "zh")
    assert hearing.spoken(np.concatenate([begun, pause(2), rest]), names, "zh") is None


def test_numbers_that_begin_or_end_alike_are_distinguished() -> None:
    for played, other in (("number-13", "number-14"), ("number-23", "number-33"), ("day-13", "day-14")):
        heard = np.concatenate([pause(1), said(played), pause(1)])
        assert hearing.spoken(heard, [played], "zh")
        assert hearing.spoken(heard, [other], "zh") is None


def test_a_transcript_lists_everything_in_order() -> None:
    heard = np.concatenate([said("greeting"), pause(0.5), said("menu")[:RATE], pause(0.5), said("goodbye")])
    played = hearing.transcript(heard, "zh", among=["goodbye", "menu", "greeting", "nobody-free"])
    assert [(one.name, one.whole) for one in played] == [("greeting", True), ("menu", False), ("goodbye", True)]


@pytest.mark.parametrize(("gap_s", "lasts"), [(0.15, True), (0.5, False)])
def test_a_voice_spans_lost_packets_but_not_a_pause(gap_s: float, lasts: bool) -> None:
    voice = Tone(800, 2).samples()
    heard = hearing.tone(np.concatenate([voice, pause(gap_s), voice]), 800, seconds=3)
    assert (heard is not None) is lasts


def test_a_voice_is_recognised_by_its_tone_and_speech_is_no_tone() -> None:
    voice = Tone(800, 2).samples()
    assert hearing.tone(np.concatenate([pause(1), voice]), 800, seconds=1)
    assert hearing.tone(voice, 830, seconds=0.4) is None
    assert hearing.tone(said("menu", "greeting"), 800, seconds=0.4) is None
    assert hearing.silent_seconds(np.concatenate([voice, pause(3)])) == pytest.approx(3, abs=0.1)
