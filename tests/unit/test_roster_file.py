"""A roster with a mistake is refused with the line, the mistake and the remedy; the delivered roster is valid."""

from pathlib import Path

import pytest

from models.errors import ConfigError, Problem
from models.instance.home import PROJECT_ROOT
from models.roster.roster_file import read_roster
from models.site import Site

pytestmark = pytest.mark.unit

EXAMPLE = (PROJECT_ROOT / "roster.example.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site() -> Site:
    return Site.load(PROJECT_ROOT / "site.example.toml")


def refused(tmp_path: Path, site: Site, text: str) -> list[Problem]:
    file = tmp_path / "roster.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        read_roster(file, site)
    return list(raised.value.problems)


def test_the_delivered_roster_follows_the_regulation(site: Site) -> None:
    plan = read_roster(PROJECT_ROOT / "roster.example.toml", site)
    assert {shift.rule for shift in plan.shifts} == {"R09-1", "R09-2", "R09-3", "R09-4", "R09-5"}
    assert {(cover.group, cover.falls_to) for cover in plan.covers} == {
        ("agents", "monitoring"),
        ("engineering", "monitoring"),
        ("monitoring", None),
    }


@pytest.mark.parametrize(
    ("line", "changed", "key", "wrong", "right"),
    [
        ('last = "08-31"', 'last = "13-31"', "season[summer].last", '"13-31"', "month and day"),
        ('zh = "晚班客服"', "zh = 3", "shift[evening].zh", "is 3", "characters"),
        ("need = 2", 'need = "two"', "shift[day].need", '"two"', "how many people"),
        ('rule = "R09-3"', 'rule = "R09-33"', "shift[night].rule", '"R09-33"', "R09-2"),
        ('rule = "R09-3"', 'rule = "R09-3"\ncolour = "red"', "shift[night].colour", "not a known key", "one of"),
        ('  { window = "07:50-18:30", season = "winter" },', '  { window = "7.50-18:30" },',
         "shift[day].hours[no. 2].window", '"7.50-18:30"', "20:00-09:00"),
        ('  { window = "07:50-18:30", season = "winter" },', '  { window = "07:50-18:30", season = "autumn" },',
         "shift[day].hours[no. 2].season", '"autumn" is no [[season]]', "summer, winter"),
        ('serves = ["engineering"]', 'serves = ["enginering"]', "shift[technicians].serves[no. 1]",
         '"enginering" is no group', "engineering"),
        ('falls_to = "monitoring"', 'falls_to = "agents"', "cover[no. 1].falls_to",
         '"agents" is no other', "monitoring"),
        ('shift = "evening-desk"', 'shift = "evning"', "rotation[no. 3].shift",
         '"evning" is no [[shift]]', "evening-desk"),
        ('order = [["7022"], ["7020"], ["7021"]]', 'order = [["7022"], ["7920"]]', "rotation[no. 6].order",
         '"7920" is no staff number', "7020"),
        ('order = [["7010"], ["7040"]]', 'order = [["7010", "7010"]]', "rotation[no. 3].order", "twice", "once"),
        ('order = [["7010"], ["7040"]]', 'last = 2025-01-01\norder = [["7010"]]', "rotation[no. 3].last",
         "is 2025-01-01", "2026-01-05 or later"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_reported_with_the_remedy(
    tmp_path: Path, site: Site, line: str, changed: str, key: str, wrong: str, right: str
) -> None:
    text = EXAMPLE.replace(line, changed, 1)
    assert text != EXAMPLE
    (problem,) = refused(tmp_path, site, text)
    number = next(at for at, one in enumerate(text.splitlines(), 1) if changed.splitlines()[-1] in one)
    number -= "last = 2025" in changed
    assert problem.key == f"line {number}, {key}"
    assert wrong in problem.wrong
    assert right in problem.right
    assert problem.wrong_zh
    assert problem.right_zh


def test_all_wrong_lines_are_reported_at_once(tmp_path: Path, site: Site) -> None:
    text = EXAMPLE.replace('"7022"', '"7922"').replace('group = "engineering"', 'group = "enginering"')
    problems = [problem.wrong for problem in refused(tmp_path, site, text)]
    assert len(problems) == 3
    assert '"enginering" is no group that a shift serves' in problems


def test_two_entries_of_the_same_name_are_refused(tmp_path: Path, site: Site) -> None:
    (problem,) = refused(
        tmp_path,
        site,
        EXAMPLE.replace('name = "security-late"', 'name = "security-early"').replace(
            'shift = "security-late"', 'shift = "security-early"'
        ),
    )
    assert problem.wrong == '"security-early" is there twice'


def test_a_file_without_shifts_or_not_in_toml_is_refused(tmp_path: Path, site: Site) -> None:
    assert [problem.wrong for problem in refused(tmp_path, site, "")] == ["is missing"]
    (problem,) = refused(tmp_path, site, EXAMPLE.replace('name = "night"', "name = night"))
    assert problem.key.startswith("line ")
