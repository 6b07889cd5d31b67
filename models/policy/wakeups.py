"""[wake_up] of the policy: how often and how long a room rings, and when staff go and knock (R21-11)."""

from typing import Any, Self

from pydantic import Field, model_validator

from models.settings import Strict


def _whole(low: int, high: int, unit: str, unit_zh: str) -> Any:
    return Field(ge=low, le=high, description=f"{unit}, {low} to {high}|{unit_zh}，{low} 至 {high} 的整数")


def _number(low: float, high: float, unit: str, unit_zh: str) -> Any:
    return Field(ge=low, le=high, description=f"{unit}, {low:g} to {high:g}|{unit_zh}，{low:g} 至 {high:g}")


class Knocking(Strict):
    """[wake_up.knock]: who is called about a guest who does not wake, and how many minutes after the wake-up time
    (R21-11). The calls go on until somebody presses the key for "on my way", and again if the guest still sleeps."""

    attendant_minutes: float = _number(0.05, 120, "minutes", "分钟数")
    desk_minutes: float = _number(0.05, 240, "minutes", "分钟数")
    rings: int = _whole(1, 20, "rings", "响铃次数")
    again_seconds: int = _whole(1, 600, "seconds", "秒数")
    on_way_minutes: float = _number(0.05, 60, "minutes", "分钟数")

    @model_validator(mode="after")
    def _the_desk_is_second(self) -> Self:
        if self.desk_minutes < self.attendant_minutes:
            raise ValueError("desk_minutes is less than attendant_minutes")
        return self


class WakeupPolicy(Strict):
    """[wake_up]: the call to the room, its repeats, snoozing, downtimes, and how many rooms ring at a time."""

    rings: int = _whole(1, 20, "rings", "响铃次数")
    again_seconds: int = _whole(1, 900, "seconds", "秒数")
    snooze_minutes: float = _number(0.05, 60, "minutes", "分钟数")
    snoozes: int = _whole(0, 20, "times", "次数")
    late_from_minutes: int = _whole(1, 60, "minutes", "分钟数")
    grace_minutes: float = _number(0.05, 120, "minutes", "分钟数")
    desk_told_seconds: int = _whole(5, 3600, "seconds", "秒数")
    horizon_days: int = _whole(1, 31, "days", "天数")
    lines: int = _whole(1, 1000, "telephones at a time", "同时振铃的话机数")
    inbound_reserve: int = _whole(0, 999, "lines", "线路数")
    attempt_seconds: int = _whole(1, 60, "seconds", "秒数")
    starts_a_second: float = _number(0.1, 100, "calls a second", "每秒通话数")
    text_seconds: int = _whole(1, 60, "seconds", "秒数")
    knock: Knocking = Field(description="a [wake_up.knock] section|[wake_up.knock] 一节")

    @model_validator(mode="after")
    def _something_is_left(self) -> Self:
        if self.inbound_reserve >= self.lines:
            raise ValueError("inbound_reserve leaves no line")
        return self

    @property
    def at_once(self) -> int:
        """How many rooms ring at a time; the other lines are for callers."""
        return self.lines - self.inbound_reserve

    @property
    def a_minute(self) -> int:
        """How many rooms can be rung within one minute, each for `attempt_seconds`."""
        return min(self.at_once * (60 // self.attempt_seconds), int(60 * self.starts_a_second))
