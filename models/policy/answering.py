"""[answer], [menu], [urgent], [queue] and [message] of the policy: from the first ring to a message."""

from typing import Literal

from pydantic import Field

from models.policy.figures import seconds, whole
from models.settings import Strict


class AnswerPolicy(Strict):
    """[answer]: who rings for how long (R05-2, R20-4). One ring is a tone and a pause."""

    mode: Literal["menu-first", "human-first"] = Field(
        description='"menu-first" or "human-first"|"menu-first" 或 "human-first"'
    )
    rings: int = whole(1, 20, "rings", "响铃次数")
    rings_widened: int = whole(1, 20, "rings", "响铃次数")
    rings_supervisor: int = whole(1, 20, "rings", "响铃次数")
    ring_tone_s: float = seconds(0.1, 10)
    ring_pause_s: float = seconds(0, 10)
    accept_within_s: int = whole(3, 60, "seconds", "秒数")
    first_ring: Literal["longest-idle", "all"] = Field(description='"longest-idle" or "all"|"longest-idle" 或 "all"')


class Menu(Strict):
    """[menu]: how long a key may take, and how often the choice is told before a person answers."""

    key_wait_s: int = whole(1, 60, "seconds", "秒数")
    tries: int = whole(1, 5, "times", "次数")
    digit_wait_s: int = whole(1, 30, "seconds", "秒数")


class Urgent(Strict):
    """[urgent]: everybody who can help rings at once (R08-2)."""

    rings: int = whole(1, 60, "rings", "响铃次数")


class Queue(Strict):
    """[queue]: the caller who waits is told his place when it changes (R17-1)."""

    announce_every_s: int = whole(5, 600, "seconds", "秒数")
    poll_s: int = whole(1, 30, "seconds", "秒数")


class MessagePolicy(Strict):
    """[message]: lengths of a message left; silence ends it."""

    longest_s: int = whole(10, 900, "seconds", "秒数")
    silence_s: int = whole(1, 60, "seconds", "秒数")
    shortest_s: int = whole(0, 30, "seconds", "秒数")
