"""Who is ahead of the others is so in a session of his own; whoever starts him in theirs stays where they were."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit
RAISED = "-10" if os.geteuid() == 0 and Path("/proc/self/autogroup").exists() else "0"
"""For root, where Linux shares by session; elsewhere the command runs like any other."""
RUNS = """
import subprocess
from models.instance.priority import ahead
look = ["sh", "-c", "cat /proc/self/autogroup 2>/dev/null || echo 0"]
for command, own in (ahead(look), {own}), (look, False):
    print(subprocess.run(command, start_new_session=own, capture_output=True, text=True, check=True).stdout.split()[-1])
"""


@pytest.mark.parametrize(("own", "command", "starter"), [(True, RAISED, "0"), (False, "0", "0")])
def test_a_command_that_is_ahead_does_not_take_its_starter_along(own: bool, command: str, starter: str) -> None:
    """A look at Asterisk's version put the supervisor before the conversations, and a test run before the hotline."""
    told = subprocess.run(
        [sys.executable, "-c", RUNS.format(own=own)], start_new_session=True, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == [command, starter]
