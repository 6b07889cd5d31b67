"""Every rule id cited anywhere in the repository is explained in docs/regulations.md."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from models.policy.policy import is_source

pytestmark = pytest.mark.unit

PROJECT_ROOT = Path(__file__).resolve().parents[2]
PAGE = PROJECT_ROOT / "docs" / "regulations.md"
SUFFIXES = {".py", ".toml", ".md", ".j2"}
CITED = re.compile(r"(?<![A-Za-z0-9])R([0-9]{2})(?:-([0-9]{1,2}))?(?![A-Za-z0-9])")
RANGE = re.compile(r"(R[0-9]{2}(?:-[0-9]{1,2})?) ?(?:to|至|到|-|–) ?(R[0-9]{2}(?:-[0-9]{1,2})?)(?![A-Za-z0-9])")
WRONG_ON_PURPOSE = {"R00-1", "R05-0", "R05-10", "R09-33", "R12-2", "R22-1", "R50-2", "R60-3", "R80"}
"""Wrong ids by which tests show that such an id is refused; only tests may contain them."""


@cache
def rules() -> dict[str, list[int]]:
    """The numbers of the rules of each regulation, in the order of the page."""
    found: dict[str, list[int]] = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"## (R[0-9]{2}) ", line):
            found[heading[1]] = []
        elif row := re.match(r"\| (R[0-9]{2})-([0-9]+) \| \S", line):
            found[row[1]].append(int(row[2]))
    return found


def faults(text: str) -> Iterator[str]:
    """Each id in the text that is not on the page, and each range that is not within one regulation."""
    for cited in CITED.finditer(text):
        regulation, number = f"R{cited[1]}", cited[2]
        if regulation not in rules() or (number is not None and int(number) not in rules()[regulation]):
            yield cited[0]
    for first, last in RANGE.findall(text):
        if ("-" in first) != ("-" in last) or ("-" in first and first[:3] != last[:3]) or key(first) >= key(last):
            yield f"{first} to {last}"


def key(rule: str) -> list[int]:
    return [int(number) for number in rule[1:].split("-")]


def files() -> Iterator[Path]:
    """Sources and pages of the repository, without anything installed or generated in it."""
    for top in sorted(PROJECT_ROOT.iterdir()):
        if top.is_dir() and not top.name.startswith(".") and top.name != "var":
            yield from (path for path in sorted(top.rglob("*")) if path.suffix in SUFFIXES)
        elif top.suffix in SUFFIXES:
            yield top


def test_every_cited_rule_is_explained_on_the_page() -> None:
    cited, unknown = set(), []
    for path in set(files()) - {Path(__file__)}:
        text, place = path.read_text(encoding="utf-8"), path.relative_to(PROJECT_ROOT)
        cited.update(found[0] for found in CITED.finditer(text))
        on_purpose = WRONG_ON_PURPOSE if place.parts[0] == "tests" else set()
        unknown += [f"{place}: {fault}" for fault in faults(text) if fault not in on_purpose]
    assert len(cited) > 100, "hardly any rule id was found: the test looks in the wrong place"
    assert unknown == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("answered within three rings (R05-2)", []),
        ("waking guests (R21-9 to R21-13), the hours of R09", []),
        ("the figures of R01 to R21", []),
        ("uR05-99x and AR99 are no rule ids, nor is R5-2", []),
        ("settled within a day (R05-10)", ["R05-10"]),
        ("a regulation that does not exist: R22", ["R22"]),
        ('rule = "R08-12"', ["R08-12"]),
        ("waking guests (R21-9 to R21-14)", ["R21-14"]),
        ("the wrong way round: R09-5 to R09-1", ["R09-5 to R09-1"]),
        ("across regulations: R05-9 to R06-1", ["R05-9 to R06-1"]),
        ("R05-0", ["R05-0"]),
    ],
)
def test_a_wrong_rule_id_is_found(text: str, wrong: list[str]) -> None:
    assert list(faults(text)) == wrong


def test_the_ids_of_each_regulation_are_in_order_without_gaps() -> None:
    assert list(rules()) == [f"R{number:02}" for number in range(1, 22)]
    for regulation, numbers in rules().items():
        assert numbers == list(range(1, len(numbers) + 1)), regulation


def test_the_policy_file_accepts_exactly_the_rules_of_the_page_as_a_source() -> None:
    for regulation in range(100):
        known = rules().get(f"R{regulation:02}", [])
        accepted = [number for number in range(100) if is_source(f"R{regulation:02}-{number}")]
        assert accepted == known, f"R{regulation:02}"
