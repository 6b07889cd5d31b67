"""A list of wake-ups is read as offices write it; each wrong cell is named with its correction (R21-9)."""

from datetime import date, time
from pathlib import Path

import pytest

from models.errors import ConfigError
from models.guests.wakeup_rows import WakeupRequest
from models.guests.wakeups_file import clock, day, read_wakeups, weekdays

pytestmark = pytest.mark.store

ON = date(2026, 11, 25)


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "list.csv"
    file.write_bytes(text.encode(encoding))
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_columns_may_be_in_any_order_and_in_chinese(encoding: str, tmp_path: Path) -> None:
    text = "日期,姓名,叫醒时间,房号,重复\n2026-11-25,王,06:30,1101,\n,李,7:15,1102,工作日\n\n2026/11/25,,0700,1103,\n"
    read = read_wakeups(written(tmp_path, text, encoding))
    assert read.problems == {}
    assert read.rows == {
        2: WakeupRequest("1101", time(6, 30), ON),
        3: WakeupRequest("1102", time(7, 15), None, "12345"),
        5: WakeupRequest("1103", time(7), ON),
    }


def test_every_wrong_cell_is_named_and_good_rows_are_kept(tmp_path: Path) -> None:
    text = (
        "room,date,time,repeat\n1101,2026-11-25,06:30,\n,2026-11-25,06:30,\n1102,2026-02-30,630,\n"
        "1103,,06:30,\n1104,2026-11-25,06:30,daily\n1105,,06:30,sometimes\n"
    )
    read = read_wakeups(written(tmp_path, text))
    assert list(read.rows) == [2]
    problems = {line: [(one.key, one.wrong) for one in found] for line, found in read.problems.items()}
    assert problems == {
        3: [("line 3, room", "is empty")],
        4: [("line 4, date", 'is "2026-02-30"'), ("line 4, time", 'is "630"')],
        5: [("line 5, date", "is empty")],
        6: [("line 6, repeat", 'is "daily"')],
        7: [("line 7, repeat", 'is "sometimes"')],
    }
    assert all(one.right and one.wrong_zh and one.right_zh for found in read.problems.values() for one in found)


@pytest.mark.parametrize(("text", "wrong"), [("room,date\n1,2\n", "column time"), ("room,time\n", "has no rows")])
def test_a_file_that_is_not_a_list_of_wake_ups_is_refused_as_a_whole(text: str, wrong: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=wrong):
        read_wakeups(written(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("06:30", time(6, 30)),
        ("6:30", time(6, 30)),
        ("6:30:00", time(6, 30)),
        ("0630", time(6, 30)),
        ("6:30 PM", time(18, 30)),
        ("12:10 am", time(0, 10)),
        ("下午6:30", time(18, 30)),
        ("06：30", time(6, 30)),
        ("630", None),
        ("24:00", None),
        ("13:00 pm", None),
        ("6:60", None),
        ("6:30:15", None),
        ("上午6:30 pm", None),
        ("", None),
        ("early", None),
    ],
)
def test_a_time_is_read_as_written_and_never_guessed(text: str, meant: time | None) -> None:
    assert clock(text) == meant


def test_days_and_weekdays_are_read_or_refused(tmp_path: Path) -> None:
    assert [day(text) for text in ("2026-11-25", "2026/11/25", "2026.11.25", "11-25", "2026-13-01", "")] == [
        ON,
        ON,
        ON,
        None,
        None,
        None,
    ]
    assert [weekdays(text) for text in ("daily", "每天", "周末", "531", "8", "mon", "")] == [
        "1234567",
        "1234567",
        "67",
        "135",
        None,
        None,
        None,
    ]
