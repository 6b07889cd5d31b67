"""Hours, seasons and rotations decide who has which turn (R09-1 to R09-5), at night and on clock changes too."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.instance.home import PROJECT_ROOT
from models.people.shifts import Hours, Plan, Planned, RotationPlan, ShiftPlan, Substitution
from models.roster.roster_file import read_roster
from models.site import Site
from models.time.days import Day, DayKind, Days

pytestmark = pytest.mark.unit

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
CHINA = Days(SHANGHAI)
SUMMER, WINTER = ((3, 1), (8, 31)), ((9, 1), (2, 29))
ALL_DAY = Hours(time(0), time(0))


@pytest.fixture(scope="module")
def delivered() -> Plan:
    return read_roster(PROJECT_ROOT / "roster.example.toml", Site.load(PROJECT_ROOT / "site.example.toml"))


def turns_of(plan: Plan, shift: str, day: date) -> list[str]:
    """ "07:50-17:30" for each turn of the shift that begins on this day, in Shanghai time."""
    since = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    found = plan.turns(since, since + timedelta(days=1), CHINA)
    return [
        f"{turn.starts_at.astimezone(SHANGHAI):%H:%M}-{turn.ends_at.astimezone(SHANGHAI):%H:%M}"
        for turn in found
        if turn.shift.name == shift and turn.day == day
    ]


def one_shift(*hours: Hours, rotations: tuple[RotationPlan, ...] = ()) -> Plan:
    return Plan((ShiftPlan("watch", "值班", "watch", ("agents",), 1, "house", hours),), rotations)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2026, 2, 28), "07:50-18:30"),
        (date(2026, 3, 1), "07:50-17:30"),
        (date(2026, 8, 31), "07:50-17:30"),
        (date(2026, 9, 1), "07:50-18:30"),
        (date(2026, 12, 31), "07:50-18:30"),
        (date(2027, 1, 1), "07:50-18:30"),
        (date(2028, 2, 29), "07:50-18:30"),
    ],
)
def test_normal_hours_follow_the_season_across_new_year(delivered: Plan, day: date, hours: str) -> None:
    """R09-1."""
    assert turns_of(delivered, "day", day) == [hours]


def test_the_evening_is_from_monday_to_saturday(delivered: Plan) -> None:
    """R09-2: two people of customer service and one of another group."""
    monday = date(2026, 3, 2)
    for shift in ("evening", "evening-desk"):
        week = [turns_of(delivered, shift, monday + timedelta(days=n)) for n in range(7)]
        assert week == [["17:30-20:00"]] * 6 + [[]]
    need = {shift.name: shift.need for shift in delivered.shifts}
    assert (need["evening"], need["evening-desk"]) == (2, 1)


def test_the_night_ends_the_next_morning(delivered: Plan) -> None:
    """R09-3."""
    (turn,) = [
        t
        for t in delivered.turns(datetime(2026, 3, 1, 18, tzinfo=UTC), datetime(2026, 3, 1, 19, tzinfo=UTC), CHINA)
        if t.shift.name == "night"
    ]
    assert turn.starts_at == datetime(2026, 3, 1, 20, tzinfo=SHANGHAI)
    assert turn.ends_at == datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)


def test_two_technicians_until_ten_then_one(delivered: Plan) -> None:
    """R09-4."""

    def there(hour: int, minute: int) -> set[str]:
        at = datetime(2026, 3, 4, hour, minute, tzinfo=SHANGHAI)
        return {
            d.staff_number
            for d in delivered.duties(at, at + timedelta(seconds=1), CHINA)
            if d.shift.startswith("technician")
        }

    assert len(there(21, 59)) == 2
    assert len(there(22, 0)) == 1
    assert not there(21, 59) & there(22, 0)


def test_security_has_three_shifts_of_eight_hours(delivered: Plan) -> None:
    """R09-5: exactly one of the three is on at every moment."""
    at = datetime(2026, 3, 1, tzinfo=SHANGHAI)
    turns = sorted(
        (turn for turn in delivered.turns(at, at + timedelta(days=3), CHINA) if "security" in turn.shift.name),
        key=lambda turn: turn.starts_at,
    )
    assert {turn.ends_at - turn.starts_at for turn in turns} == {timedelta(hours=8)}
    assert all(first.ends_at == second.starts_at for first, second in pairwise(turns))


@pytest.mark.parametrize(
    ("holidays", "weekdays", "days"),
    [
        (
            "same",
            (4, 5, 6),
            [
                date(2025, 10, 2),
                date(2025, 10, 3),
                date(2025, 10, 4),
                date(2025, 10, 9),
                date(2025, 10, 10),
                date(2025, 10, 11),
            ],
        ),
        # The 11th is a make-up Saturday for the week's holiday (调休).
        ("closed", (1, 2, 3, 4, 5), [date(2025, 10, 9), date(2025, 10, 10), date(2025, 10, 11)]),
        ("only", (1,), [date(2025, 10, day) for day in range(1, 9)]),
    ],
)
def test_public_holidays_and_make_up_working_days(holidays: str, weekdays: tuple[int, ...], days: list[date]) -> None:
    """R09-1: "holidays adjusted"."""
    hours = Hours(time(9), time(17), weekdays, None, holidays)
    assert [day for n in range(12) if hours.on(day := date(2025, 10, 1) + timedelta(days=n), CHINA)] == days


def test_the_sites_own_days_count_for_the_roster_too() -> None:
    """R09-1: deadlines and shifts follow the same calendar."""
    thursday, friday, saturday = (date(2025, 9, day) for day in (11, 12, 13))
    site = Days(SHANGHAI, {thursday: Day(DayKind.CLOSED), saturday: Day(DayKind.OPEN)})
    office, rest = (Hours(time(9), time(17), (1, 2, 3, 4, 5), None, how) for how in ("closed", "only"))
    assert [office.on(day, site) for day in (thursday, friday, saturday)] == [False, True, True]
    assert [rest.on(day, site) for day in (thursday, friday, saturday)] == [True, False, False]


def test_teams_rotate_each_for_its_days() -> None:
    rotation = RotationPlan("watch", date(2026, 1, 5), None, 7, (("1",), ("2",), ("3",)))
    teams = ["".join(rotation.team(date(2026, 1, 5) + timedelta(days=n))) for n in range(28)]
    assert "".join(teams) == "1" * 7 + "2" * 7 + "3" * 7 + "1" * 7


def test_the_latest_rotation_counts_while_it_lasts() -> None:
    rotations = (
        RotationPlan("watch", date(2026, 1, 1), None, 1, (("1",),)),
        RotationPlan("watch", date(2026, 2, 15), date(2026, 2, 17), 1, (("2",),)),
        RotationPlan("watch", date(2026, 2, 16), date(2026, 2, 16), 1, (("3",),)),
    )
    plan = one_shift(ALL_DAY, rotations=rotations)
    assert plan.people("watch", date(2025, 12, 31)) == ()
    week = ["".join(plan.people("watch", date(2026, 2, 14) + timedelta(days=n))) for n in range(5)]
    assert week == ["1", "2", "3", "2", "1"]


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), [8, 7, 8]), (date(2026, 10, 25), [8, 9, 8]), (date(2026, 5, 1), [8, 8, 8])]
)
def test_a_clock_change_loses_and_doubles_no_minute(day: date, hours: list[int]) -> None:
    """The clocks change in the night shift from 22:00 to 06:00."""
    watches = (Hours(time(14), time(22)), Hours(time(22), time(6)), Hours(time(6), time(14)))
    since = datetime(day.year, day.month, day.day, tzinfo=BERLIN) - timedelta(hours=10)
    turns = sorted(
        one_shift(*watches).turns(since, since + timedelta(hours=24), Days(BERLIN)), key=lambda t: t.starts_at
    )[:3]
    assert [(turn.ends_at - turn.starts_at) / timedelta(hours=1) for turn in turns] == hours
    assert all(first.ends_at == second.starts_at for first, second in pairwise(turns))


@pytest.mark.parametrize("minute", [0, 30])
def test_a_turn_that_begins_in_a_skipped_hour_begins_where_the_turn_before_ends(minute: int) -> None:
    at = time(2, minute)
    turns = list(
        one_shift(Hours(time(18), at), Hours(at, time(18))).turns(
            datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC), Days(BERLIN)
        )
    )
    ends = {turn.ends_at for turn in turns}
    assert {turn.starts_at for turn in turns} & ends == {datetime(2026, 3, 29, 1, minute, tzinfo=UTC)}


@given(
    start=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    day=st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    zone=st.sampled_from([SHANGHAI, BERLIN, ZoneInfo("America/New_York")]),
)
def test_a_shift_of_twenty_four_hours_leaves_no_gap(start: time, day: date, zone: ZoneInfo) -> None:
    since = datetime(day.year, day.month, day.day, 12, tzinfo=zone).astimezone(UTC)
    until = since + timedelta(days=3)
    covered, at = True, since
    for turn in sorted(one_shift(Hours(start, start)).turns(since, until, Days(zone)), key=lambda turn: turn.starts_at):
        covered = covered and turn.starts_at <= at
        at = max(at, turn.ends_at)
    assert covered
    assert at >= until


def planned(plan: Plan, *approved: list[Substitution]) -> list[tuple[str, int, int]]:
    """(staff, from hour, to hour) of 1 January."""
    since = datetime(2026, 1, 1, tzinfo=UTC)
    hour = timedelta(hours=1)
    return [
        (d.staff_number, (d.starts_at - since) // hour, (d.ends_at - since) // hour)
        for d in plan.duties(since, since + timedelta(hours=20), Days(UTC), approved)
    ]


def at_hour(hour: int) -> datetime:
    return datetime(2026, 1, 1, hour, tzinfo=UTC)


@pytest.fixture
def eight_to_sixteen() -> Plan:
    return one_shift(
        Hours(time(8), time(16)), rotations=(RotationPlan("watch", date(2026, 1, 1), None, 1, (("1", "2"),)),)
    )


def test_an_absence_removes_only_its_part_of_the_turn(eight_to_sixteen: Plan) -> None:
    """R09-7."""
    absence = [Substitution("1", None, at_hour(10), at_hour(12))]
    assert planned(eight_to_sixteen, absence) == [("1", 8, 10), ("2", 8, 16), ("1", 12, 16)]
    whole = [Substitution("1", None, at_hour(0), at_hour(23))]
    assert planned(eight_to_sixteen, whole) == [("2", 8, 16)]


def test_a_substitute_takes_that_part_and_may_be_substituted_in_turn(eight_to_sixteen: Plan) -> None:
    first, second = (
        [Substitution("1", "3", at_hour(8), at_hour(16))],
        [Substitution("3", "4", at_hour(12), at_hour(16))],
    )
    assert planned(eight_to_sixteen, first, second) == [("2", 8, 16), ("3", 8, 12), ("4", 12, 16)]
    duties = eight_to_sixteen.duties(at_hour(0), at_hour(20), Days(UTC), [first])
    assert [d.instead_of for d in duties] == [None, "1"]


def test_an_exchange_of_two_turns_at_the_same_time_changes_both(eight_to_sixteen: Plan) -> None:
    other = ShiftPlan("other", "x", "x", ("agents",), 1, "house", (Hours(time(8), time(16)),))
    rotation = RotationPlan("other", date(2026, 1, 1), None, 1, (("3",),))
    plan = Plan((*eight_to_sixteen.shifts, other), (*eight_to_sixteen.rotations, rotation))
    exchange = [Substitution("1", "3", at_hour(8), at_hour(16)), Substitution("3", "1", at_hour(8), at_hour(16))]
    duties = plan.duties(at_hour(0), at_hour(20), Days(UTC), [exchange])
    assert [(d.shift, d.staff_number, d.instead_of) for d in duties] == [
        ("other", "1", "3"),
        ("watch", "2", None),
        ("watch", "3", "1"),
    ]


def test_a_turn_given_back_returns_to_its_owner(eight_to_sixteen: Plan) -> None:
    there = [Substitution("1", "3", at_hour(8), at_hour(16))]
    back = [Substitution("3", "1", at_hour(8), at_hour(16))]
    assert Planned("watch", "1", at_hour(8), at_hour(16), None) in eight_to_sixteen.duties(
        at_hour(0), at_hour(20), Days(UTC), [there, back]
    )
