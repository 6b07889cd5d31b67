"""[tasks], [call_back], [outgoing], [clicks] and [call] of the policy: call backs, calls we make, the longest call."""

from models.policy.figures import seconds, whole
from models.settings import Strict


class Tasks(Strict):
    """[tasks]: work with an owner and a deadline (R17-1); a talk of at least this length settles a call back."""

    call_back_minutes: int = whole(1, 1440, "minutes", "分钟数")
    talk_counts_from_s: int = whole(0, 60, "seconds", "秒数")


class CallBack(Strict):
    """[call_back]: a colleague is rung, then the customer (R17-1)."""

    rings: int = whole(1, 20, "rings", "响铃次数")


class Outgoing(Strict):
    """[outgoing]: how often we look for calls to make, when an interrupted attempt is repeated, and how many calls are
    made at once, except emergencies."""

    poll_s: float = seconds(0.2, 30)
    lease_s: int = whole(30, 600, "seconds", "秒数")
    at_once: int = whole(1, 200, "calls", "通话数")

    @property
    def ahead_s(self) -> float:
        """How long before its second a wake-up is claimed."""
        return 2 * self.poll_s


class ClicksPolicy(Strict):
    """[clicks]: calls, transfers and holds from the screen. One that nobody has taken up in `counts_s` does nothing."""

    poll_s: float = seconds(0.1, 2)
    counts_s: float = seconds(2, 60)


class CallPolicy(Strict):
    """[call]: the longest time a call holds a line; the agent is warned before (R05-3). A telephone or line that sends
    no sound for `no_sound_s` is lost."""

    longest_minutes: int = whole(1, 1440, "minutes", "分钟数")
    warn_minutes: int = whole(1, 999, "minutes", "分钟数")
    no_sound_s: int = whole(2, 3600, "seconds", "秒数")
