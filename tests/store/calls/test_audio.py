"""Speech is brought to one loudness and stored whole, or the original is kept (R04-1, R14-2)."""

import subprocess
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from recordings import audio
from tests.store.sounds import level, played, silence, speech, wav

pytestmark = pytest.mark.store

FORMATS = ["opus", "mp3"]


def stored(source: Path, form: str = "opus", dbfs: float = -20) -> tuple[audio.Sound, Path]:
    target = source.parent / "stored" / f"one.{form}"
    return audio.store([source], target, format=form, bitrate_kbps=24, target_dbfs=dbfs), target


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("dbfs", [-40.0, -30.0, -12.0])
def test_quiet_and_loud_talk_is_stored_equally_loud(form: str, dbfs: float, tmp_path: Path, noon: datetime) -> None:
    sound, target = stored(wav(tmp_path / "a.wav", speech(4, dbfs), at=noon), form)
    assert sound.seconds == 4
    assert sound.level == pytest.approx(dbfs, abs=0.5)
    heard = played(target)
    assert level(heard[4000:-4000]) == pytest.approx(-20, abs=1.5)
    assert audio.stored_seconds(target) == pytest.approx(4, abs=0.2)


def test_pauses_do_not_make_a_speaker_louder(tmp_path: Path, noon: datetime) -> None:
    sound, _ = stored(wav(tmp_path / "a.wav", silence(8), speech(2, -25), silence(8), at=noon))
    assert sound.level == pytest.approx(-25, abs=0.5)


def test_a_loud_moment_is_not_cut_off(tmp_path: Path, noon: datetime) -> None:
    """A gain from the average alone would clip it."""
    source = wav(tmp_path / "a.wav", speech(4, -40), speech(0.1, -6), speech(4, -40), at=noon)
    _, target = stored(source, dbfs=-10)
    assert np.max(np.abs(played(target))) < 0.99


def test_a_whisper_is_raised_by_a_bounded_amount(tmp_path: Path, noon: datetime) -> None:
    _, target = stored(wav(tmp_path / "a.wav", speech(3, -49), at=noon), dbfs=-10)
    assert level(played(target)[4000:-4000]) == pytest.approx(-49 + audio.LARGEST_GAIN_DB, abs=1.5)


@pytest.mark.parametrize("parts", [[silence(3)], [speech(3, -60)], [silence(2), speech(0.1, -20), silence(1)]])
def test_silence_line_noise_and_a_click_do_not_count_as_speech(
    parts: list[np.ndarray], tmp_path: Path, noon: datetime
) -> None:
    sound, _ = stored(wav(tmp_path / "a.wav", *parts, at=noon))
    assert sound.level is None


@pytest.mark.parametrize("header_bytes", [0, 10_000_000, 1000 * 2**20])
def test_a_file_whose_header_was_never_completed_is_stored_whole(
    header_bytes: int, tmp_path: Path, noon: datetime
) -> None:
    source = wav(tmp_path / "a.wav", speech(3), at=noon, header_bytes=header_bytes)
    assert audio.seconds(source) == 3
    sound, target = stored(source)
    assert sound.seconds == 3
    assert audio.stored_seconds(target) == pytest.approx(3, abs=0.2)


def test_half_a_sample_at_the_end_of_a_cut_off_file_is_left_out(tmp_path: Path, noon: datetime) -> None:
    source = wav(tmp_path / "a.wav", speech(1), at=noon, header_bytes=0)
    with source.open("ab") as file:
        file.write(b"\x01")
    assert stored(source)[0].seconds == 1


@pytest.mark.parametrize("size", [0, 10, 43])
def test_a_file_cut_off_in_its_header_has_no_sound(size: int, tmp_path: Path, noon: datetime) -> None:
    source = wav(tmp_path / "a.wav", at=noon)
    source.write_bytes(source.read_bytes()[:size])
    assert audio.seconds(source) == 0


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"x" * 100, "no WAV"), (b"RIFF0000WAVE" + b"junk\x04\0\0\0" * 8, "no sound"), (b"\0" * 5000, "no WAV")],
)
def test_a_file_that_is_not_a_recording_is_refused_with_a_reason(content: bytes, error: str, tmp_path: Path) -> None:
    source = tmp_path / "a.wav"
    source.write_bytes(content)
    with pytest.raises(audio.Unreadable, match=error):
        audio.seconds(source)
    with pytest.raises(audio.Unreadable, match=error):
        stored(source)


def test_eight_bit_sound_is_refused_and_not_stored_as_noise(tmp_path: Path, noon: datetime) -> None:
    source = wav(tmp_path / "a.wav", speech(1), at=noon)
    data = bytearray(source.read_bytes())
    data[34] = 8
    source.write_bytes(data)
    with pytest.raises(audio.Unreadable, match="not 16-bit PCM"):
        stored(source)


def test_a_recording_that_cannot_be_encoded_leaves_nothing_behind(
    tmp_path: Path, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither half a file nor, in the folder for temporary files, the recorded speech."""
    everywhere = tmp_path / "tmp"
    everywhere.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(everywhere))
    monkeypatch.setitem(audio.CODECS, "opus", ("no-such-codec", []))
    with pytest.raises(audio.Unreadable):
        stored(wav(tmp_path / "a.wav", speech(1), at=noon))
    assert list(everywhere.iterdir()) == []
    assert list((tmp_path / "stored").iterdir()) == []


def test_an_encoded_file_that_plays_shorter_than_the_recording_is_not_accepted(
    tmp_path: Path, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(audio.CODECS, "opus", ("libopus", ["-t", "2"]))
    with pytest.raises(audio.Unreadable, match=r"2\.0 s of 5\.0 s"):
        stored(wav(tmp_path / "a.wav", speech(5), at=noon))
    assert list((tmp_path / "stored").iterdir()) == []


def test_only_its_owner_reads_a_stored_recording(tmp_path: Path, noon: datetime) -> None:
    _, target = stored(wav(tmp_path / "a.wav", speech(1), at=noon))
    modes = subprocess.run(["stat", "-c", "%a", target, target.parent], capture_output=True, text=True, check=True)
    assert modes.stdout.split() == ["600", "700"]
