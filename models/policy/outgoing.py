"""[tasks], [call_back], [outgoing], [clicks] and [call] of the policy: call backs, calls we make, the longest call."""

from datetime import time, tzinfo
from typing import Annotated

from pydantic import AfterValidator, Field

from models.policy.escalation import WINDOW
from models.policy.figures import seconds, whole
from models.settings import Strict
from models.time.calling_hours import CallingHours


def _ends_after_it_begins(window: str) -> str:
    begins, ends = window.split("-")
    if begins >= ends:
        raise ValueError("no window of a day")
    return window


class Tasks(Strict):
    """[tasks]: work with an owner and a deadline (R17-1); a talk of at least this length settles a call back."""

    call_back_minutes: int = whole(1, 1440, "minutes", "分钟数")
    talk_counts_from_s: int = whole(0, 60, "seconds", "秒数")


class CallBack(Strict):
    """[call_back]: an agent is rung, then the customer, also `by_itself`: within `hours`, until `for_hours` after the
    request (R17-1)."""

    rings: int = whole(1, 20, "rings", "响铃次数")
    by_itself: bool = Field(description="true or false|true 或 false")
    first_after_minutes: int = whole(0, 60, "minutes", "分钟数")
    hours: Annotated[str, Field(pattern=WINDOW), AfterValidator(_ends_after_it_begins)] = Field(
        description='a window of the day such as "08:00-21:00"|一天内的时段，如 "08:00-21:00"'
    )
    again_minutes: list[Annotated[int, Field(ge=1, le=1440)]] = Field(
        max_length=9,
        description="up to 9 numbers of minutes, 1 to 1440, such as [10, 60, 240]"
        "|至多 9 个分钟数，各为 1 至 1440，如 [10, 60, 240]",
    )
    no_agent_minutes: int = whole(1, 240, "minutes", "分钟数")
    for_hours: int = whole(1, 168, "hours", "小时数")
    at_once: int = whole(1, 50, "calls", "通话数")
    wrap_up_s: int = whole(0, 900, "seconds", "秒数")

    def opens(self, time_zone: tzinfo) -> CallingHours:
        """The hours of every day in which calls are made by themselves, by the clock of a site in this time zone."""
        begins, ends = (time.fromisoformat(edge) for edge in self.hours.split("-"))
        return CallingHours([(begins, ends)], range(1, 8), time_zone)


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
    no sound for `no_sound_s` is lost. Without a console the agent writes a talk up by key (R11-3)."""

    longest_minutes: int = whole(1, 1440, "minutes", "分钟数")
    warn_minutes: int = whole(1, 999, "minutes", "分钟数")
    no_sound_s: int = whole(2, 3600, "seconds", "秒数")
    ask_agent: bool = Field(description="true or false|true 或 false")
    ask_agent_from_s: int = whole(0, 600, "seconds", "秒数")
