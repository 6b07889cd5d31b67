"""Every package we require is pinned, and docs/dependencies.md says why we need it."""

import re
import tomllib
from pathlib import Path

import pytest

from models.instance.home import PROJECT_ROOT

pytestmark = pytest.mark.unit

PROJECT = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
TO_RUN = [*PROJECT["dependencies"], *EXTRAS["setup"]]
TO_TEST = EXTRAS["test"]


def name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None
    return found.group().lower()


def pinned(lock: str) -> set[str]:
    lines = Path(PROJECT_ROOT, lock).read_text(encoding="utf-8").splitlines()
    return {name(line) for line in lines if "==" in line}


def explained() -> set[str]:
    """The names in the first column of the tables of Python packages, without their versions."""
    text = (PROJECT_ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").partition("## Debian")[0]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| ")]
    return {name(one.strip()) for row in rows for one in row.split(",")} - {"package"}


def test_every_package_is_pinned() -> None:
    assert {name(one) for one in TO_RUN} <= pinned("requirements.lock")
    assert {name(one) for one in [*TO_RUN, *TO_TEST]} <= pinned("requirements-test.lock")


def test_the_page_of_dependencies_explains_exactly_those_we_have() -> None:
    assert explained() == {name(one) for one in [*TO_RUN, *TO_TEST, *EXTRAS["lock"]]}


def test_a_lock_names_no_address() -> None:
    for lock in ("requirements.lock", "requirements-test.lock"):
        assert "://" not in Path(PROJECT_ROOT, lock).read_text(encoding="utf-8")
