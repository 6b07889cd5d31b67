"""[follow_up] of the policy: calls that ask whether people are satisfied: when, how often, and what follows."""

from datetime import time, tzinfo
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from models.settings import Strict
from models.time.calling_hours import CallingHours

_EARLIEST, _LATEST = "08:00", "21:00"
"""The limit of any policy: outside these hours nobody gets a call that they have not asked for."""


def _are_by_day(windows: list[str]) -> list[str]:
    ends = [end for window in windows for end in window.split("-")]
    if ends != sorted(set(ends)) or ends[0] < _EARLIEST or ends[-1] > _LATEST:
        raise ValueError("no windows of a day")
    return windows


def _are_weekdays(days: list[int]) -> list[int]:
    if days != sorted(set(days) & set(range(1, 8))):
        raise ValueError("no days of a week")
    return days


_Window = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$")]


class FollowUp(Strict):
    """[follow_up]: calls that ask whether a ticket is settled and the customer satisfied (R07-5, R03-6, R17-3)."""

    windows: Annotated[list[_Window], Field(min_length=1), AfterValidator(_are_by_day)] = Field(
        description='times of one day in order, from 08:00 to 21:00, such as ["09:30-11:30", "18:00-20:00"]'
        '|同一天内依次的时段，在 08:00 至 21:00 之间，如 ["09:30-11:30", "18:00-20:00"]'
    )
    weekdays: Annotated[list[int], Field(min_length=1), AfterValidator(_are_weekdays)] = Field(
        description="days in order, 1 is Monday, such as [1, 2, 3, 4, 5]|依次的星期，1 为星期一，如 [1, 2, 3, 4, 5]"
    )
    delay_minutes: int = Field(ge=0, le=10_080, description="minutes, 0 to 10080|分钟数，0 至 10080")
    attempts: int = Field(ge=1, le=3, description="1, 2 or 3 times|1 至 3 次")
    gap_minutes: int = Field(ge=0, le=10_080, description="minutes, 0 to 10080|分钟数，0 至 10080")
    rings: int = Field(ge=1, le=20, description="a whole number of rings, 1 to 20|响铃次数，1 至 20 的整数")
    at_once: int = Field(ge=1, le=50, description="calls at a time, 1 to 50|同时呼叫数，1 至 50")
    satisfied_from: int = Field(ge=1, le=5, description="a score, 1 to 5|评分，1 至 5")
    task_minutes: int = Field(ge=1, le=100_000, description="minutes, 1 to 100000|分钟数，1 至 100000")
    survey_months: Literal[3, 4, 6, 12] = Field(description="months: 3, 4, 6 or 12|月数：3、4、6 或 12")
    survey_warn_days: int = Field(ge=1, le=31, description="days, 1 to 31|天数，1 至 31")
    after_talk: bool = Field(description="true or false|true 或 false")
    after_talk_from_s: int = Field(ge=0, le=600, description="seconds, 0 to 600|秒数，0 至 600")
    after_talk_wait_s: int = Field(ge=1, le=20, description="seconds, 1 to 20|秒数，1 至 20")

    def hours(self, time_zone: tzinfo) -> CallingHours:
        """The hours in which people may be called, by the clock of a site in this time zone."""
        windows = [tuple(time.fromisoformat(end) for end in window.split("-")) for window in self.windows]
        return CallingHours([(start, end) for start, end in windows], self.weekdays, time_zone)
