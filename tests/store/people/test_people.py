"""Staff follow the site file, owners the imported list; a caller is recognised by any of the owner's numbers."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models import enrolment
from models.database.store import Store
from models.errors import ConfigError
from models.instance.home import PROJECT_ROOT
from models.people import people
from models.people.owners_file import OwnerRow, read_owners
from models.site import Site
from models.states.people import PhoneKind
from models.tables import AccessEntry, Group, Owner, OwnerPhone, Phone, Staff
from tests.store.conftest import NOON

pytestmark = pytest.mark.store

ROWS = [
    OwnerRow(2, "王建国", "3栋", "1201", ("13800138000", "01088886666")),
    OwnerRow(3, "李秀英", "3栋", "1201", ("13800138001", "01088886666")),
    OwnerRow(4, "陈明", "5栋", "302", ("13900139000",)),
    OwnerRow(5, "陈明", "5栋", "303", ("13900139000",)),
]


@pytest.fixture
def owners(store: Store, noon: datetime) -> Store:
    store.write(people.import_owners, ROWS, who="test", at=noon)
    return store


def edited(tmp_path: Path, *changes: tuple[str, str]) -> Site:
    text = (PROJECT_ROOT / "site.example.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "site.toml"
    file.write_text(text, encoding="utf-8")
    return Site.load(file)


def test_staff_groups_and_phones_are_those_of_the_site_file_also_when_it_is_read_again(
    staffed: Store, site: Site
) -> None:
    staffed.write(enrolment.enrol, site)
    staff = staffed.read(lambda session: session.scalars(select(Staff)).all())
    assert {one.number: (one.name, one.group, one.role) for one in staff} == {
        one.number: (one.name, one.group, one.role) for one in site.staff
    }
    phones = staffed.read(lambda session: session.scalars(select(Phone)).all())
    assert {phone.number for phone in phones if phone.kind is PhoneKind.ROOM} == set(site.rooms.phones)
    assert {phone.number for phone in phones if phone.staff_number == phone.number} == {o.number for o in site.staff}
    group = staffed.read(lambda session: session.get_one(Group, "agents"))
    assert (group.zh, group.en, group.neighbours) == ("客服中心", "customer service", ["complaints"])
    supervisor = staffed.read(people.supervisor, "agents", at=NOON)
    assert supervisor is not None
    assert supervisor.number == "7050"


def test_staff_removed_from_the_site_file_have_left_and_stay_in_the_history(staffed: Store, tmp_path: Path) -> None:
    gone = '[[staff]]\nnumber = "7004"\nname = "刘洋"\ngroup = "agents"\nrole = "agent"\non_duty = true\n'
    staffed.write(enrolment.enrol, edited(tmp_path, (gone, "")))
    left = staffed.read(lambda session: session.get(Staff, "7004"))
    assert left is not None
    assert (left.name, left.group, left.on_duty) == ("刘洋", None, False)
    assert [one.number for one in staffed.read(people.on_duty, "agents", at=NOON)] == ["7001", "7002", "7003"]
    assert staffed.read(lambda session: session.get(Phone, "7004")) is None


def test_a_renamed_group_leaves_nothing_behind(staffed: Store, tmp_path: Path) -> None:
    staffed.write(enrolment.enrol, edited(tmp_path, ('"floor"', '"floors"')))
    assert staffed.read(lambda session: session.get(Group, "floor")) is None
    assert [one.number for one in staffed.read(people.on_duty, "floors", at=NOON)] == ["7040"]


def test_staff_off_duty_are_not_rung(staffed: Store, tmp_path: Path) -> None:
    off = ('number = "7001"\nname = "王芳"\ngroup = "agents"\nrole = "agent"\non_duty = true',) * 2
    staffed.write(enrolment.enrol, edited(tmp_path, (off[0], off[1].replace("true", "false"))))
    both = staffed.read(people.on_duty, "agents", "complaints", at=NOON)
    assert [one.number for one in both] == ["7002", "7003", "7004", "7010"]


def test_an_unknown_group_has_nobody(staffed: Store) -> None:
    assert staffed.read(people.on_duty, "nobody", at=NOON) == []
    assert staffed.read(people.supervisor, "nobody", at=NOON) is None


@pytest.mark.parametrize("number", ["13800138000", "+86 138 0013 8000", "013800138000", "8613800138000"])
def test_an_owner_is_recognised_in_every_form_in_which_a_carrier_writes_the_number(number: str, owners: Store) -> None:
    known = owners.read(people.owner_by_number, number)
    assert known is not None
    assert known.unit is not None
    assert (known.owner.name, known.unit.building, known.unit.unit) == ("王建国", "3栋", "1201")


def test_a_number_shared_in_one_unit_names_the_unit(owners: Store) -> None:
    known = owners.read(people.owner_by_number, "010-8888 6666")
    assert known is not None
    assert known.unit is not None
    assert known.unit.unit == "1201"


def test_an_owner_of_two_units_is_recognised_and_the_unit_is_left_open(owners: Store) -> None:
    known = owners.read(people.owner_by_number, "13900139000")
    assert known is not None
    assert (known.owner.name, known.unit) == ("陈明", None)


@pytest.mark.parametrize("number", ["13700000000", "anonymous", "", None])
def test_a_stranger_is_not_recognised(number: str | None, owners: Store) -> None:
    assert owners.read(people.owner_by_number, number) is None


def test_a_unit_is_found_by_the_keys_pressed_for_it(owners: Store) -> None:
    for building, room in (("3", "1201"), ("03", "1201"), ("3", "01201")):
        unit = owners.read(people.unit_by_keys, building, room)
        assert unit is not None
        assert (unit.building, unit.unit) == ("3栋", "1201")
    assert owners.read(people.unit_by_keys, "3", "1202") is None
    assert owners.read(people.unit_by_keys, "31", "201") is None


def test_a_unit_is_not_guessed_when_two_are_keyed_alike(store: Store, noon: datetime) -> None:
    rows = [OwnerRow(2, "王", "A3", "101", ()), OwnerRow(3, "李", "B3", "101", ())]
    store.write(people.import_owners, rows, who="test", at=noon)
    assert store.read(people.unit_by_keys, "3", "101") is None


def test_importing_again_reports_the_changes_and_replaces_only_the_owners_in_the_list(
    owners: Store, noon: datetime
) -> None:
    rows = [
        ROWS[0],
        OwnerRow(3, "李秀英", "3栋", "1201", ("13800138009",)),
        OwnerRow(4, "赵敏", "8栋", "101", ("13700137000",)),
    ]
    done = owners.write(people.import_owners, rows, who="test", at=noon)
    assert [one.outcome for one in done] == ["unchanged", "updated", "added"]
    assert owners.read(people.owner_by_number, "13800138001") is None
    assert owners.read(people.owner_by_number, "13800138009") is not None
    # An owner who is in the earlier list only stays.
    assert owners.read(people.owner_by_number, "13900139000") is not None


def test_rows_of_one_owner_and_unit_are_joined(store: Store, noon: datetime) -> None:
    rows = [OwnerRow(2, "王", "1", "1", ("13800000001",)), OwnerRow(3, "王", "1", "1", ("13800000002",))]
    store.write(people.import_owners, rows, who="test", at=noon)
    assert store.read(lambda session: session.scalar(select(func.count()).select_from(Owner))) == 1
    numbers = store.read(lambda session: set(session.scalars(select(OwnerPhone.number))))
    assert numbers == {"13800000001", "13800000002"}


def test_an_import_is_in_the_access_log(owners: Store, noon: datetime) -> None:
    """R08-9."""
    (entry,) = owners.read(lambda session: session.scalars(select(AccessEntry)).all())
    assert (entry.who, entry.what, entry.subject, entry.at) == ("test", "import", "owners: 4 rows", noon)


HEADER = "name,building,unit,phones\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_is_read_as_offices_save_it(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "owners.csv"
    text = "电话,姓名,楼栋,房号\n138-0013-8000;010-88886666,王建国,3栋,1201\n,李秀英,3栋,1202\n"
    file.write_bytes(text.encode(encoding))
    read = read_owners(file)
    assert read.problems == {}
    assert read.rows == [
        OwnerRow(2, "王建国", "3栋", "1201", ("13800138000", "01088886666")),
        OwnerRow(3, "李秀英", "3栋", "1202", ()),
    ]


def test_several_phones_in_one_cell_are_separated(tmp_path: Path) -> None:
    file = tmp_path / "owners.csv"
    file.write_text(
        HEADER + '王,1,1,13800000001/13800000002; 13800000003\uff1b13800000004\n\n李,1,2,"13800000005\n13800000006"\n'
        "赵,1,3,13800000007\n"
    )
    read = read_owners(file)
    assert [(row.line, len(row.phones)) for row in read.rows] == [(2, 4), (4, 2), (6, 1)]


def test_each_wrong_cell_is_named_with_its_line_and_remedy_and_good_rows_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "owners.csv"
    file.write_text(HEADER + "王,1,1,13800000001\n,1,2,1\n李,1,3,1.38E+10\n赵" + "赵" * 80 + ",1,,13800000002\n")
    read = read_owners(file)
    assert [row.line for row in read.rows] == [2]
    assert {line: [problem.key for problem in problems] for line, problems in read.problems.items()} == {
        3: ["line 3, name", "line 3, phones"],
        4: ["line 4, phones"],
        5: ["line 5, name", "line 5, unit"],
    }
    excel = read.problems[4][0]
    assert "Excel" in excel.right
    assert "文本" in excel.right_zh


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "column name"),
        (HEADER.encode(), "has no rows"),
        ("name,building,unit\n王,1,1\n".encode(), "column phones"),
        (b"name,owner,building,unit,phones\n", "is there twice"),
        ((HEADER + "王,1,1,138\n").encode("utf-16"), "UTF-8 or GB18030"),
        (b"PK\x03\x04\x00\x00\xff\xff", "UTF-8 or GB18030"),
        ((HEADER + '王,1,"1\n').encode(), "is not CSV"),
    ],
)
def test_a_file_that_is_not_a_list_of_owners_is_refused_as_a_whole(content: bytes, error: str, tmp_path: Path) -> None:
    file = tmp_path / "owners.csv"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=error):
        read_owners(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.csv.*无法读取"):
        read_owners(tmp_path / "none.csv")
