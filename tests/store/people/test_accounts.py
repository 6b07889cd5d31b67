"""A password is shown to a person who asks at a terminal, and the asking is logged; nothing else gets one."""

import json
import stat
import sys
from pathlib import Path

import pytest

from models.instance.home import Home
from models.instance.secrets import Secrets
from models.people import access_log
from models.site import Site
from tests.store.terminal import Terminal

pytestmark = pytest.mark.store


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(Home(tmp_path / "home"), monkeypatch, capsys)


@pytest.fixture
def words(terminal: Terminal) -> list[str]:
    """All passwords and PINs of the home, which has been started once."""
    terminal("accounts")
    secrets = Secrets.load_or_create(terminal.home, Site.load(terminal.home.site_file), pins_for=["7050"])
    return [*secrets.sip.values(), *secrets.pins.values(), secrets.ari_password, secrets.agi_password]


def looked(terminal: Terminal) -> list[tuple[str, str]]:
    return [(one.what, one.subject) for one in terminal.store.read(access_log.newest, limit=10)]


def at_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)


def test_the_list_has_every_account_and_no_password(terminal: Terminal, words: list[str]) -> None:
    listed = terminal("accounts")
    assert terminal.code == 0
    assert [number for number in ("7001", "7050", "1103") if number not in listed] == []
    whole = json.loads(terminal("accounts", "--json"))
    assert {one["number"] for one in whole if one["pin"]} == {"7050", "7060"}
    assert [word for word in words if word in listed + json.dumps(whole)] == []
    assert looked(terminal) == []


def test_a_password_goes_into_no_pipe(terminal: Terminal, words: list[str]) -> None:
    for lang, remedy in (("en", "add --to FILE"), ("zh", "请加 --to")):
        said = terminal("accounts", "show", "7050", lang=lang)
        assert terminal.code == 1
        assert remedy in terminal.errors
        assert [word for word in words if word in said + terminal.errors] == []
    assert looked(terminal) == []


def test_a_terminal_shows_one_password_and_the_log_says_whose(
    terminal: Terminal, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_a_screen(monkeypatch)
    secrets = Secrets.load_or_create(terminal.home, Site.load(terminal.home.site_file))
    said = terminal("accounts", "show", "7050")
    assert f"password: {secrets.sip['7050']}\n" in said
    assert f"PIN for *90: {secrets.pins['7050']}\n" in said
    assert len([word for word in words if word in said]) == 2
    said = terminal("accounts", "show", "1101")
    assert [word for word in words if word in said] == [secrets.sip["1101"]]
    assert looked(terminal) == [("password shown", "1101"), ("password shown", "7050")]


def test_a_file_with_a_password_is_readable_for_its_owner_alone(
    terminal: Terminal, words: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "note.txt"
    file.touch(mode=0o644)
    said = terminal("accounts", "show", "7001", "--to", str(file))
    secrets = Secrets.load_or_create(terminal.home, Site.load(terminal.home.site_file))
    assert secrets.sip["7001"] in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [word for word in words if word in said] == []
    assert looked(terminal) == [("password shown", "7001")]
    terminal("accounts", "show", "7001", "--to", str(tmp_path / "no" / "folder"))
    assert (terminal.code, "cannot write" in terminal.errors) == (1, True)


def test_an_account_that_is_not_there_is_refused(terminal: Terminal) -> None:
    terminal("accounts", "show", "9999")
    assert terminal.code == 1
    assert "there is no account 9999" in terminal.errors
