"""An emergency plan of the site file as a name and numbered steps: a telephone shows five of them at a glance."""

import re
from dataclasses import dataclass
from itertools import count


@dataclass(frozen=True)
class Plan:
    name: str
    steps: list[str]
    """Empty where the text has no numbers; the name is then all of it."""


def plan(text: str) -> Plan:
    """A text such as "停电：1 先查有无电梯困人 2 查是本楼故障" (R08-10)."""
    parts, rest = [], text.strip()
    for number in count(1):
        found = re.search(rf"(?:^|(?<=[\s：:])){number}[\s.、．]\s*", rest)
        if found is None:
            break
        parts.append(rest[: found.start()].strip())
        rest = rest[found.end() :]
    name, *steps = [*parts, rest]
    return Plan(name.rstrip("：: "), steps)
