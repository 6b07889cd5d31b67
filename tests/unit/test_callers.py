"""All telephone tests of a worker share one hotline, so two tests must not call from the same number."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

_MOBILE = re.compile(r'"(1\d{10})"')


def test_no_two_files_of_telephone_tests_share_a_caller() -> None:
    used: dict[str, set[str]] = defaultdict(set)
    for path in (Path(__file__).parents[1] / "asterisk").glob("*.py"):
        for number in _MOBILE.findall(path.read_text(encoding="utf-8")):
            used[number].add(path.name)
    shared = {number: sorted(files) for number, files in used.items() if len(files) > 1}
    assert not shared, f"give each file numbers of its own: {shared}"
