"""The rooms come from the site file; guests check in and out, and every change of a room is on file."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models import enrolment
from models.database.store import Store
from models.guests import rooms, stays
from models.guests.rooms import RoomRefused, RoomState
from models.site import Site
from models.states.guests import RoomEventKind
from models.tables import AccessEntry, Guest
from tests.store.conftest import NOON
from tests.store.history import grow
from tests.store.people.test_people import edited
from tests.store.terminal import Terminal
from tests.store.what_it_reads import Statements, plans, read_whole

pytestmark = pytest.mark.store

AT = {"who": "7001", "at": NOON}


def test_the_rooms_are_the_room_telephones_of_the_site_file(staffed: Store, site: Site) -> None:
    found = staffed.read(rooms.all_of)
    assert [room.number for room in found] == ["1101", "1102", "1103"]
    assert {(room.state, room.language, room.do_not_disturb) for room in found} == {(RoomState.FREE, "zh", False)}


def test_a_room_removed_from_the_site_file_stays_as_long_as_it_is_let(
    staffed: Store, site: Site, tmp_path: Path
) -> None:
    staffed.write(stays.check_in, "1102", ["王建国"], **AT)
    fewer = edited(tmp_path, ('["1101", "1102", "1103"]', '["1101"]'))
    staffed.write(enrolment.enrol, fewer)
    assert [room.number for room in staffed.read(rooms.all_of)] == ["1101", "1102"]
    with pytest.raises(RoomRefused, match="there is no room 1103"):
        staffed.write(stays.check_in, "1103", ["王建国"], **AT)
    staffed.write(stays.check_out, "1102", language="zh", **AT)
    staffed.write(enrolment.enrol, fewer)
    assert [room.number for room in staffed.read(rooms.all_of)] == ["1101"]
    staffed.write(enrolment.enrol, site)
    assert [room.number for room in staffed.read(rooms.all_of)] == ["1101", "1102", "1103"]


def test_several_guests_stay_in_a_room_until_the_last_has_left(staffed: Store) -> None:
    staffed.write(stays.check_in, "1101", ["王建国", "李秀英"], language="en", **AT)
    staffed.write(stays.check_in, "1101", ["John Smith"], **AT)
    staffed.write(rooms.set_do_not_disturb, "1101", True, **AT)
    assert [guest.name for guest in staffed.read(rooms.guests, ["1101", "1102"])["1101"]] == [
        "王建国",
        "李秀英",
        "John Smith",
    ]
    room = staffed.read(rooms.let, "1101")
    assert (room.language, room.do_not_disturb) == ("en", True)
    left = staffed.write(stays.check_out, "1101", name="李秀英", language="zh", **AT)
    assert [guest.name for guest in left.guests] == ["李秀英"]
    assert staffed.read(rooms.let, "1101").do_not_disturb
    later = NOON + timedelta(days=1)
    assert len(staffed.write(stays.check_out, "1101", language="zh", who="7002", at=later).guests) == 2
    free = staffed.read(rooms.find, "1101")
    assert (free.state, free.language, free.do_not_disturb) == (RoomState.FREE, "zh", False)
    guests = staffed.read(lambda session: session.scalars(select(Guest).order_by(Guest.id)).all())
    assert [(one.checked_in_by, one.checked_out_by) for one in guests] == [
        ("7001", "7002"),
        ("7001", "7001"),
        ("7001", "7002"),
    ]
    changes = [(event.kind, event.who, event.note) for event in staffed.read(rooms.events, "1101", limit=20)]
    assert changes == [
        (RoomEventKind.CHECKED_OUT, "7002", "2"),
        (RoomEventKind.CHECKED_OUT, "7001", "1"),
        (RoomEventKind.DO_NOT_DISTURB, "7001", ""),
        (RoomEventKind.CHECKED_IN, "7001", "1"),
        (RoomEventKind.CHECKED_IN, "7001", "2"),
        (RoomEventKind.LANGUAGE, "7001", "en"),
    ]


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (["王建国"], "same name"),
        (["A", "A "], "same name"),
        ([" "], "1 to 80"),
        (["x" * 81], "1 to 80"),
        (["a\nb"], "1 to 80"),
    ],
)
def test_an_ambiguous_or_empty_name_is_refused_and_nobody_is_checked_in(
    names: list[str], what: str, staffed: Store
) -> None:
    staffed.write(stays.check_in, "1101", ["王建国"], **AT)
    with pytest.raises(RoomRefused, match=what):
        staffed.write(stays.check_in, "1101", ["Lee", *names], **AT)
    assert len(staffed.read(rooms.guests, ["1101"])["1101"]) == 1


def test_a_command_that_needs_a_let_room_is_refused_for_a_free_one(staffed: Store) -> None:
    for fn, arguments in ((stays.check_out, {"language": "zh"}), (rooms.set_do_not_disturb, {"wanted": True})):
        with pytest.raises(RoomRefused, match="room 1101 is not let"):
            staffed.write(fn, "1101", **arguments, **AT)
    staffed.write(stays.check_in, "1101", ["王建国"], **AT)
    with pytest.raises(RoomRefused, match="nobody of that name"):
        staffed.write(stays.check_out, "1101", name="王", language="zh", **AT)
    with pytest.raises(RoomRefused, match="zh or en"):
        staffed.write(rooms.set_language, "1101", "fr", **AT)


HISTORY = {
    "guests": "id, name, room, checked_in_at, checked_in_by, checked_out_at"
    " :: i, 'guest', '110' || (1 + i % 3), AT, '7001', AT",
    "room_events": "id, room, at, kind, who, note :: i, '110' || (1 + i % 3), AT, 'checked-out', '7001', '1'",
}


def test_with_years_of_guests_rooms_are_read_by_index(staffed: Store) -> None:
    grow(staffed, 1, 20_000, HISTORY)
    with Statements(staffed) as sent:
        staffed.write(stays.check_in, "1101", ["王建国"], **AT)
        staffed.write(rooms.set_do_not_disturb, "1101", True, **AT)
        assert len(staffed.read(rooms.guests, ["1101", "1102"])["1101"]) == 1
        assert len(staffed.read(rooms.events, "1101", limit=20)) == 20
        staffed.write(stays.check_out, "1101", language="zh", **AT)
    whole = [
        (statement, plan) for statement, plan in plans(staffed, sent) if read_whole(staffed, statement, plan, HISTORY)
    ]
    assert whole == []


def test_the_desk_checks_in_and_out_and_sees_names_masked(hotline: Terminal) -> None:
    """R08-9."""
    assert [row["state"] for row in hotline.json("room", "list")] == ["free"] * 3
    assert hotline("room", "check-in", "1101", "王建国", "John Smith", "--language", "en", "--as", "7001") == (
        "room 1101 is let: 王** J****\n"
    )
    assert hotline("room", "dnd", "1101", "on") == "room 1101 is not to be disturbed\n"
    (room, *_) = hotline.json("room", "list")
    assert (room["state"], room["language"], room["do_not_disturb"], room["guests"]) == (
        "let",
        "en",
        True,
        ["王**", "J****"],
    )
    listed = hotline("room", "list", "--reveal", lang="zh")
    assert all(text in listed for text in ("已入住", "空房", "王建国 John Smith", "是"))
    seen = hotline.store.read(lambda session: session.scalars(select(AccessEntry.subject)).all())
    assert seen == ["room check-in", "rooms"]
    assert hotline("room", "language", "1101", "zh", lang="zh") == "房间 1101 的语言：zh\n"
    assert hotline("room", "dnd", "1101", "off", lang="zh") == "房间 1101：已取消请勿打扰\n"
    assert hotline("room", "check-out", "1101") == ""
    assert (hotline.code, "Say yes with --yes" in hotline.errors) == (1, True)
    assert hotline("room", "check-out", "1101", "--yes") == "1101: 2 checked out, 0 wake-ups cancelled\n"
    who = hotline.store.read(lambda session: session.scalars(select(Guest.checked_in_by)).all())
    assert set(who) == {"7001"}


def test_several_rooms_are_checked_out_together_or_not_at_all(hotline: Terminal) -> None:
    hotline("room", "check-in", "1101", "A")
    hotline("room", "check-in", "1102", "B")
    hotline("room", "check-out", "1101", "1103", "--yes")
    assert (hotline.code, "房间 1103 未入住" in hotline.errors) == (1, True)
    assert [row["state"] for row in hotline.json("room", "list")] == ["let", "let", "free"]
    assert hotline("room", "check-out", "1101", "1102", "--yes") == ("1101 1102: 2 checked out, 0 wake-ups cancelled\n")
    hotline("room", "check-in", "1104", "A")
    assert (hotline.code, "there is no room 1104" in hotline.errors) == (1, True)
    hotline("room", "check-in", "1101", "A", "--as", "7999")
    assert (hotline.code, "nobody has the number 7999" in hotline.errors) == (1, True)
