"""What `make demo --look` shows a leader: calls that can be heard, callers' ratings, scores, and how they have gone."""

import re

import pytest
from playwright.sync_api import Locator, expect

from models.instance.instance import RunningInstance
from phones.demo import life
from tests.browser.conftest import SignedIn

pytestmark = pytest.mark.browser


def test_a_leader_sees_satisfaction_and_its_trend_and_hears_the_calls_of_the_two_days(
    signed_in: SignedIn, instance: RunningInstance
) -> None:
    """R04-1, R07-6."""
    life.fill(instance)
    tab = signed_in("7050")
    tab.goto("/sheet?kind=week")
    tile = tab.locator(".card", has=tab.locator('a.subheader[href*="/trend/satisfaction/score?"]')).last
    expect(tile.locator(".h1")).to_have_text(re.compile(r"^[3-5]\.\d\d?$"))
    tab.goto("/sheet/trend/satisfaction/score?kind=day")
    heights = [float(bar.get_attribute("height") or 0) for bar in tab.locator("svg.bars rect.bar").all()]
    assert sum(height > 1 for height in heights) >= 7, heights
    tab.goto("/calls")
    player = tab.locator("audio").first
    assert plays(player) > 4
    tab.goto("/quality")
    for agent in ("7001", "7002", "7003", "7004"):
        expect(tab.get_by_text(agent).first).to_be_visible()


def plays(player: Locator) -> float:
    """Plays a part of it; its length in seconds."""
    return float(
        player.evaluate(
            "(audio) => new Promise((done, failed) => {"
            " audio.ontimeupdate = () => audio.currentTime > 0.5 && done(audio.duration);"
            " audio.onerror = () => failed(audio.error.message); audio.play().catch(failed); })"
        )
    )
