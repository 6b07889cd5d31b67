"""`hotline tickets explain`, `ticket classify`, `check-config` with `--complete`, and the warnings of `status`."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from models import enrolment
from models.instance.home import PROJECT_ROOT, Home
from models.site import Site
from models.time.days import PUBLISHED_YEARS
from tests.store.terminal import Terminal

pytestmark = pytest.mark.store

CLOCKS = ["respond", "on-site", "feedback", "solution"]


@pytest.fixture
def hotline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """An instance with the staff of the example site."""
    home = Home(tmp_path / "home")
    home.create_missing()
    terminal = Terminal(home, monkeypatch, capsys)
    store = terminal.store
    store.write(enrolment.enrol, Site.load(PROJECT_ROOT / "site.example.toml"))
    store.close()
    return terminal


def test_each_deadline_is_explained_with_its_rule_and_its_state(hotline: Terminal) -> None:
    """R08-3, R08-5."""
    hotline("ticket", "new", "complaint", "--problem", "noise", "--as", "7001")
    hotline("ticket", "classify", "1001", "complaint", "--severity", "serious", "--as", "7050")
    assert hotline.code == 0
    hotline("ticket", "move", "1001", "accepted", "--as", "7010")
    explained = hotline.json("tickets", "explain", "1001")
    assert (explained["kind"], explained["severity"]) == ("complaint", "serious")
    assert sorted(clock["kind"] for clock in explained["clocks"]) == sorted(CLOCKS)
    by_kind = {clock["kind"]: clock for clock in explained["clocks"]}
    assert by_kind["respond"]["met_at"] is not None
    solution = by_kind["solution"]
    assert (solution["rule"], solution["figure"], solution["unit"], solution["calendar"], solution["late"]) == (
        "R08-5",
        5,
        "days",
        "office",
        False,
    )
    assert sum("working day" in step for step in solution["steps"]) >= 5
    said = hotline("ticket", "explain", "1001")
    assert "solution, 5 working days (by office hours), R08-5" in said
    assert "in time" in said
    assert hotline("tickets", "explain", "1009") == ""
    assert "there is no ticket 1009" in hotline.errors


def of_an_earlier_version(file: Path) -> None:
    """Its policy.toml lacks a section."""
    whole = file.read_text(encoding="utf-8")
    start, end = whole.index("[holidays]"), whole.index("[tickets]")
    file.write_text(whole[:start] + whole[end:], encoding="utf-8")


def test_after_an_upgrade_an_older_policy_gets_what_it_lacks_and_one_line_says_so(hotline: Terminal) -> None:
    file = hotline.home.policy_file
    of_an_earlier_version(file)
    before = file.read_bytes()
    hotline("tickets")
    (kept,) = hotline.home.path.glob("policy-*.toml")
    assert (hotline.code, kept.read_bytes()) == (0, before)
    keys = "holidays"
    assert hotline.errors == (
        f"policy.toml lacked entries of this version; added with the delivered values: {keys} (as it was: {kept})\n"
    )
    hotline("tickets")
    assert (hotline.code, hotline.errors) == (0, "")


def test_who_may_not_write_the_policy_is_given_the_command_that_completes_it(
    hotline: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = hotline.home.policy_file
    of_an_earlier_version(file)

    def refused(*_: object) -> None:
        raise PermissionError

    with monkeypatch.context() as here:
        here.setattr("hotline.health.policy_complete.complete", refused)
        hotline("tickets")
    assert hotline.code == 2
    assert "holidays：缺少这一项" in hotline.errors
    command = f"{PROJECT_ROOT}/.venv/bin/hotline --home {hotline.home.path} check-config --complete"
    assert f"    {command}\n" in hotline.errors
    said = hotline("check-config", "--complete")
    assert hotline.code == 0
    assert "added  holidays" in said
    assert f"right  {file}" in said
    assert len(list(hotline.home.path.glob("policy-*.toml"))) == 1
    hotline("tickets")
    assert hotline.code == 0


def test_the_status_warns_of_years_whose_holidays_are_unknown(
    hotline: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R09-1."""
    unknown = max(PUBLISHED_YEARS) + 1
    december = datetime(unknown - 1, 12, 1, tzinfo=UTC)
    monkeypatch.setattr("hotline.health.configuration.SystemClock.now", lambda _: december)
    assert hotline.json("status")["unknown_holiday_years"] == [unknown]
    assert f"ATTENTION: the public holidays of {unknown} are not known" in hotline("status")
    assert f"note  the public holidays of {unknown} are not known" in hotline("check-config")
    site = hotline.home.site_file
    site.write_text(site.read_text(encoding="utf-8") + f"\n[calendar]\nyears = [{unknown}]\n", encoding="utf-8")
    assert hotline.json("status")["unknown_holiday_years"] == []


def test_prices_that_no_voice_can_speak_are_named_by_check_config(hotline: Terminal) -> None:
    """R08-11."""
    assert "does not offer" not in hotline("check-config")
    text = hotline.home.site_file.read_text(encoding="utf-8")
    priced = text.replace('zh = ""', 'zh = "家政保洁40元"', 1).replace('en = ""', 'en = "Cleaning, 40 yuan"', 1)
    hotline.home.site_file.write_text(priced, encoding="utf-8")
    checked = hotline("check-config")
    assert (hotline.code, checked.count("note  the menu does not offer the prices")) == (0, 2)
    recorded = hotline.home.own_sounds / "en" / "prices.wav"
    assert (str(recorded) in checked, "hotline voice install" in checked) == (True, True)
    recorded.parent.mkdir(parents=True)
    recorded.touch()
    assert hotline("check-config", "--lang", "zh").count("菜单不提供价格查询，zh 无人朗读") == 1


def test_a_mobile_that_is_never_rung_is_named_by_check_config(hotline: Terminal) -> None:
    """R05-1, R20-5."""
    site = hotline.home.site_file
    text = site.read_text(encoding="utf-8")
    site.write_text(text.replace('number = "7020"', 'number = "7020"\nmobile = "13800138000"', 1), encoding="utf-8")
    assert "is never rung" not in hotline("check-config")
    site.write_text(text.replace('number = "7020"', 'number = "7020"\nmobile = "02116812345"', 1), encoding="utf-8")
    assert "note  the mobile 02116812345 of 7020" in hotline("check-config")
    assert hotline.code == 0
