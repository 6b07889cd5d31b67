"""[answer], [menu], [urgent], [queue] and [message] of the policy: from the first ring to a message."""

from typing import Literal

from pydantic import Field

from models.policy.figures import seconds, whole
from models.settings import Strict


class AnswerPolicy(Strict):
    """[answer]: which phones ring, and how long (R05-2, R20-4). One ring is a tone and a pause."""

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
    """[menu]: how long we wait for a key. Silence of `person_after_s` after a menu of the hotline leads to a person, as
    does a wrong key when it was played `tries` times."""

    key_wait_s: int = whole(1, 60, "seconds", "秒数")
    person_after_s: int = whole(1, 60, "seconds", "秒数")
    tries: int = whole(1, 5, "times", "次数")
    digit_wait_s: int = whole(1, 30, "seconds", "秒数")


class Urgent(Strict):
    """[urgent]: all phones of those who can help ring at once (R08-2)."""

    rings: int = whole(1, 60, "rings", "响铃次数")


class Queue(Strict):
    """[queue]: a waiting caller hears the place in the queue when it changes (R17-1)."""

    announce_every_s: int = whole(5, 600, "seconds", "秒数")
    poll_s: int = whole(1, 30, "seconds", "秒数")


class MessagePolicy(Strict):
    """[message]: the length of a message; silence ends it."""

    longest_s: int = whole(10, 900, "seconds", "秒数")
    silence_s: int = whole(1, 60, "seconds", "秒数")
    shortest_s: int = whole(0, 30, "seconds", "秒数")
