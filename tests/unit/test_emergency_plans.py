"""An emergency plan is shown as a name and its steps (R08-10)."""

import pytest

from console.pages.tickets.plans import Plan, plan
from models.instance.home import PROJECT_ROOT
from models.site import Site

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_plan_of_the_example_has_a_short_name_and_four_steps(language: str) -> None:
    site = Site.load(PROJECT_ROOT / "site.example.toml")
    for text in site.playbook("urgent-repair", "zh" if language == "zh" else "en"):
        shown = plan(text)
        assert len(shown.name) < 25
        assert len(shown.steps) == 4, shown


def test_a_number_to_dial_is_no_step() -> None:
    text = "People in a lift: 1 stay on the line 2 rescue fails: 119 3 stop the lift"
    assert plan(text) == Plan("People in a lift", ["stay on the line", "rescue fails: 119", "stop the lift"])


def test_a_plan_with_a_step_on_each_line() -> None:
    assert plan("停电\n1. 查电梯困人\n2、报值班经理") == Plan("停电", ["查电梯困人", "报值班经理"])


def test_a_plan_without_numbers_is_shown_as_it_is_written() -> None:
    assert plan("请拨 119，再报值班经理") == Plan("请拨 119，再报值班经理", [])
