"""[escalation] of the policy: who is called about a late ticket, in which order and how often, until one accepts."""

from datetime import datetime, time
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from models.policy.clocks import class_name
from models.settings import Strict
from models.states.tickets import Severity, TicketKind

WINDOW = r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"
_STEPS = '"assignee", "lead", "manager" or "general-manager"'
CustomerKind = Literal[
    "repair",
    "urgent-repair",
    "lift",
    "power",
    "water",
    "public-lighting",
    "complaint",
    "enquiry",
    "suggestion",
    "message",
    "general-manager",
]
"""A kind of ticket that a customer may have: all but a fault of the hotline itself."""
_Kind = Literal[CustomerKind, "fault"]
_Class = Literal[
    "repair",
    "lift",
    "power",
    "water",
    "public-lighting",
    "public-lighting-complex",
    "complaint",
    "complaint-serious",
    "general-manager",
]
_ALWAYS = frozenset({TicketKind.URGENT_REPAIR, TicketKind.FAULT})


def is_within(window: str, local: datetime) -> bool:
    """Whether the time of day is in a window such as "08:00-21:00", which may go past midnight."""
    start, end = (time.fromisoformat(edge) for edge in window.split("-"))
    at = local.time()
    return start <= at < end if start < end else at >= start or at < end


def _minutes(low: float, high: float) -> Any:
    return Field(ge=low, le=high, description=f"minutes, {low:g} to {high:g}|分钟数，{low:g} 至 {high:g}")


class Ladder(Strict):
    """[escalation.NAME]: begins `before_minutes` before a deadline. In each step one person is called up to `tries`
    times with a pause between; the next step follows `after_minutes` later. When nobody has accepted, the ladder begins
    again from the first step after `again_minutes`."""

    before_minutes: float = _minutes(0, 10_000)
    steps: list[Literal["assignee", "lead", "manager", "general-manager"]] = Field(
        min_length=1, description=f"a list of {_STEPS}|由 {_STEPS} 组成的列表"
    )
    after_minutes: list[Annotated[float, Field(ge=0, le=1440)]] = Field(
        description="minutes for each of the steps, such as [0, 5, 5, 10]|每一级的分钟数，如 [0, 5, 5, 10]"
    )
    tries: int = Field(ge=1, le=10, description="a whole number, 1 to 10|1 至 10 的整数")
    pause_minutes: float = _minutes(0, 240)
    rings: int = Field(ge=1, le=20, description="a whole number of rings, 1 to 20|响铃次数，1 至 20 的整数")
    again_minutes: float = _minutes(0.05, 10_000)

    @model_validator(mode="after")
    def _one_delay_for_each_step(self) -> Self:
        if len(self.after_minutes) != len(self.steps):
            raise ValueError("after_minutes needs one value for each of the steps")
        return self


class EscalationPolicy(Strict):
    """[escalation]: calls that can wait are made in these hours only; emergencies are called about at once (R08-2), and
    so are the classes of `any_hour` (R09-3)."""

    hours: Annotated[str, Field(pattern=WINDOW)] = Field(
        description='a window of the day such as "08:00-21:00"|一天内的时段，如 "08:00-21:00"'
    )
    emergencies: list[_Kind] = Field(
        description='kinds of tickets, "urgent-repair" and "fault" among them'
        '|工单类别的列表，必须含 "urgent-repair" 和 "fault"'
    )
    complaints: list[_Kind] = Field(
        description='kinds of tickets, such as ["complaint"]|工单类别的列表，如 ["complaint"]'
    )
    any_hour: list[_Class] = Field(
        description='classes of tickets, such as ["complaint-serious"]|工单类别的列表，如 ["complaint-serious"]'
    )
    emergency: Ladder = Field(description="an [escalation.emergency] section|[escalation.emergency] 一节")
    complaint: Ladder = Field(description="an [escalation.complaint] section|[escalation.complaint] 一节")
    ordinary: Ladder = Field(description="an [escalation.ordinary] section|[escalation.ordinary] 一节")

    @model_validator(mode="after")
    def _emergencies_are_not_left_out(self) -> Self:
        if not set(self.emergencies) >= _ALWAYS:
            raise ValueError("urgent-repair and fault are emergencies")
        return self

    def is_emergency(self, kind: TicketKind) -> bool:
        """Whether it is called about by the ladder for emergencies."""
        return kind in self.emergencies

    def at_any_hour(self, kind: TicketKind, severity: Severity) -> bool:
        """Whether it is called about at any hour, and staff who are off duty are rung, too (R08-2, R09-3)."""
        return self.is_emergency(kind) or class_name(kind, severity) in self.any_hour

    def ladder(self, kind: TicketKind) -> Ladder:
        """The ladder for this kind of ticket."""
        if self.is_emergency(kind):
            return self.emergency
        return self.complaint if kind in self.complaints else self.ordinary

    def may_call(self, local: datetime) -> bool:
        """Whether staff may be called at this time of the site's clock about what can wait."""
        return is_within(self.hours, local)
