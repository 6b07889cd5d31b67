"""The attack in its small form: a few tries of each kind, and nobody gets in, nothing gets out (`make attack`)."""

from collections.abc import Iterator

import pytest

from tests.attack.kinds import KINDS
from tests.attack.world import World, world

pytestmark = pytest.mark.asterisk

QUICK = ["scan", "strangers", "names", "guessing", "redirects", "voice", "console"]
"""The other kinds take minutes or kill programs: `make attack` has them."""


@pytest.fixture(scope="module")
def attacked() -> Iterator[World]:
    with world(1, large=False) as one:
        yield one


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", QUICK)
def test_nobody_gets_in_and_nothing_gets_out(attacked: World, name: str) -> None:
    outcome = KINDS[name].against(attacked)
    assert (outcome.got_in, outcome.got_out, outcome.lost) == ([], [], [])
    assert outcome.tries
