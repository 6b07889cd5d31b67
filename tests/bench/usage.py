"""CPU that processes have used, from /proc: user and system time of all their threads."""

import os
from dataclasses import dataclass
from pathlib import Path

from phones.instance import LiveHotline

_TICKS = os.sysconf("SC_CLK_TCK")
ASTERISK = "asterisk"
SUPERVISOR = "serve"


@dataclass(frozen=True)
class Usage:
    """CPU seconds by process name."""

    seconds: dict[str, float]

    def since(self, before: "Usage") -> "Usage":
        """Raises RuntimeError when a process was restarted: its earlier time is not in the count."""
        if self.seconds.keys() != before.seconds.keys():
            raise RuntimeError(f"processes have changed: {sorted(before.seconds)} -> {sorted(self.seconds)}")
        return Usage({name: used - before.seconds[name] for name, used in self.seconds.items()})


def usage(hotline: LiveHotline) -> Usage:
    """Of the supervisor and each of its children until now."""
    state = hotline.state()
    pids = {name: child["pid"] for name, child in state["children"].items()}
    restarts = {name: child["restarts"] for name, child in state["children"].items()}
    used = {SUPERVISOR: cpu_s(state["pid"])}
    # A restarted child gets another name here, so that `since` refuses the comparison.
    return Usage(used | {name + "'" * restarts[name]: cpu_s(pid) for name, pid in pids.items()})


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def stolen_s() -> float:
    """Processor seconds that the host of this virtual machine has given to others since it began."""
    fields = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()
    return int(fields[8]) / _TICKS
