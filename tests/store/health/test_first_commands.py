"""The first commands at a home: configuration made and checked, owners imported, the status without a service."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.clock import SystemClock
from models.instance.home import Home
from tests.store.terminal import Terminal
from tests.store.tickets.one_call import AT, hotline

__all__ = ["hotline"]

pytestmark = pytest.mark.store


def test_the_first_command_makes_the_configuration_and_names_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal(Home(tmp_path / "new"), monkeypatch, capsys)
    assert terminal("calls") == "(nothing yet)\n"
    assert terminal.errors.count("made ") == 3
    terminal("check-config")
    assert (terminal.code, terminal.errors) == (0, "")
    assert terminal("check-config", "--lang", "zh").count("正确") == 2
    assert not terminal.home.secrets_file.exists(), "`serve` makes the passwords and shows them once"


def test_errors_of_site_and_policy_are_shown_together_and_nothing_starts(hotline: Terminal) -> None:
    for file, old, new in (
        (hotline.home.site_file, "port = 5060", "port = 0"),
        (hotline.home.policy_file, '"menu-first"', '"menu"'),
    ):
        file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    for command in ("serve", "ivr", "scheduler", "calls", "check-config"):
        hotline(command)
        assert hotline.code == 2
        assert "sip.port: is 0" in hotline.errors
        assert 'answer.mode: is "menu"' in hotline.errors


def test_a_home_that_cannot_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    terminal = Terminal(Home(tmp_path / "file" / "home"), monkeypatch, capsys)
    terminal("calls")
    assert terminal.code == 2
    assert "cannot be written" in terminal.errors


def test_owners_are_imported_whole_or_not_at_all(hotline: Terminal, tmp_path: Path) -> None:
    """R08-9, R13-5."""
    file = tmp_path / "owners.csv"
    file.write_text("name,building,unit,phones\n张三,3,301,13800138000\n李四,3,302,139x\n", encoding="utf-8")
    hotline("import", "owners", str(file))
    assert hotline.code == 2
    assert 'line 3, phones: "139x"' in hotline.errors
    file.write_text(file.read_text(encoding="utf-8").replace("139x", "13912345678"), encoding="utf-8")
    assert hotline("import", "owners", str(file)) == "2 added, 0 updated, 0 unchanged\n"


def test_a_year_with_unknown_holidays_is_named_in_time(hotline: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """R03-1."""
    monkeypatch.setattr(SystemClock, "now", lambda self: datetime(2099, 3, 1, tzinfo=UTC))
    assert "holidays of 2099 are not known" in hotline("check-config")
    assert hotline.code == 0
    monkeypatch.setattr(SystemClock, "now", lambda self: AT)
    assert "not known" not in hotline("check-config")


def test_the_status_without_a_service_says_what_to_start_and_fails(hotline: Terminal) -> None:
    state = hotline.json("status")
    assert hotline.code == 1
    assert (state["serve"], state["well"]) == (None, False)
    assert (state["store"]["tickets_open"], state["store"]["tasks_late"]) == (1, 1)
    assert "make run" in hotline("status")
