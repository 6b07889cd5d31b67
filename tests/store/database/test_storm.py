"""Two schedulers that are killed at random, again and again, lose no due row and handle none twice."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.storm.world import StormWorld

pytestmark = pytest.mark.store


def test_two_schedulers_killed_at_random_lose_nothing_and_do_nothing_twice(url: str, tmp_path: Path) -> None:
    """R15-1, R15-3, R10-4, R07-5, R17-1: each due row is handled once; `make storm` runs more of them."""
    world = StormWorld(tmp_path / "home", url, seed=1)
    try:
        outcome = world.storm(150, kills=True, within=timedelta(minutes=1), report=lambda _: None)
    finally:
        world.close()
    assert outcome.sound, (outcome.lost, outcome.doubled)
    assert outcome.killed > 0
