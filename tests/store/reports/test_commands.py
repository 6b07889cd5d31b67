"""`hotline report`: as a table, as files, for programs; what is refused, and what has sent itself."""

import csv
import io
import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from models import enrolment
from models.calls import calls
from models.instance.home import PROJECT_ROOT, Home
from models.policy import Policy
from models.reports import runs
from models.reports.period import Period, PeriodKind
from models.site import Site
from models.states.calls import EndedBy
from tests.store.terminal import Terminal

pytestmark = pytest.mark.store

NOVEMBER = datetime(2025, 11, 10, 3, tzinfo=UTC)


@pytest.fixture
def hotline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """An instance in which somebody called in November 2025 and talked with 7001."""
    home = Home(tmp_path / "home")
    home.create_missing()
    terminal = Terminal(home, monkeypatch, capsys)
    store = terminal.store
    store.write(enrolment.enrol, Site.load(PROJECT_ROOT / "site.example.toml"))
    begin = {"line": "8000", "language": "zh", "caller_number": "13800138000", "at": NOVEMBER}
    call = store.write(calls.begin, channel_id="1.1", **begin)
    talk = store.write(
        calls.begin_talk,
        call_id=call.id,
        staff_number="7001",
        bridge_id="b",
        caller_channel="1.1",
        leg_channel="l",
        at=NOVEMBER,
    )
    for end, row in ((calls.end_talk, talk), (calls.end, call.id)):
        reason = {"reason": "completed"} if end is calls.end else {}
        store.write(end, row, by=EndedBy.AGENT, at=NOVEMBER.replace(minute=2), **reason)
    store.close()
    return terminal


def test_the_table_has_each_number_with_its_rule_and_its_meaning(hotline: Terminal) -> None:
    said = hotline("report", "--month", "2025-11")
    assert hotline.code == 0
    assert said.startswith("Sunshine Garden monthly report 2025-11\n")
    (line,) = [line for line in said.splitlines() if line.startswith(" connected ")]
    assert line.split()[:4] == ["connected", "1", "0", "+1"]
    assert "talked with at least one of the staff" in line
    assert "R07-6" in line
    assert "7001 王芳" in said
    assert "2:00" in said
    assert "13800138000" not in said


def test_a_quarter_and_a_day_are_asked_for_alike(hotline: Terminal) -> None:
    for asked in (("--quarter", "2025Q4"), ("--day", "2025-11-10")):
        said = hotline("report", *asked, "--format", "csv")
        (line,) = [row for row in csv.reader(io.StringIO(said)) if row[-1] == "calls.calls"]
        assert (line[0], line[5]) == (asked[1], "1")


def test_without_a_period_it_is_the_last_whole_month(hotline: Terminal) -> None:
    from models.clock import SystemClock

    last = Period.last_complete(PeriodKind.MONTH, SystemClock().now(), Site.load(hotline.home.site_file).time_zone)
    assert f"report {last.name}\n" in hotline("report")


def test_files_are_whole_and_read_back(hotline: Terminal, tmp_path: Path) -> None:
    for name in ("november.xlsx", "november.csv"):
        hotline("report", "--month", "2025-11", "--out", str(tmp_path / name))
        assert hotline.code == 0
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    workbook = openpyxl.load_workbook(tmp_path / "november.xlsx")
    assert workbook.worksheets[0]["A1"].value == "Sunshine Garden monthly report 2025-11"
    assert workbook["Agents and staff"]["A2"].value == "7001 王芳"
    rows = list(csv.DictReader(io.StringIO((tmp_path / "november.csv").read_text(encoding="utf-8-sig"))))
    assert {row["period"] for row in rows} == {"2025-11"}


def test_programs_get_stable_names(hotline: Terminal) -> None:
    told = json.loads(hotline("report", "--month", "2025-11", "--format", "json"))
    assert (told["period"], told["from"]) == ("2025-11", "2025-10-31T16:00:00.000Z")
    (figure,) = [one for one in told["figures"] if one["section"] == "calls" and one["figure"] == "connected_rate"]
    assert (figure["value"], figure["before"], figure["unit"]) == (100, None, "percent")


@pytest.mark.parametrize(
    ("asked", "because"),
    [
        (("--month", "11"), "2026-11"),
        (("--month", "2025-11", "--day", "2025-11-10"), "only one of"),
        (("--month", "2099-01"), "has not begun"),
        (("--format", "xlsx"), "needs --out"),
        (("--format", "pdf"), "pdf"),
    ],
)
def test_what_cannot_be_reported_is_refused_with_a_reason(
    hotline: Terminal, asked: tuple[str, ...], because: str
) -> None:
    hotline("report", *asked)
    assert hotline.code == 2
    assert because in hotline.errors


def test_a_file_that_cannot_be_written_is_told_in_one_line(hotline: Terminal, tmp_path: Path) -> None:
    hotline("report", "--month", "2025-11", "--out", str(tmp_path / "nowhere" / "a.csv"))
    assert hotline.code == 1
    assert "nowhere" in hotline.errors
    assert "Traceback" not in hotline.errors


def test_which_reports_have_sent_themselves_is_listed(hotline: Terminal) -> None:
    store = hotline.store
    zone = Site.load(hotline.home.site_file).time_zone
    assert "(nothing yet)" in hotline("report", "--sent")
    store.write(runs.plan, Period.parse(PeriodKind.MONTH, "2025-11", zone), at=NOVEMBER)
    assert "to be sent" in hotline("report", "--sent")
    store.close()


def test_the_policy_says_which_reports_send_themselves() -> None:
    """R01-1, R03-5, R06-5."""
    policy = Policy.load(PROJECT_ROOT / "policy.toml")
    assert (policy.reports.periods, policy.source("reports.periods")) == (["month", "quarter"], "R01-1")
