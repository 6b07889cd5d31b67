"""The migrations are one chain, and each file's number is its own."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

FILES = sorted(Path("models/migrations/versions").glob("v*.py"))


def test_each_migration_follows_the_one_before() -> None:
    before = None
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        number = re.search(r'^revision: str = "(\d+)"', text, re.MULTILINE)
        follows = re.search(r'^down_revision: str \| None = (None|"(\d+)")', text, re.MULTILINE)
        assert number is not None, file
        assert follows is not None, file
        assert (file.name[1:5], follows[2]) == (number[1], before), file
        before = number[1]
