"""A policy value without a known source, or out of its bounds, keeps the program from starting."""

import hashlib
import re
from datetime import time
from pathlib import Path

import pytest

from models.errors import ConfigError, Problem
from models.instance.home import PROJECT_ROOT
from models.policy import Policy, listing
from models.policy.policy import is_source
from models.policy.words import CHAPTERS, in_words, section_in_words, value_in_its_section, value_in_words

pytestmark = pytest.mark.unit

FILE = PROJECT_ROOT / "policy.toml"
ENGLISH = re.compile(r"\b(?!R\d\d|Excel|CSV|Opus|MP3|API)[A-Za-z]+")
DEFAULT = FILE.read_text(encoding="utf-8")


def refused(tmp_path: Path, text: str) -> list[Problem]:
    file = tmp_path / "policy.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        Policy.load(file)
    assert all(p.file == file and p.right and p.right_zh and p.wrong_zh for p in raised.value.problems)
    return list(raised.value.problems)


def changed(old: str, new: str) -> str:
    assert old in DEFAULT, f"the policy has no {old!r} any more"
    return DEFAULT.replace(old, new, 1)


def test_the_policy_we_ship_is_right() -> None:
    policy = Policy.load(FILE)
    assert (policy.answer.rings, policy.source("answer.rings")) == (3, "R05-2")
    assert policy.source("classes.urgent-repair.on-site") == "R08-2"
    assert policy.general_manager.hours == [(time(8, 30), time(11, 30)), (time(13, 30), time(16, 30))]
    assert policy.recording.target_dbfs == -20


def test_three_rings_are_fifteen_seconds() -> None:
    """R05-2 in the national cadence, 1 s tone and 4 s pause."""
    assert Policy.load(FILE).ring_seconds(3) == 15


def test_the_version_is_the_digest_of_the_file() -> None:
    assert Policy.load(FILE).version == hashlib.sha256(FILE.read_bytes()).hexdigest()[:12]


def test_every_value_we_ship_names_its_source() -> None:
    policy = Policy.load(FILE)
    assert len(policy._sources) == len(re.findall(r"rule = ", DEFAULT))
    with pytest.raises(KeyError):
        policy.source("answer.nothing")


@pytest.mark.parametrize("text", ["R05-2", "R01-7", "R21-13", "house", "GB/T 33358", "TS 22.030"])
def test_a_known_source_is_accepted(text: str) -> None:
    assert is_source(text)


@pytest.mark.parametrize("text", ["", "R5-2", "R22-1", "R00-1", "R05-10", "R12-2", "R05-0", "House", "GB/T", 5, None])
def test_a_source_that_does_not_exist_is_refused(text: object) -> None:
    assert not is_source(text)


@pytest.mark.parametrize(
    ("old", "new", "key", "wrong", "right"),
    [
        ('{ value = 3, rule = "R05-2" }', "3", "answer.rings", "is 3 without its source", "{ value = "),
        ('{ value = 3, rule = "R05-2" }', "{ value = 3 }", "answer.rings.rule", "is missing", "R05-2"),
        ('{ value = 3, rule = "R05-2" }', '{ rule = "R05-2" }', "answer.rings", "has no value", "{ value = "),
        ('{ value = 3, rule = "R05-2" }', '{ value = 3, rule = "R50-2" }', "answer.rings.rule", 'is "R50-2"', "R05-2"),
        ('{ value = 3, rule = "R05-2" }', '{ value = 3, rule = "R05-2", why = "x" }', "answer.rings.why", "not a known",
         "{ value = "),
        ("value = 3, rule = \"R05-2\"", "value = 0, rule = \"R05-2\"", "answer.rings", "is 0", "rings, 1 to 20"),
        ("value = 3, rule = \"R05-2\"", "value = 2.5, rule = \"R05-2\"", "answer.rings", "is 2.5", "whole number"),
        ("value = 3, rule = \"R05-2\"", "value = \"3\", rule = \"R05-2\"", "answer.rings", 'is "3"', "whole number"),
        ("rings_widened ", "rings_wide ", "answer.rings_wide", "not a known key", "did you mean rings_widened?"),
        ("rings_widened ", "rings_wide ", "answer.rings_widened", "is missing", "1 to 20"),
        ('"menu-first"', '"menu"', "answer.mode", 'is "menu"', '"human-first"'),
        ("[urgent]", "[urgency]", "urgent", "is missing", "[urgent] section"),
        ("[classes.repair]", "[classes.repairs]", "classes.repair", "is missing", "[classes.NAME]"),
        ("[classes.repair]", "[classes.repairs]", "classes.repairs", "not a known key", "repair?"),
        ("[classes.urgent-repair]", "[classes.urgent_repair]", "classes.urgent_repair", "not a known key",
         "urgent-repair"),
        ("on-site  =", "on_site  =", "classes.urgent-repair.on_site", "not a known key", "on-site"),
        ('"30 minutes", rule', '"0 minutes", rule', "classes.urgent-repair.respond", 'is "0 minutes"', '"4 hours"'),
        ('"30 minutes", rule', '"an hour", rule', "classes.urgent-repair.respond", 'is "an hour"', '"4 hours"'),
        ('"30 minutes", rule', '30, rule', "classes.urgent-repair.respond", "is 30", '"4 hours"'),
        ('"30 minutes", rule', '"30 minutes of office", rule', "classes.urgent-repair.respond", "is", "working hours"),
        ('"30 minutes", rule', '"3 working days of shop", rule', "classes.urgent-repair.respond", "shop", "office"),
        ('"3 working days", rule = "R06-3"', '"3 working days", rule = "R60-3"', "classes.repair.solution.rule",
         "R60-3", "R05-2"),
        ('"R08", rule', '"R80", rule', "tickets.profile", 'is "R80"', "R08, R06, R13, R15"),
        ('"office", rule', '"shop", rule', "tickets.calendar", '"shop"', "office"),
        ("[profiles.R13.complaint]", "[profiles.R13.complaints]", "profiles.R13.complaints", "not a known key",
         "complaint?"),
        ('"07:50-17:30"', '"17:30-07:50"', "calendars.office.seasons.spring-summer.windows", "is [", "in order"),
        ('"03-01"', '"02-29"', "calendars.office.seasons.spring-summer.begins", 'is "02-29"', '"03-01"'),
        ('"13:30-16:30"', '"13:30-26:30"', "general_manager.windows", "'13:30-26:30']", "08:30-11:30"),
        ('"13:30-16:30"', '"11:00-16:30"', "general_manager.windows", "is [", "in order"),
        ('"13:30-16:30"', '"16:30-13:30"', "general_manager.windows", "is [", "in order"),
        ("[1, 2, 3, 4, 5]", "[0, 1, 2]", "general_manager.weekdays", "is [0, 1, 2]", "1 is Monday"),
        ("value = true", "value = 1", "general_manager.open_on_make_up_days", "is 1", "true or false"),
        ('"opus"', '"wav"', "recording.format", 'is "wav"', '"mp3"'),
    ],
)  # fmt: skip
def test_each_mistake_is_reported_with_its_key_and_remedy(
    tmp_path: Path, old: str, new: str, key: str, wrong: str, right: str
) -> None:
    raised = [p for p in refused(tmp_path, changed(old, new)) if p.key == key]
    assert raised, f"nothing said about {key}"
    assert wrong in raised[0].wrong
    assert right in raised[0].right


