"""[notify] of the policy: which new tickets the telephones of the department ring about, when, and how often."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from models.policy.escalation import WINDOW, CustomerKind, is_within
from models.settings import Strict
from models.states.tickets import TicketKind


class NotifyPolicy(Strict):
    """[notify]: somebody of the department on duty is rung until one accepts, `tries` times with a pause between; then
    the supervisor has a task."""

    kinds: list[Literal["dispatch", CustomerKind]] = Field(
        description='kinds of tickets, and "dispatch" for every ticket that is dispatched; [] rings nobody'
        '|工单类别的列表，"dispatch" 指派到部门的工单；[] 表示不通知'
    )
    hours: Annotated[str, Field(pattern=WINDOW)] = Field(
        description='a window of the day such as "07:50-18:30"|一天内的时段，如 "07:50-18:30"'
    )
    tries: int = Field(ge=1, le=10, description="a whole number, 1 to 10|1 至 10 的整数")
    pause_minutes: float = Field(ge=0, le=240, description="minutes, 0 to 240|分钟数，0 至 240")
    rings: int = Field(ge=1, le=20, description="a whole number of rings, 1 to 20|响铃次数，1 至 20 的整数")

    def rings_for(self, kind: TicketKind) -> bool:
        """Whether the department is rung about a new ticket of this kind."""
        return kind in self.kinds

    @property
    def rings_for_dispatched(self) -> bool:
        """Whether the department is rung about a ticket that is dispatched to it."""
        return "dispatch" in self.kinds

    def may_call(self, local: datetime) -> bool:
        """Whether it may be rung at this time of the site's clock about what can wait."""
        return is_within(self.hours, local)
