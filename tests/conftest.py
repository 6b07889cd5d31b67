"""Each folder of tests is one world, and its tests carry that world's marker: a test in the wrong world is an error."""

from pathlib import Path

import pytest
from hypothesis import settings

WORLDS = {"unit", "flows", "store", "console", "browser", "asterisk"}
HERE = Path(__file__).parent

# The same examples each time, however busy the machine: a run that is red can be repeated.
settings.register_profile("hotline", deadline=None, derandomize=True)
settings.load_profile("hotline")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    unmarked = []
    for item in items:
        world = item.path.relative_to(HERE).parts[0]
        marked = WORLDS & {marker.name for marker in item.iter_markers()}
        if marked != {world}:
            unmarked.append(f"{item.nodeid}: needs the marker {world} and no other world's (has {sorted(marked)})")
    if unmarked:
        listed = "\n  ".join(unmarked[:10])
        raise pytest.UsageError(f"put `pytestmark = pytest.mark.FOLDER` at the top of the module:\n  {listed}")
