"""[general_manager] of the policy: the hours of the general manager's hotline."""

from datetime import time

from pydantic import Field

from models.policy.clocks import GENERAL_MANAGER, TRUE_OR_FALSE, WEEKDAYS, WINDOWS, Weekdays, Windows, hours_of
from models.settings import Strict
from models.time.calendar import Season, WorkingTime
from models.time.days import Days


class GeneralManager(Strict):
    """[general_manager]: the hours of the general manager's hotline, by the site's clock (R03-1)."""

    windows: Windows = Field(description=WINDOWS)
    weekdays: Weekdays = Field(description=WEEKDAYS)
    open_on_make_up_days: bool = Field(description=TRUE_OR_FALSE)

    @property
    def hours(self) -> list[tuple[time, time]]:
        """Opening and closing of each window; closed from the second of closing on."""
        return hours_of(self.windows)

    def calendar(self, days: Days) -> WorkingTime:
        return WorkingTime(
            GENERAL_MANAGER,
            days,
            seasons=[Season((1, 1), self.hours)],
            weekdays=self.weekdays,
            closed_on_public_holidays=True,
            open_on_make_up_days=self.open_on_make_up_days,
        )
