"""Each bench first runs on builds that are broken on purpose: the lines that they break are still in the code."""

import itertools

import pytest

from models.instance.home import PROJECT_ROOT
from tests.attack import broken as attack
from tests.attack.kinds import KINDS
from tests.certainty import broken as certainty
from tests.certainty.crash_points import NAMES, changes
from tests.chaos import broken as chaos
from tests.chaos.broken import Change
from tests.storm import __main__ as storm

pytestmark = pytest.mark.unit

BUILDS = [
    *certainty.BUILDS.values(),
    *chaos.BUILDS.values(),
    *storm.BUILDS.values(),
    *(broken for _, broken in attack.BUILDS.values()),
    *map(changes, NAMES),
]


@pytest.mark.parametrize("change", [*itertools.chain(*BUILDS)])
def test_the_lines_broken_on_purpose_are_still_in_the_code(change: Change) -> None:
    file, old, new = change
    text = (PROJECT_ROOT / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    if file.endswith(".py"):
        compile(text.replace(old, new), file, "exec")


def test_each_kind_of_attack_has_a_build_that_it_must_turn_red_on() -> None:
    assert {kind for kinds, _ in attack.BUILDS.values() for kind in kinds} == set(KINDS)
