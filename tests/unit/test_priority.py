"""A process with raised priority has a session of its own; the session that started it keeps its priority."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit
RAISED = "-10" if os.geteuid() == 0 and Path("/proc/self/autogroup").exists() else "0"
"""As root, where Linux shares processor time by session; elsewhere the command runs like any other."""
RUNS = """
import subprocess
from models.instance.priority import ahead
look = ["sh", "-c", "cat /proc/self/autogroup 2>/dev/null || echo 0"]
for command, own in (ahead(look), {own}), (look, False):
    print(subprocess.run(command, start_new_session=own, capture_output=True, text=True, check=True).stdout.split()[-1])
"""


@pytest.mark.parametrize(("own", "command", "starter"), [(True, RAISED, "0"), (False, "0", "0")])
def test_raising_a_commands_priority_does_not_raise_its_starters(own: bool, command: str, starter: str) -> None:
    """Asking Asterisk for its version once raised the supervisor above the conversations."""
    output = subprocess.run(
        [sys.executable, "-c", RUNS.format(own=own)], start_new_session=True, capture_output=True, text=True, check=True
    )
    assert output.stdout.split() == [command, starter]
