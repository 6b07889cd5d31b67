"""Every command in the README and the pages for users works as printed, after the first call of the README."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.instance.home import PROJECT_ROOT
from models.states.calls import RecordingState
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.written import call_of, stored_recording, ticket_of, wait_nothing_left
from recordings import speech
from tests.documented.pages import PAGES, Printed, commands, page_name
from tests.documented.terminal import Ended, Session, typed

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(600)]

CALLER, AGENT = tones(2)
NOT_TYPED = {
    ("serve",): "runs until Ctrl-C, and test_service.py starts it",
    ("ivr",): "runs until Ctrl-C",
    ("scheduler",): "runs until Ctrl-C",
    ("fallback",): "runs until Ctrl-C",
    ("console",): "runs until Ctrl-C",
    ("voice", "install"): "fetches the voice from the network",
}
ENDS_OTHERWISE = {
    ("status",): (1, "in a copy of the home the service does not run"),
    ("reload",): (1, "likewise; test_reload.py takes settings into use"),
    ("accounts", "show"): (1, "no terminal is there to see the password"),
    ("roster", "check"): (1, "the roster as delivered has gaps"),
}
"""The exit code that the page announces, and why; any other command ends with 0."""
MADE_UP = """Commands that a page must not print:
`.venv/bin/hotline tickets show 9999`
`.venv/bin/hotline tickets --opened`
`.venv/bin/hotline ticket merge 1001 1001 --as 7001`
"""


def to_type(markdown: str) -> list[Printed]:
    """The literal commands of a page: nothing has to be put in, and they end by themselves."""
    return [
        printed
        for printed in commands(markdown)
        if not printed.variable and not any(tuple(printed.words[: len(words)]) == words for words in NOT_TYPED)
    ]


def expected(printed: Printed) -> int:
    """The exit code as documented."""
    return next((code for words, (code, _) in ENDS_OTHERWISE.items() if tuple(printed.words[: len(words)]) == words), 0)


def failed(printed: list[Printed], ended: list[Ended]) -> list[str]:
    """The commands that did not end as documented, each with what it said."""
    return [
        f"line {one.line}: {one.text}: ended with {end.code}: {end.said[-600:]}"
        for one, end in zip(printed, ended, strict=True)
        if end.code != expected(one)
    ]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    """A fresh hotline as delivered, in which the call of the README has been made and everything is stored."""
    with LiveHotline.running(tmp_path_factory.mktemp("first-call")) as hotline:
        owner, agent = hotline.phone("1101", CALLER), hotline.phone("7001", AGENT)
        owner.reach("8000")
        owner.wait_heard("menu", part=1)
        owner.press("1")
        owner.wait_heard("repair-menu", part=1)
        owner.press("2")
        owner.wait_heard("ask-building", part=1)
        owner.press("#")
        agent.wait_ringing()
        agent.answer()
        agent.wait_heard("whisper-repair")
        agent.press("5")
        owner.wait_spoken(speech.serves_you("7001"))
        owner.wait_tone(AGENT.hertz, seconds=2)
        agent.wait_tone(CALLER.hertz, seconds=2)
        owner.hang_up()
        record = call_of(hotline, "1101")
        recording = stored_recording(hotline, record)
        assert (record.call.id, ticket_of(hotline, record).ticket.number) == (1, 1001)
        assert (recording.id, recording.state) == (1, RecordingState.KEPT)
        hotline.close_phones()
        wait_nothing_left(hotline)
        yield hotline


@pytest.fixture(scope="module")
def by_page(running: LiveHotline, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What failed on each page, and on a made-up one; each page has its own copy of the home."""
    pages = {page_name(page): page.read_text(encoding="utf-8") for page in PAGES} | {"made-up": MADE_UP}
    copies = tmp_path_factory.mktemp("copies")
    sessions, printed = [], {}
    running.stop()
    for name, markdown in pages.items():
        copy = copies / name.replace("/", "-")
        shutil.copytree(
            running.home.path, copy, ignore=shutil.ignore_patterns("asterisk", "run", "phones", "microphones")
        )
        printed[name] = to_type(markdown)
        lang = "zh_CN.UTF-8" if "/zh/" in name else "en_US.UTF-8"
        sessions.append(Session(str(copy), lang, [one.words for one in printed[name]]))
    ended = typed(sessions)
    return {name: failed(printed[name], session) for name, session in zip(printed, ended, strict=True)}


def test_the_commands_of_the_readme_work_in_a_shell_beside_the_running_hotline(running: LiveHotline) -> None:
    """Here `status` ends with 0, and 1001 and the recording are those that the reader sees."""
    readme = to_type((PROJECT_ROOT / "README.md").read_text(encoding="utf-8"))
    said: dict[str, str] = {}
    for printed in {one.text: one for one in readme}.values():  # both languages print the same
        ended = subprocess.run(
            ["sh", "-c", printed.text],
            cwd=PROJECT_ROOT,
            env=os.environ | {"HOTLINE_HOME": str(running.home.path), "LANG": "zh_CN.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        shows_a_password = printed.words[:2] == ["accounts", "show"]
        assert ended.returncode == shows_a_password, f"{printed.text}: {ended.stdout}{ended.stderr}"
        said[" ".join(printed.words)] = ended.stdout
    accounts = {"accounts show 1101", "accounts show 7001", "accounts link 7001"}
    assert {"tickets", "tickets show 1001", "calls", "recordings", "tasks", "status"} | accounts == set(said)
    assert "1001" in said["tickets"]
    assert "7001" in said["calls"]
    assert "1001" in said["recordings"]


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_literal_command_of_a_page_works_as_printed(page: Path, by_page: dict[str, list[str]]) -> None:
    assert by_page[page_name(page)] == []


def test_a_command_that_does_not_work_is_found(by_page: dict[str, list[str]]) -> None:
    assert [failure.partition(": ")[0] for failure in by_page["made-up"]] == ["line 2", "line 3", "line 4"]


def test_each_exception_is_one_that_a_page_prints() -> None:
    printed = [one.words for page in PAGES for one in commands(page.read_text(encoding="utf-8"))]
    for words in (*NOT_TYPED, *ENDS_OTHERWISE):
        assert any(tuple(one[: len(words)]) == words for one in printed), words
