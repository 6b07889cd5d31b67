"""A voice gets each sentence written out, and its sound is processed like every other prompt."""

import os
import subprocess
import sys
import threading
import wave
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from models.errors import ConfigError
from models.instance.home import Home
from models.language import Language
from recordings.voice import sound
from recordings.voice.engine import chosen_engine as chosen
from recordings.voice.engine import load_choice, render
from recordings.voice.kokoro import VoiceFailed
from recordings.voice.speak import speak
from recordings.voice.spoken import breaths, parts, spoken

pytestmark = pytest.mark.unit


def wav(file: Path, rate: int = 24000, seconds: float = 1.0) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    said = np.sin(2 * np.pi * 500 * np.arange(int(rate * seconds)) / rate) * 8000
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(said.astype("<i2").tobytes())
    return file


def choose(home: Home, text: str) -> Home:
    (home.path / "voice").mkdir(parents=True)
    (home.path / "voice" / "voice.toml").write_text(text, encoding="utf-8")
    return home


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("报修请按1", "zh", "报修请按一"),
        ("您前面有2位", "zh", "您前面有两位"),
        ("3号楼1201室", "zh", "三号楼幺二零幺室"),
        ("请于14:05前", "zh", "请于十四点零五分前"),
        ("共115张", "zh", "共一百一十五张"),
        ("按#结束", "zh", "按井号键结束"),
        ("Press 1 at 14:05", "en", "Press one at two oh five p.m."),
        ("搬家1200元起,起步2元,1015元,3.5元", "zh", "搬家一千二百元起,起步两元,一千零一十五元,三点五元"),
        (
            "From 1200 yuan, 1005 yuan, 3.5 yuan",
            "en",
            "From one thousand two hundred yuan, one thousand and five yuan, three point five yuan",
        ),
        ("Room 1201, 30 minutes", "en", "Room one two zero one, thirty minutes"),
    ],
)
def test_figures_are_written_out_as_people_speak_them(text: str, language: Language, said: str) -> None:
    assert spoken(text, language) == said


def test_a_long_text_is_spoken_in_parts_divided_where_a_speaker_would_breathe() -> None:
    assert list(breaths("一二三四。五六七八九,十一。", 20)) == ["一二三四。五六七八九,十一。"]
    assert list(breaths("一二三四。五六七八九,十一十二。终", 7)) == ["一二三四。", "五六七八九,", "十一十二。终"]
    assert list(breaths("A long one. And more of it, and no end", 16)) == [
        "A long one.",
        "And more of it,",
        "and no end",
    ]
    assert list(breaths("无标点的很长的句子", 4)) == ["无标点的", "很长的句", "子"]


def test_a_sentence_may_change_its_voice_midway() -> None:
    assert list(parts("请按0。[en]For English, press 9.[/en]", "zh")) == [
        ("zh", "请按0。"),
        ("en", "For English, press 9."),
    ]


def test_a_sound_has_the_lines_sample_rate_the_packs_loudness_and_no_long_silence() -> None:
    quiet = np.concatenate([np.zeros(24000), sound.tone(1000, 9.0)[:24000] * 0.02, np.zeros(24000)])
    made = sound.level(sound.trim(sound.to_line_rate(quiet, 24000)))
    assert abs(sound.speech_level(made) - sound.LOUDNESS_DBFS) < 0.5
    assert 1.0 <= len(made) / sound.RATE <= 1.3
    back = sound.from_alaw(sound.to_alaw(made))
    assert float(np.abs(back - made).max()) < 0.02


def test_without_a_voice_nothing_is_spoken_and_no_file_is_left(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert speak("王芳", "zh", home) is None
    assert list(tmp_path.iterdir()) == []


def test_recorded_names_are_heard_and_a_name_nobody_recorded_is_not(tmp_path: Path) -> None:
    wav(tmp_path / "names" / "zh" / "王芳.wav", rate=16000)
    home = choose(Home(tmp_path / "home"), f'engine = "files"\nfolder = "{tmp_path / "names"}"\n')
    file = speak("王芳", "zh", home)
    assert file is not None
    assert file.is_relative_to(home.sounds / "zh" / "hotline")
    assert abs(sound.speech_level(sound.from_alaw(file.read_bytes())) - sound.LOUDNESS_DBFS) < 1
    assert speak("李娜", "zh", home) is None


class _Server(BaseHTTPRequestHandler):
    asked: list[bytes]
    wav: bytes

    def do_POST(self) -> None:
        type(self).asked.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(type(self).wav)

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HTTPServer]:
    _Server.asked, _Server.wav = [], wav(tmp_path / "answer.wav").read_bytes()
    with HTTPServer(("127.0.0.1", 0), _Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_speech_server_is_asked_once_for_each_sentence(tmp_path: Path, server: HTTPServer) -> None:
    url = f"http://127.0.0.1:{server.server_port}/speak"
    home = choose(Home(tmp_path / "home"), f'engine = "http"\nurl = "{url}"\n')
    first, again = speak("Room 12", "en", home), speak("Room 12", "en", home)
    assert first == again
    assert first is not None
    assert _Server.asked == [b'{"text": "Room one two", "language": "en"}']


def test_a_failing_command_costs_only_its_sentence(tmp_path: Path) -> None:
    home = choose(Home(tmp_path / "home"), 'engine = "command"\ncommand = ["false"]\n')
    assert speak("王芳", "zh", home) is None
    engine = chosen(home.path / "voice")
    assert engine is not None
    with pytest.raises(VoiceFailed, match="王芳"):
        render(engine, "王芳", "zh")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('engine = "espeak"', "engine"),
        ('engine = "http"', "url"),
        ('engine = "http"\nurl = "127.0.0.1"', "url"),
        ('engine = "kokoro"\nspeed = 2', "speed"),
    ],
)
def test_a_wrong_choice_of_voice_is_refused_with_the_remedy(tmp_path: Path, text: str, key: str) -> None:
    home = choose(Home(tmp_path), text)
    with pytest.raises(ConfigError) as raised:
        load_choice(home.path / "voice")
    assert key in str(raised.value)


def test_a_program_stopped_in_mid_sentence_leaves_no_voice_process_running(tmp_path: Path) -> None:
    worker = tmp_path / "voice" / "venv" / "bin" / "python"
    worker.parent.mkdir(parents=True)
    # Stop only when it speaks: starting is not speaking yet.
    worker.write_text(f"#!/bin/sh\nsleep 0.5\necho $$ > {tmp_path}/pid\nexec sleep 60\n")
    worker.chmod(0o755)
    program = f"""
import threading, time
from pathlib import Path
from recordings.voice.kokoro import Kokoro
threading.Thread(target=Kokoro(Path({str(worker.parents[2])!r})).say, args=("王芳", "zh"), daemon=True).start()
pid = Path({str(tmp_path / "pid")!r})
while not (pid.exists() and pid.read_text()):
    time.sleep(0.01)
"""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "TMPDIR": str(temporary)})
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()
    assert list(temporary.iterdir()) == []
