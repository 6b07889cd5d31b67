"""Periods are the site's own days, months and quarters; every number has a name, a meaning and a rule."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.instance.home import PROJECT_ROOT
from models.policy.policy import is_source
from models.reports import comma, wording, xlsx
from models.reports.figures import FigureUnit, Row, RowsAbout, at_most, mean, share
from models.reports.period import NoSuchPeriod, Period, PeriodKind
from models.reports.report import Counted, Names, Report
from models.reports.sections import SECTIONS
from models.reports.ticket_facts import Kept, kept
from models.reports.wording import CLOCKS, KINDS, SURVEYS, harmless
from models.states.surveys import SurveyPurpose
from models.states.tickets import ClockKind, TicketKind
from models.text.wording import WORDS

pytestmark = pytest.mark.unit

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
SITE = ("阳光花园", "Sunshine Garden")
DANGER = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1")


@given(day=st.dates(date(2000, 1, 2), date(2099, 12, 31)), kind=st.sampled_from(PeriodKind))
def test_each_day_is_in_one_period_of_each_kind_and_periods_leave_no_gap(day: date, kind: PeriodKind) -> None:
    period = Period.around(kind, day, SHANGHAI)
    assert period.first <= day < period.after
    assert Period.around(kind, period.after, SHANGHAI).before == period
    assert period.before.ends == period.begins
    same = {
        PeriodKind.DAY: lambda one: one,
        PeriodKind.WEEK: lambda one: one.isocalendar()[:2],
        PeriodKind.MONTH: lambda one: (one.year, one.month),
        PeriodKind.QUARTER: lambda one: (one.year, (one.month + 2) // 3),
    }[kind]
    days = [period.first + timedelta(days=n) for n in range((period.after - period.first).days)]
    assert {same(one) for one in days} == {same(day)}
    assert same(period.after) != same(day) != same(period.first - timedelta(days=1))
    assert Period.parse(kind, period.name, SHANGHAI) == period


def test_a_period_begins_at_the_sites_midnight() -> None:
    month = Period.parse(PeriodKind.MONTH, "2026-11", SHANGHAI)
    assert (month.begins, month.ends) == (
        datetime(2026, 10, 31, 16, tzinfo=UTC),
        datetime(2026, 11, 30, 16, tzinfo=UTC),
    )
    short = Period.parse(PeriodKind.DAY, "2026-03-29", BERLIN)
    assert short.ends - short.begins == timedelta(hours=23)


def test_the_last_complete_period_has_ended_in_the_sites_time_zone() -> None:
    at = datetime(2026, 9, 30, 16, tzinfo=UTC)
    names = [Period.last_complete(kind, at, SHANGHAI).name for kind in PeriodKind]
    assert names == ["2026-09-30", "2026W39", "2026-09", "2026Q3"]
    a_moment_before = at - timedelta(microseconds=1)
    names = [Period.last_complete(kind, a_moment_before, SHANGHAI).name for kind in PeriodKind]
    assert names == ["2026-09-29", "2026W39", "2026-08", "2026Q2"]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (PeriodKind.MONTH, "2026-13"),
        (PeriodKind.MONTH, "11"),
        (PeriodKind.MONTH, "2026-11-01"),
        (PeriodKind.WEEK, "2026W54"),
        (PeriodKind.QUARTER, "2026Q5"),
        (PeriodKind.QUARTER, "2026-04"),
        (PeriodKind.DAY, "2026-02-29"),
        (PeriodKind.DAY, ""),
        (PeriodKind.DAY, "0001-01-01"),
        (PeriodKind.MONTH, "二〇二六-11"),
    ],
)
def test_an_invalid_period_is_refused_with_an_example(kind: PeriodKind, text: str) -> None:
    with pytest.raises(NoSuchPeriod, match="应写作 2026"):
        Period.parse(kind, text, SHANGHAI)


def test_a_deadline_met_at_its_last_moment_is_met_in_time() -> None:
    due, end = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
    second = timedelta(seconds=1)
    assert [kept(due, met, end) for met in (due, due + second, None, end)] == [
        Kept.IN_TIME,
        Kept.LATE,
        Kept.OVERDUE,
        Kept.OVERDUE,
    ]
    assert [kept(end, met, end) for met in (end - second, end, None)] == [Kept.IN_TIME, Kept.RUNNING, Kept.RUNNING]


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_at_least_nine_of_ten_values_are_within_the_ninth_decile(values: list[float]) -> None:
    found = at_most(values, 0.9)
    assert found in values
    assert sum(value <= found for value in values) * 10 >= len(values) * 9
    assert sum(value < found for value in values) * 10 < len(values) * 9


def test_no_values_have_no_share_no_mean_and_no_median() -> None:
    assert (share(0, 0), mean([]), at_most([], 0.5)) == (None, None, None)
    assert (share(1, 4), mean([1, 2]), at_most([3, 1, 2, 4], 0.5)) == (0.25, 1.5, 2)


# -- names and meanings ---------------------------------------------------------------------------------------------


def test_every_number_has_a_meaning_in_both_languages_and_a_rule_that_exists() -> None:
    """R13-7: published numbers say what they are."""
    for section in SECTIONS:
        for figure in section.figures:
            assert all((figure.zh, figure.en, figure.means_zh, figure.means_en)), figure
            assert all(is_source(rule) for rule in figure.rules.split(", ")), figure


def test_names_are_unique_within_a_section() -> None:
    for section in SECTIONS:
        for names in (
            {figure.key for figure in section.figures},
            {figure.zh for figure in section.figures},
            {figure.en for figure in section.figures},
        ):
            assert len(names) == len(section.figures), section.key
    assert len({section.key for section in SECTIONS}) == len(SECTIONS)


def test_every_rule_that_requires_a_number_has_one() -> None:
    cited = {rule for section in SECTIONS for figure in section.figures for rule in figure.rules.split(", ")}
    assert cited >= {
        "R01-1", "R04-2", "R05-2", "R05-3", "R05-4", "R05-7", "R05-8", "R06-4", "R07-6", "R13-7", "R15-3", "R17-1",
        "R17-4", "R17-5", "R17-6", "R07-5", "R08-6", "R01-6",
    }  # fmt: skip


def test_kinds_and_clocks_have_the_same_names_as_everywhere_else() -> None:
    """Except "on site": for a ticket it is a state, for a clock a deadline."""
    assert set(KINDS) >= {kind.value for kind in TicketKind}
    assert set(CLOCKS) >= {kind.value for kind in ClockKind}
    assert set(SURVEYS) == {"", *SurveyPurpose}
    named = [kind.value for kind in TicketKind] + [kind.value for kind in ClockKind if kind != "on-site"]
    assert {word: WORDS[word] for word in named} == {word: {**KINDS, **CLOCKS}[word] for word in named}


# -- spreadsheets -----------------------------------------------------------------------------------------------------


def report(staff: str = "王芳", building: str = "3") -> Report:
    """Each figure is 1, for one subject of each kind."""
    subjects = {
        RowsAbout.ALL: "",
        RowsAbout.AGENT: "7001",
        RowsAbout.DEPARTMENT: "agents",
        RowsAbout.CLASS: "repair",
        RowsAbout.CLOCK: "repair respond",
        RowsAbout.SURVEY: "",
        RowsAbout.CAUSE: f"building {building}",
    }
    sections = []
    for section in SECTIONS:
        row: Row = {figure.key: 1 for figure in section.figures}
        before: Row = {figure.key: None if figure.unit is FigureUnit.PERCENT else 3 for figure in section.figures}
        sections.append(Counted(section, {subjects[section.about]: row}, {subjects[section.about]: before}))
    return Report(
        Period.parse(PeriodKind.MONTH, "2026-11", SHANGHAI),
        datetime(2026, 12, 1, tzinfo=UTC),
        "abc",
        sections,
        Names({"7001": staff}, {"agents": ("客服中心", "customer service")}),
    )


@pytest.mark.parametrize("text", DANGER)
def test_no_text_is_read_as_a_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"
    shown = report(building=text)
    cells = [cell for line in csv.reader(io.StringIO(comma.text(shown, "zh"))) for cell in line]
    workbook = openpyxl.load_workbook(io.BytesIO(xlsx.file(shown, (text, text), "zh")))
    found = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in found} <= {"s", "n"}
    cells += [str(cell.value) for cell in found if cell.data_type == "s"]
    numbers = ("-2", "-2.0")
    assert [cell for cell in cells if cell.startswith(DANGER_BEGINS) and cell not in numbers] == []


DANGER_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def test_harmless_text_stays_as_it_is() -> None:
    assert [harmless(text) for text in ("王芳", "3栋", "a=b", "", "–")] == ["王芳", "3栋", "a=b", "", "–"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_workbook_holds_every_number_with_its_meaning(language: wording.Language) -> None:
    shown = report()
    data = xlsx.file(shown, SITE, language)
    assert not any(
        "externalLink" in name or "vba" in name.lower() for name in zipfile.ZipFile(io.BytesIO(data)).namelist()
    )
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    overview = workbook.worksheets[0]
    lines = {(row[0], row[4]): row for row in overview.iter_rows(values_only=True) if row[0]}
    for counted in shown.sections:
        if counted.section.about is RowsAbout.ALL:
            for figure in counted.section.figures:
                seconds = {"zh": "（秒）", "en": " (s)"}[language] if figure.unit is FigureUnit.SECONDS else ""
                line = lines[wording.label(figure, language) + seconds, figure.rules]
                assert line[5:7] == (figure.means_zh, figure.means_en)
                assert line[1:4] == ((1, None, None) if figure.unit is FigureUnit.PERCENT else (1, 3, -2))
    lists = [counted for counted in shown.sections if counted.section.about is not RowsAbout.ALL]
    assert workbook.sheetnames[1:] == [wording.section_title(counted, language) for counted in lists]
    for counted, sheet in zip(lists, workbook.worksheets[1:], strict=True):
        rows = list(sheet.iter_rows(values_only=True))
        assert rows[1][1 : 1 + len(counted.section.figures)] == (1,) * len(counted.section.figures)
        texts = {cell for row in rows for cell in row if isinstance(cell, str)}
        assert {figure.means_zh for figure in counted.section.figures} <= texts
        assert {figure.means_en for figure in counted.section.figures} <= texts


def test_a_csv_file_holds_every_number_with_both_meanings() -> None:
    shown = report()
    rows = list(csv.DictReader(io.StringIO(comma.file(shown, "en").decode("utf-8-sig"))))
    assert len(rows) == sum(len(section.figures) for section in SECTIONS)
    (agent,) = [row for row in rows if row["key"] == "agents.answered"]
    assert (agent["name"], agent["value"], agent["before"], agent["change"]) == ("7001 王芳", "1", "3", "-2")
    assert agent["含义"] == "由他最先接通的来电；各人之和等于“接通”"
    assert agent["rule"] == "R07-6, R01-1, R17-6"
    (rate,) = [row for row in rows if row["key"] == "calls.connected_rate"]
    assert (rate["value"], rate["unit"], rate["before"], rate["change"]) == ("100", "%", "", "")


@pytest.mark.parametrize(
    ("value", "unit", "shown", "as_change"),
    [
        (12, FigureUnit.COUNT, "12", "+12"),
        (-3, FigureUnit.COUNT, "-3", "-3"),
        (0.9333, FigureUnit.PERCENT, "93.3 %", "+93.3"),
        (3723.4, FigureUnit.SECONDS, "1:02:03", "+1:02:03"),
        (-7, FigureUnit.SECONDS, "", "-0:07"),
        (None, FigureUnit.COUNT, "–", ""),
        (0, FigureUnit.COUNT, "0", ""),
        (4.333, FigureUnit.SCORE, "4.33", "+4.33"),
    ],
)
def test_numbers_are_written_as_people_read_them(
    value: float | None, unit: FigureUnit, shown: str, as_change: str
) -> None:
    if shown:
        assert wording.number(value, unit) == shown
    assert wording.change(value, unit) == as_change


def test_the_pages_about_reports_define_every_number_as_the_program_does() -> None:
    english = (PROJECT_ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    chinese = (PROJECT_ROOT / "docs" / "zh" / "reports.md").read_text(encoding="utf-8")
    for section in SECTIONS:
        assert f"### {section.en} (`{section.key}`)" in english
        assert f"### {section.zh}（`{section.key}`）" in chinese
        for figure in section.figures:
            assert f"| {figure.en} `{figure.key}` | {figure.means_en} | {figure.rules} |" in english
            assert f"| {figure.zh} `{figure.key}` | {figure.means_zh} | {figure.rules} |" in chinese
