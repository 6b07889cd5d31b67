"""A wrong site file is refused with the file, each key, the mistake and the remedy, all at once."""

import re
from datetime import date
from pathlib import Path

import pytest

from models.errors import ConfigError, Problem
from models.instance.home import PROJECT_ROOT
from models.policy import Policy
from models.site import Site

pytestmark = pytest.mark.unit

EXAMPLE = (PROJECT_ROOT / "site.example.toml").read_text(encoding="utf-8")


def refused(tmp_path: Path, text: str) -> list[Problem]:
    file = tmp_path / "site.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        Site.load(file)
    assert all(problem.file == file for problem in raised.value.problems)
    assert all(problem.right and problem.right_zh and problem.wrong_zh for problem in raised.value.problems)
    return list(raised.value.problems)


def changed(old: str, new: str) -> str:
    assert old in EXAMPLE, f"the example has no {old!r} any more"
    return EXAMPLE.replace(old, new, 1)


def test_the_example_site_is_valid_and_matches_the_design() -> None:
    site = Site.load(PROJECT_ROOT / "site.example.toml")
    assert (site.name_zh, site.name_en, site.language, site.node) == ("阳光花园", "Sunshine Garden", "zh", "hotline")
    assert site.time_zone.key == "Asia/Shanghai"
    assert [(line.number, line.flow) for line in site.lines] == [
        ("8000", "hotline"),
        ("8001", "supervision"),
        ("8002", "general-manager"),
        ("8003", "switchboard"),
    ]
    assert [person.number for person in site.staff if person.group == "agents"] == ["7001", "7002", "7003", "7004"]
    assert site.group("agents").supervisor == "7050"
    assert site.person("7050").group == "management"
    assert [(trunk.name, trunk.kind, trunk.addresses) for trunk in site.trunks] == [
        ("carrier", "address", ["127.0.0.2"])
    ]
    assert site.emergency.numbers == ["110", "119", "120", "122"]
    assert site.phones[-3:] == ["1101", "1102", "1103"]


def test_each_post_of_customer_service_is_filled_and_its_role_gives_its_rights() -> None:
    """R06-1: reception and telephone, complaint handling, the manager."""
    site = Site.load(PROJECT_ROOT / "site.example.toml")
    policy = Policy.load(PROJECT_ROOT / "policy.toml", site)
    posts = {(person.group, person.role) for person in site.staff}
    assert {("agents", "agent"), ("complaints", "agent"), ("management", "manager")} <= posts
    assert "general-manager" in policy.transfer.targets.manager
    assert "general-manager" not in policy.transfer.targets.agent
    assert {"manager"} == {"manager", "agent"} & set(policy.monitoring.roles)


def test_the_example_has_a_playbook_for_each_kind_of_emergency_and_several_for_an_urgent_repair() -> None:
    """R08-10, R01-5."""
    site = Site.load(PROJECT_ROOT / "site.example.toml")
    for kind, zh, en in (
        ("lift", "电梯困人", "People in a lift"),
        ("water", "水管", "Burst"),
        ("power", "停电", "No power"),
    ):
        assert [text[: len(zh)] for text in site.playbook(kind, "zh")] == [zh]
        assert [text[: len(en)] for text in site.playbook(kind, "en")] == [en]
    begin = [re.split("[：、]", text)[0] for text in site.playbook("urgent-repair", "zh")]
    assert begin == ["电梯困人", "火警", "燃气泄漏", "水管爆裂", "停电"]
    assert site.playbook("repair", "zh") == []


def test_an_unknown_name_is_a_key_error() -> None:
    site = Site.load(PROJECT_ROOT / "site.example.toml")
    for look_up, name in ((site.line, "8009"), (site.group, "nobody"), (site.person, "7099")):
        with pytest.raises(KeyError, match=name):
            look_up(name)


@pytest.mark.parametrize(
    ("number", "is_room"),
    [
        ("1101", True),
        ("1999", True),
        ("1100", False),
        ("2001", False),
        ("110", False),
        ("11011", False),
        ("11a1", False),
    ],
)
def test_a_room_is_identified_by_floor_and_room(number: str, is_room: bool) -> None:
    assert Site.load(PROJECT_ROOT / "site.example.toml").rooms.has(number) is is_room