def test_all_problems_are_reported_at_once_and_each_only_once(tmp_path: Path) -> None:
    text = changed('mode             = { value = "menu-first", rule = "R07-1" }', "mode = 1").replace(
        "bitrate_kbps   = { value = 24", "bitrate_kbps   = { value = 999"
    )
    problems = refused(tmp_path, text)
    assert sorted(problem.key for problem in problems) == ["answer.mode", "recording.bitrate_kbps"]


def test_an_empty_file_names_every_section(tmp_path: Path) -> None:
    keys = {problem.key for problem in refused(tmp_path, "")}
    assert keys == {field.alias or name for name, field in Policy.model_fields.items()}


@pytest.mark.parametrize("name", ["wall", "general-manager", "Office", "a-name-that-is-too-long"])
def test_a_calendar_has_a_name_of_its_own(tmp_path: Path, name: str) -> None:
    raised = refused(tmp_path, DEFAULT.replace("calendars.office", f"calendars.{name}"))
    assert f"calendars.{name}" in {problem.key for problem in raised}


def test_every_value_has_words_in_both_languages_and_says_what_is_right() -> None:
    entries = [entry for section in listing.sections(PROJECT_ROOT / "policy.toml") for entry in section.entries]
    assert len(entries) > 200
    without = [entry.key for entry in entries if value_in_words(entry.key)[0].isascii() or not entry.right_zh]
    assert without == []
    sections = [section.name for section in listing.sections(PROJECT_ROOT / "policy.toml")]
    assert [name for name in sections if ENGLISH.search(section_in_words(name)[0])] == []
    shown = {f"{entry.key}: {in_words(entry.key, entry.value, 'zh')}" for entry in entries}
    assert [one for one in shown if ENGLISH.search(one.partition(": ")[2])] == []


def test_each_section_stands_in_one_chapter() -> None:
    tables = [table for _, _, tables in CHAPTERS.values() for table in tables]
    assert sorted(tables) == sorted({section.name.partition(".")[0] for section in listing.sections(FILE)})


@pytest.mark.parametrize(
    ("key", "value", "zh", "en"),
    [
        ("classes.repair.solution", "3 working days", "3 个工作日", "3 working days"),
        ("classes.repair.respond", "1 hour", "1 小时", "1 hour"),
        (
            "classes.repair.respond",
            "2 working hours of office",
            "2 个工作小时（按办公时间）",
            "2 working hours by office hours",
        ),
        ("general_manager.weekdays", [1, 6], "周一、周六", "Mon, Sat"),
        ("monitoring.roles", ["general-manager"], "总经理", "general manager"),
        ("transfer.reason_required", ["general-manager"], "总经理热线", "general manager's hotline"),
        ("follow_up.after_talk", True, "是", "yes"),
        ("gate.premium", [], "无", "none"),
        ("quality.form.x", {"weight": 10, "zh": "礼貌", "en": "courtesy"}, "礼貌（10 分）", "courtesy (10 points)"),
    ],
)
def test_a_value_is_said_as_people_say_it(key: str, value: object, zh: str, en: str) -> None:
    assert (in_words(key, value, "zh"), in_words(key, value, "en")) == (zh, en)


def test_a_value_that_stands_alone_says_of_what_it_is() -> None:
    assert value_in_its_section("classes.complaint.on-site") == (
        "工单时限：投诉 · 到场",
        "Deadlines: complaint · on site",
    )
