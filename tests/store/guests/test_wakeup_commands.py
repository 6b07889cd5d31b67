"""`hotline wakeup`: order, change, cancel, import by row; the sheet and the evidence (R21-9, R21-13)."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from models.clock import SystemClock
from models.guests import stays, wakeup_moves, wakeups
from models.guests.wakeups import OrderState, WakeupHow, WakeupOrder
from models.policy import Policy
from models.site import Site
from models.states.calls import Ring
from models.states.guests import KnockLevel, KnockOutcome, WakeupState
from models.tables import AccessEntry, Knock, Wakeup, WakeupAttempt
from tests.store.terminal import Terminal

pytestmark = pytest.mark.store


@pytest.fixture
def tomorrow(site: Site) -> date:
    return SystemClock().now().astimezone(site.time_zone).date() + timedelta(days=1)


@pytest.fixture
def let(hotline: Terminal) -> Terminal:
    """王建国 stays in 1101, Lee in 1102; 1103 is free."""
    hotline("room", "check-in", "1101", "王建国")
    hotline("room", "check-in", "1102", "Lee", "--language", "en")
    return hotline


def active(hotline: Terminal) -> list[tuple[str, str, Any]]:
    found = hotline.store.read(wakeups.of_room)
    return [(one.room, one.at, one.on_date or one.weekdays) for one in found]


def test_several_rooms_are_ordered_and_the_result_of_each_is_printed(let: Terminal, tomorrow: date) -> None:
    printed = let("wakeup", "add", "tomorrow 06:30", "1101", "1103", "1102", "1199", "--as", "7001")
    assert (let.code, "2 set, 0 there already, 2 not taken" in printed) == (1, True)
    assert "room 1103 is not let" in printed
    assert "there is no room 1199" in printed
    assert active(let) == [("1101", "06:30", tomorrow), ("1102", "06:30", tomorrow)]
    again = let.json("wakeup", "add", "tomorrow 06:30", "1101")
    assert (let.code, again[0]["outcome"], again[0]["id"]) == (0, "already-set", 1)
    (order,) = let.store.read(wakeups.of_room, "1101")
    assert (order.set_by, order.how) == ("7001", WakeupHow.FRONT_DESK)


def test_a_range_and_a_floor_are_the_rooms_that_are_let(let: Terminal) -> None:
    assert "2 set" in let("wakeup", "add", "07:00", "--floor", "11", "--repeat", "weekdays")
    assert "2 set" in let("wakeup", "add", "08:00", "1101-1103", "--repeat", "135")
    assert [one[1:] for one in active(let)] == [("07:00", "12345"), ("08:00", "135")] * 2
    let("wakeup", "add", "07:00", "--floor", "19")
    assert (let.code, "no room that is let" in let.errors) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("6.30", "1101"), "is no moment"),
        (("tomorrow", "1101"), "has no time"),
        (("06:30", "1101", "--repeat", "often"), "daily, weekdays"),
        (("tomorrow 06:30", "1101", "--repeat", "daily"), "daily, weekdays"),
        (("yesterday 06:30", "1101"), "is past"),
    ],
)
def test_an_unreadable_time_is_refused_with_a_correction(words: tuple[str, ...], said: str, let: Terminal) -> None:
    printed = let("wakeup", "add", *words)
    assert (let.code, said in printed + let.errors) == (1, True)
    assert active(let) == []


def test_orders_are_listed_changed_and_cancelled(let: Terminal, tomorrow: date) -> None:
    let("wakeup", "add", "tomorrow 06:30", "1101", "1102", "--as", "7001")
    (first, second) = let.json("wakeup", "list")
    assert (first["id"], first["room"], first["time"], first["date"]) == (1, "1101", "06:30", str(tomorrow))
    assert (second["set_by"], second["how"]) == ("7001", "front-desk")
    assert let("wakeup", "change", "1", "tomorrow 06:45") == f"1 is now 3: 1101, {tomorrow} 06:45\n"
    assert (
        let("wakeup", "change", "3", "06:45", "--repeat", "weekend", lang="zh") == "叫醒 3 改为 4：1101，周六日 06:45\n"
    )
    assert f"{tomorrow} 06:30" in let("wakeup", "list", "--room", "1102")
    assert let("wakeup", "cancel", "4") == ""
    assert (let.code, "Say yes with --yes" in let.errors) == (1, True)
    let("wakeup", "cancel", "2", "9", "--yes")
    assert (let.code, "no wake-up 9" in let.errors, len(active(let))) == (1, True, 2)
    assert let("wakeup", "cancel", "--room", "1101", "2", "--yes") == "cancelled: 2 4\n"
    assert active(let) == []
    let("wakeup", "cancel", "--room", "1101", "--yes")
    assert (let.code, "no wake-up to cancel" in let.errors) == (1, True)


def test_one_day_of_a_repeated_order_is_cancelled_and_the_sheet_names_the_person(let: Terminal, tomorrow: date) -> None:
    let("wakeup", "add", "06:30", "1101", "1102", "--repeat", "daily")
    let("wakeup", "add", "08:00", "1101", "--repeat", f"{tomorrow.isoweekday() % 7 + 1}")
    printed = let("wakeup", "cancel", "--room", "1101", "--on", "tomorrow", "--yes", "--as", "7002")
    assert printed == f"cancelled: 1 (on {tomorrow} alone)\n", let.errors
    assert len(active(let)) == 3
    assert let.json("wakeup", "list", "--room", "1101")[0]["left_out"] == [str(tomorrow)]
    assert str(tomorrow) in let("wakeup", "list")
    rows = let.json("wakeup", "sheet", "--date", "tomorrow")
    assert [(row["room"], row["state"], row["cancelled_by"]) for row in rows] == [
        ("1101", "cancelled", "7002"),
        ("1102", "planned", None),
    ]
    assert "已取消 7002" in let("wakeup", "sheet", "--date", "tomorrow", lang="zh")
    assert "仅取消当天" in let("wakeup", "show", "1", "--date", "tomorrow", lang="zh")
    let("wakeup", "cancel", "1", "2", "--on", "tomorrow", "--yes")
    assert (let.code, "is over on" in let.errors, len(active(let))) == (1, True, 3)


def test_check_out_cancels_the_wake_ups_of_the_room(let: Terminal) -> None:
    """R21-9."""
    let("wakeup", "add", "06:30", "1101", "1102", "--repeat", "daily")
    assert let("room", "check-out", "1101", "--yes") == "1101: 1 checked out, 1 wake-ups cancelled\n"
    assert [one[0] for one in active(let)] == ["1102"]
    left = let.store.read(lambda s: s.scalars(select(Wakeup.state).where(Wakeup.room == "1101")).all())
    assert set(left) == {WakeupState.CANCELLED}


@pytest.fixture
def listed(tmp_path: Path, tomorrow: date) -> Callable[..., str]:
    def write(*rows: str) -> str:
        file = tmp_path / "list.csv"
        text = "".join(row.format(tomorrow) + "\n" for row in ("房号,日期,时间,重复", *rows))
        file.write_text(text, encoding="utf-8-sig")
        return str(file)

    return write


def test_an_import_takes_the_good_rows_and_names_the_others(
    let: Terminal, listed: Callable[..., str], tomorrow: date
) -> None:
    rows = ("1101,{},06:30,", "1102,{},25:00,", "1103,{},06:30,", "1102,,07:00,每天", "1101,2020-01-01,06:30,")
    rows_read = let.json("wakeup", "import", listed(*rows), "--as", "7001")
    assert let.code == 1
    assert [(row["row"], row["outcome"], row["id"]) for row in rows_read] == [
        (2, "set", 1),
        (3, "not-set", None),
        (4, "not-set", None),
        (5, "set", 2),
        (6, "not-set", None),
    ]
    assert rows_read[1]["remark"] == 'time is "25:00"; right: 06:30 or 0630, by the 24-hour clock.'
    assert "room 1103 is not let" in rows_read[2]["remark"]
    assert "is past" in rows_read[4]["remark"]
    assert active(let) == [("1101", "06:30", tomorrow), ("1102", "07:00", "1234567")]
    printed = let("wakeup", "import", listed(*rows), lang="zh")
    assert "已登记 0，此前已登记 2，未登记 3" in printed
    assert "时间为 “25:00”，应为：24 小时制的" in printed
    assert len(active(let)) == 2


def test_a_wake_up_cancelled_since_its_import_is_not_booked_by_the_same_file_again(
    let: Terminal, listed: Callable[..., str]
) -> None:
    file = listed("1101,{},06:30,")
    let("wakeup", "import", file)
    let("wakeup", "cancel", "1", "--yes")
    (row,) = let.json("wakeup", "import", file)
    assert (row["outcome"], "was cancelled since" in row["remark"]) == ("not-set", True)
    let("room", "check-out", "1101", "--yes")
    let("room", "check-in", "1101", "赵敏")
    (row,) = let.json("wakeup", "import", file)
    assert row["outcome"] == "set", "another guest"
    ended = let.store.write(
        lambda s: wakeups.end(s, s.get_one(WakeupOrder, row["id"]), OrderState.OVER, by="guest", at=SystemClock().now())
    )
    (row,) = let.json("wakeup", "import", file)
    assert (ended, row["outcome"]) == (True, "already-set")


def test_a_list_that_can_t_be_read_changes_nothing(let: Terminal, tmp_path: Path) -> None:
    let("wakeup", "import", str(tmp_path / "none.csv"))
    assert (let.code, "can't be read" in let.errors) == (2, True)


@pytest.fixture
def woken(let: Terminal, policy: Policy, site: Site) -> Terminal:
    """1101 was to be woken an hour ago, did not answer once, and woke at the knock; 1102 is to be woken tomorrow."""
    due_at = SystemClock().now().replace(second=0, microsecond=0) - timedelta(hours=1)
    here = due_at.astimezone(site.time_zone)

    def write(session: Any) -> None:
        order = wakeups.book(
            session,
            "1101",
            here.time(),
            on=here.date(),
            by=wakeups.ROOM,
            how=WakeupHow.ROOM,
            at=due_at - timedelta(hours=8),
            rules=policy.wake_up,
            zone=site.time_zone,
        )
        (wakeup,) = wakeups.open_ones(session, order.id)
        attempt = session.scalars(select(WakeupAttempt)).one()
        attempt.dialled_at, attempt.ended_at, attempt.outcome = due_at, due_at + timedelta(seconds=30), Ring.NO_ANSWER
        attempt.rings = 6
        wakeup_moves.move(session, wakeup, WakeupState.CALLING, who="system", at=due_at)
        at = due_at + timedelta(minutes=5)
        session.add(
            Knock(
                wakeup_id=wakeup.id,
                rouse=KnockLevel.ATTENDANT,
                staff_number="7040",
                asked_at=at,
                ended_at=at,
                outcome=KnockOutcome.ON_MY_WAY,
            )
        )

    def checked_in(session: Any) -> None:
        for guest in session.scalars(select(stays.Guest)):
            guest.checked_in_at = due_at - timedelta(days=1)

    let.store.write(checked_in)
    let.store.write(write)
    let("wakeup", "add", "06:30", "1102", "--repeat", "daily", "--as", "7001")
    return let


def test_the_desk_confirms_that_the_guest_is_awake(woken: Terminal) -> None:
    woken("wakeup", "awake", "1101")
    assert (woken.code, "is the guest in 1101 awake?" in woken.errors) == (1, True)
    assert woken("wakeup", "awake", "1101", "--yes", "--as", "7040") == "the guest in 1101 is awake, 60 min late\n"
    woken("wakeup", "awake", "1101", "--yes")
    assert (woken.code, "nobody is being woken in 1101" in woken.errors) == (1, True)


def the_day(terminal: Terminal, site: Site) -> str:
    due_at = terminal.store.read(lambda s: s.scalars(select(Wakeup.due_at).where(Wakeup.room == "1101")).one())
    return f"{due_at.astimezone(site.time_zone):%Y-%m-%d}"


def test_the_sheet_has_the_orderer_the_way_the_attempts_the_outcome_and_the_delay(woken: Terminal, site: Site) -> None:
    """R21-9, R08-9: names are masked."""
    woken("wakeup", "awake", "1101", "--yes", "--as", "7040")
    row = next(one for one in woken.json("wakeup", "sheet", "--date", the_day(woken, site)) if one["room"] == "1101")
    assert (row["guests"], row["set_by"], row["how"], row["state"]) == (["王**"], "room", "room-phone", "awake")
    assert (row["rung"], row["knocked"], row["late_minutes"]) == (["no-answer"], [["7040", "on-my-way"]], 60)
    assert (row["confirmed_by"], row["confirmed_how"]) == ("7040", "command")
    printed = woken("wakeup", "sheet", "--date", the_day(woken, site), lang="zh")
    for text in ("王**", "无人接", "已醒", "60", "7040"):
        assert text in printed
    assert "王建国" in woken("wakeup", "sheet", "--date", the_day(woken, site), "--reveal")
    reveals = select(AccessEntry.subject).where(AccessEntry.what == "names and numbers shown")
    seen = woken.store.read(lambda s: s.scalars(reveals).all())
    assert seen == [f"wake-up sheet {the_day(woken, site)}"]


def test_the_sheet_of_hours_or_of_a_shift_has_its_wake_ups_only(let: Terminal, tomorrow: date) -> None:
    let("wakeup", "add", "tomorrow 06:30", "1101")
    let("wakeup", "add", "tomorrow 09:30", "1102")

    def rooms_of(day: date, *words: str) -> list[str]:
        return [row["room"] for row in let.json("wakeup", "sheet", "--date", str(day), *words)]

    assert rooms_of(tomorrow) == ["1101", "1102"]
    assert rooms_of(tomorrow, "--shift", "06:00-08:00") == ["1101"]
    assert rooms_of(tomorrow - timedelta(days=1), "--shift", "22:00-09:30") == ["1101"]
    let("wakeup", "sheet", "--shift", "nights")
    assert (let.code, "no shift nights" in let.errors) == (1, True)
    let("roster", "import")
    let("wakeup", "sheet", "--shift", "nights")
    assert "one of " in let.errors
    assert "day" in let.errors
    assert rooms_of(tomorrow, "--shift", "evening") == []


def test_the_printed_page_escapes_typed_text_and_only_its_owner_reads_it(
    let: Terminal, tmp_path: Path, tomorrow: date
) -> None:
    let("room", "check-in", "1101", "<script>alert(1)</script>")
    let("wakeup", "add", "tomorrow 06:30", "1101")
    file = tmp_path / "sheet.html"
    out = let("wakeup", "sheet", "--date", str(tomorrow), "--html", str(file), "--reveal", lang="zh")
    assert out == f"已写入 {file}\n"
    text = file.read_text(encoding="utf-8")
    assert "<script>" not in text
    assert all(
        word in text for word in ("住客叫醒登记表", "@page", "&lt;script&gt;", "接班人签字", "1101", str(tomorrow))
    )
    assert file.stat().st_mode & 0o777 == 0o600
    let("wakeup", "sheet", "--html", str(tmp_path))
    assert let.code == 2
    let("wakeup", "sheet", "--html", str(tmp_path / "none" / "sheet.html"))
    assert (let.code, "cannot write" in let.errors) == (1, True)


def test_the_evidence_has_every_ring_key_and_knock_in_order(woken: Terminal, tmp_path: Path) -> None:
    """R21-13."""
    woken("wakeup", "awake", "1101", "--yes", "--as", "7040")
    shown = woken.json("wakeup", "show", "1")
    steps = [(step["what"], step["who"], step["outcome"]) for step in shown["course"]]
    assert steps == [
        ("ordered", "room", "room-phone"),
        ("rung", "wake-1-1", "no-answer"),
        ("state", "system", "calling"),
        ("floor-attendant", "7040", "on-my-way"),
        ("state", "7040", "awake"),
    ]
    printed = woken("wakeup", "show", "1", lang="zh")
    assert all(text in printed for text in ("响 6 声", "楼层服务员", "7040", "已醒"))
    file = tmp_path / "evidence.html"
    woken("wakeup", "show", "1", "--html", str(file))
    assert "Evidence of wake-up 1" in file.read_text(encoding="utf-8")
    woken("wakeup", "show", "9")
    assert (woken.code, "there is no wake-up 9" in woken.errors) == (1, True)
    woken("wakeup", "show", "1", "--date", "2020-01-01")
    assert woken.code == 1