@pytest.mark.parametrize(
    ("old", "new", "key", "wrong", "right"),
    [
        ("port = 5060", "port = 70000", "sip.port", "is 70000", "from 1 to 65535"),
        ("port = 5060", 'port = "5060"', "sip.port", 'is "5060"', "whole number"),
        ("port = 5060", "port = true", "sip.port", "is true", "whole number"),
        ("port = 5060", "prot = 5060", "sip.prot", "not a known key", "did you mean port?"),
        ('language = "zh" ', 'language = "de" ', "site.language", 'is "de"', '"zh" or "en"'),
        ("Asia/Shanghai", "Beijing", "site.time_zone", 'is "Beijing"', "Asia/Shanghai"),
        ('address = "127.0.0.1"', 'address = "pbx.local"', "sip.address", 'is "pbx.local"', "IPv4 address"),
        ('address = "127.0.0.1"', 'address = "0.0.0.0"', "sip.address", 'is "0.0.0.0"', "IPv4 address"),
        ('node = "hotline"', 'node = "Hot Line"', "site.node", 'is "Hot Line"', "lower-case"),
        ('name_zh = "阳光花园"', 'name_zh = ""', "site.name_zh", 'is ""', "1 to 60 characters"),
        ('name_en = "Sunshine Garden"', "", "site.name_en", "is missing", "1 to 60 characters"),
        ('url = ""', 'url = "mysql://db"', "database.url", 'is "mysql://db"', "postgresql://"),
        ('flow = "hotline"', 'flow = "hotlin"', "line[8000].flow", 'is "hotlin"', "supervision"),
        ('number = "8001"', 'number = "9001"', "line[9001].number", 'is "9001"', "3 to 5 digits"),
        ('number = "8001"', "number = 8001", "line[no. 2].number", "is 8001", "in quotes"),
        ('did = ["8000"]', 'did = ["call us"]', "line[8000].did[no. 1]", 'is "call us"', "3 to 20 digits"),
        ('role = "agent"', 'role = "boss"', "staff[7001].role", 'is "boss"', "technician"),
        ("on_duty = true", 'on_duty = true\nmobile = "wang"', "staff[7001].mobile", 'is "wang"', "carrier can call"),
        ("on_duty = true", 'on_duty = "yes"', "staff[7001].on_duty", 'is "yes"', "true or false"),
        ("floors = [11, 19]", "floors = [11]", "rooms.floors", "is [11]", "[11, 19]"),
        ("[emergency]", "[emergencies]", "emergency", "is missing", "[emergency] section"),
        ('kinds = ["lift", ', 'kinds = ["flood", ', "playbook[no. 1].kinds[no. 1]", 'is "flood"', "lift"),
        # contradictions
        ('number = "8001"', 'number = "7001"', "staff[7001].number", "(also at line[7001].number)", "its own"),
        ('phones = ["1101"', 'phones = ["1102"', "rooms.phones[no. 2]", "used twice", "its own"),
        ('did = ["8001"]', 'did = ["8000"]', "line[8001].did[no. 1]", "used twice", "public number"),
        ('name = "floor"', 'name = "agents"', "group[agents].name", "used twice", "a name of its own"),
        ('group = "management"', 'group = "managment"', "line[8001].group", "is no group", "agents, complaints"),
        ('["complaints"]', '["x"]', "group[agents].neighbours[no. 1]", "is no group", "agents"),
        ('["complaints"]', '["agents"]', "group[agents].neighbours[no. 1]", "itself", "another"),
        ('supervisor = "7050"', 'supervisor = "7051"', "group[agents].supervisor", "is no staff number", "7050"),
        ('told = "agents"', 'told = "police"', "emergency.told", "is no group or staff number", "7001"),
        ("[http]\nport = 8088", "[http]\nport = 5060", "http.port", "also sip.port", "nothing else"),
        ("port = 4573", "port = 5060", "agi.port", "also sip.port", "nothing else"),
        ("port = 4573", "port = 8088", "agi.port", "also http.port", "nothing else"),
        ("port = 8090", "port = 8088", "console.port", "also http.port", "nothing else"),
        ("first = 20000", "first = 5000", "rtp.first", "holds sip.port 5060", "nothing else"),
        ("last = 20999", "last = 20010", "rtp.last", "too few ports", "at least 20"),
        ('["127.0.0.2"]', '["127.0.0.1"]', "carrier.addresses", "this machine itself", "carrier's"),
        ("floors = [11, 19]", "floors = [19, 11]", "rooms.floors", "backwards", "smaller number first"),
        ('phones = ["1101"', 'phones = ["2101"', "rooms.phones[no. 1]", "is no room", "1101 to 1999"),
    ],
)
def test_each_mistake_is_reported_with_its_key_and_remedy(
    tmp_path: Path, old: str, new: str, key: str, wrong: str, right: str
) -> None:
    raised = [p for p in refused(tmp_path, changed(old, new)) if p.key == key]
    assert raised, f"nothing said about {key}"
    assert wrong in raised[0].wrong
    assert right in raised[0].right


