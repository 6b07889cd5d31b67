"""Each class of ticket has the clocks that the regulations give it; a profile changes what its regulation changes."""

from pathlib import Path

import pytest

from models.instance.home import PROJECT_ROOT
from models.policy import Policy
from models.site import Site
from models.states.tickets import ClockKind, Severity, TicketKind
from models.time.calendar import WALL

pytestmark = pytest.mark.unit

FILE = PROJECT_ROOT / "policy.toml"
SITE = Site.load(PROJECT_ROOT / "site.example.toml")
DEFAULT = FILE.read_text(encoding="utf-8")
PLAIN, GRAVE = Severity.ORDINARY, Severity.SERIOUS


def in_force(policy: Policy, kind: TicketKind, severity: Severity = PLAIN) -> dict[str, tuple[int, str, str, str]]:
    """By clock: figure, unit, calendar and rule."""
    return {
        one.kind.value: (one.span.figure, one.span.unit.value, one.span.calendar, one.rule)
        for one in policy.clocks(kind, severity)
    }


def profiled(tmp_path: Path, name: str) -> Policy:
    file = tmp_path / "policy.toml"
    file.write_text(DEFAULT.replace('value = "R08", rule', f'value = "{name}", rule'), encoding="utf-8")
    return Policy.load(file, SITE)


@pytest.mark.parametrize(
    ("kind", "severity", "clock", "span"),
    [
        (TicketKind.REPAIR, PLAIN, "respond", (4, "hours", WALL, "R08-1")),
        (TicketKind.REPAIR, PLAIN, "feedback", (4, "hours", WALL, "R08-1")),
        (TicketKind.REPAIR, PLAIN, "solution", (3, "days", "office", "R06-3")),
        (TicketKind.URGENT_REPAIR, PLAIN, "on-site", (30, "minutes", WALL, "R08-2")),
        (TicketKind.COMPLAINT, PLAIN, "on-site", (1, "hours", WALL, "R08-3")),
        (TicketKind.COMPLAINT, PLAIN, "feedback", (4, "hours", WALL, "R08-3")),
        (TicketKind.COMPLAINT, PLAIN, "solution", (8, "hours", WALL, "R08-5")),
        (TicketKind.COMPLAINT, GRAVE, "solution", (5, "days", "office", "R08-5")),
        (TicketKind.LIFT, PLAIN, "on-site", (30, "minutes", WALL, "R08-7")),
        (TicketKind.POWER, PLAIN, "on-site", (30, "minutes", WALL, "R08-7")),
        (TicketKind.WATER, PLAIN, "on-site", (30, "minutes", WALL, "R08-7")),
        (TicketKind.PUBLIC_LIGHTING, PLAIN, "solution", (8, "hours", WALL, "R08-8")),
        (TicketKind.PUBLIC_LIGHTING, GRAVE, "solution", (48, "hours", WALL, "R08-8")),
        (TicketKind.ENQUIRY, PLAIN, "respond", (48, "hours", WALL, "R13-4")),
        (TicketKind.SUGGESTION, PLAIN, "respond", (24, "hours", WALL, "R06-2")),
        (TicketKind.SUGGESTION, PLAIN, "solution", (3, "days", "office", "R06-3")),
        (TicketKind.FAULT, PLAIN, "respond", (30, "minutes", WALL, "R17-5")),
    ],
)
def test_the_service_standard_is_the_default(
    kind: TicketKind, severity: Severity, clock: str, span: tuple[int, str, str, str]
) -> None:
    assert in_force(Policy.load(FILE, SITE), kind, severity)[clock] == span


def test_every_class_of_ticket_has_a_clock_at_every_severity() -> None:
    policy = Policy.load(FILE, SITE)
    for kind in TicketKind:
        for severity in Severity:
            assert policy.clocks(kind, severity), (kind, severity)
            assert [one.kind for one in policy.clocks(kind, severity)] == [
                one for one in ClockKind if one.value in in_force(policy, kind, severity)
            ], "in the order in which it happens"


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize(
    ("profile", "kind", "clocks"),
    [
        (
            "R06",
            TicketKind.COMPLAINT,
            {"respond": (24, "hours", WALL, "R06-2"), "solution": (3, "days", "office", "R06-3")},
        ),
        (
            "R06",
            TicketKind.ENQUIRY,
            {"respond": (24, "hours", WALL, "R06-2"), "solution": (3, "days", "office", "R06-3")},
        ),
        ("R13", TicketKind.COMPLAINT, {"respond": (48, "hours", WALL, "R13-4")}),
        ("R13", TicketKind.ENQUIRY, {"respond": (48, "hours", WALL, "R13-4")}),
        (
            "R15",
            TicketKind.COMPLAINT,
            {"respond": (24, "hours", WALL, "R15-7"), "feedback": (24, "hours", WALL, "R15-7")},
        ),
    ],
)
def test_one_word_chooses_another_regulation(
    tmp_path: Path, profile: str, kind: TicketKind, severity: Severity, clocks: dict[str, object]
) -> None:
    policy = profiled(tmp_path, profile)
    assert in_force(policy, kind, severity) == clocks
    assert in_force(policy, TicketKind.REPAIR) == in_force(Policy.load(FILE, SITE), TicketKind.REPAIR)


def test_a_clock_may_follow_another_calendar(tmp_path: Path) -> None:
    """R18-1: the front desk works on public holidays as usual."""
    desk = """
[calendars.desk]
weekdays                  = { value = [1, 2, 3, 4, 5, 6, 7], rule = "R18-1" }
closed_on_public_holidays = { value = false, rule = "R18-1" }
open_on_make_up_days      = { value = true, rule = "R18-1" }
[calendars.desk.seasons.all]
begins  = { value = "01-01", rule = "R18-1" }
windows = { value = ["09:00-12:00", "13:00-18:00"], rule = "R18-1" }
"""
    file = tmp_path / "policy.toml"
    file.write_text(
        DEFAULT.replace('"48 hours", rule = "R13-4"', '"8 working hours of desk", rule = "R13-4"') + desk,
        encoding="utf-8",
    )
    policy = Policy.load(file, SITE)
    assert in_force(policy, TicketKind.ENQUIRY)["respond"] == (8, "hours", "desk", "R13-4")
    assert set(policy.calendars) == {WALL, "general-manager", "office", "desk"}


def test_a_policy_without_a_site_has_no_calendars() -> None:
    with pytest.raises(AssertionError, match="days of a site"):
        _ = Policy.load(FILE).calendars
