"""Processor priorities: late sound is lost, counting and sending can wait.

Linux shares the processor out between sessions before it looks at the processes of one (sched_autogroup(7)), and each
of our programs is a session of its own: being nice within it means nothing to the others.
"""

import contextlib
import os
from pathlib import Path

from models.instance.rights import started_by_root

_AUTOGROUP = Path("/proc/self/autogroup")
_FIRST = """
read -r _ _ _ _ _ session _ </proc/$$/stat
[ "$session" != $$ ] || echo -10 2>/dev/null >/proc/self/autogroup
exec nice -n -10 "$@"
"""


def ahead(command: list[str]) -> list[str]:
    """The command with a higher priority, if we are root; with its session, if it has a session of its own."""
    return ["sh", "-c", _FIRST, "ahead", *command] if started_by_root() else command


def behind() -> None:
    """Gives this process a lower priority from now on."""
    os.nice(5)
    with contextlib.suppress(OSError):
        _AUTOGROUP.write_text("5", encoding="ascii")