OWN_DAYS = """
[calendar]
years = [2027]
[[calendar.day]]
date = 2027-02-06
last = 2027-02-08
kind = "holiday"
reason = "春节"
[[calendar.day]]
date = 2027-02-20
kind = "make-up"
reason = "春节调休"
"""


def test_the_site_may_enter_days_of_its_own(tmp_path: Path) -> None:
    """R09-1: holidays adjusted."""
    file = tmp_path / "site.toml"
    file.write_text(EXAMPLE + OWN_DAYS, encoding="utf-8")
    days = Site.load(file).days
    assert [days.of(date(2027, 2, day)).kind for day in (5, 6, 7, 8, 9, 20)] == [
        "ordinary",
        "holiday",
        "holiday",
        "holiday",
        "ordinary",
        "make-up",
    ]
    assert days.of(date(2027, 2, 20)).name == "春节调休"
    assert days.knows(2027)


@pytest.mark.parametrize(
    ("old", "new", "key", "wrong"),
    [
        ("date = 2027-02-06", 'date = "2027-02-06"', "calendar.day[no. 1].date", 'is "2027-02-06"'),
        ('kind = "holiday"', 'kind = "free"', "calendar.day[no. 1].kind", 'is "free"'),
        ("last = 2027-02-08", "last = 2027-02-05", "calendar.day[no. 1].last", "is 2027-02-05"),
        ("last = 2027-02-08", "last = 9999-12-31", "calendar.day[no. 1].last", "is 9999-12-31"),
        ("date = 2027-02-20", "date = 2027-02-07", "calendar.day[no. 2].date", "is in another entry"),
        ("years = [2027]", "years = [27]", "calendar.years[no. 1]", "is 27"),
        ('reason = "春节"\n', "", "calendar.day[no. 1].reason", "is missing"),
    ],
)
def test_an_impossible_day_is_reported(tmp_path: Path, old: str, new: str, key: str, wrong: str) -> None:
    assert old in OWN_DAYS
    raised = [one for one in refused(tmp_path, EXAMPLE + OWN_DAYS.replace(old, new, 1)) if one.key == key]
    assert raised, f"nothing said about {key}"
    assert wrong in raised[0].wrong


def test_a_group_without_people_is_refused(tmp_path: Path) -> None:
    text = EXAMPLE + '\n[[group]]\nname = "empty"\nzh = "空"\nen = "empty"\n'
    (problem,) = refused(tmp_path, text)
    assert (problem.key, problem.wrong) == ("group[empty].name", 'group "empty" has no staff')


def test_contradictions_and_malformed_values_are_reported_together(tmp_path: Path) -> None:
    text = changed("port = 5060", "port = 0").replace('told = "agents"', 'told = "nobody"').replace('"zh" ', '"fr" ', 1)
    assert {problem.key for problem in refused(tmp_path, text)} == {"sip.port", "emergency.told", "site.language"}


def test_an_empty_file_names_every_section(tmp_path: Path) -> None:
    keys = [problem.key for problem in refused(tmp_path, "")]
    assert keys == ["site", "sip", "rtp", "http", "database", "line", "group", "staff", "rooms", "emergency", "trunk"]


@pytest.mark.parametrize("text", ["line = 3", "line = [1, 2]", "[line]\nnumber = 1", "staff = [[]]", "sip = 1"])
def test_every_possible_file_is_answered_in_words(tmp_path: Path, text: str) -> None:
    assert len(refused(tmp_path, text)) >= 5


def test_broken_toml_is_reported_by_line(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, '[site]\nname_zh = "阳光花园\n')
    assert re.match(r"line 2, column \d+", problem.key)
    assert problem.wrong.startswith("is not TOML: ")


def test_a_missing_file_and_a_file_that_is_not_text_are_reported(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        Site.load(tmp_path / "none.toml")
    file = tmp_path / "site.toml"
    file.write_bytes("[site] # 阳光".encode("gb18030"))
    with pytest.raises(ConfigError, match="UTF-8"):
        Site.load(file)
    with pytest.raises(ConfigError, match="cannot be read"):
        Site.load(tmp_path)


def test_a_problem_is_reported_in_english_with_chinese_below() -> None:
    problem = Problem("site.toml", "sip.port", "is 0", "from 1", "现为 0", "从 1 起")
    assert str(problem) == "site.toml:sip.port：现为 0；应为：从 1 起\n    sip.port: is 0; right: from 1"
