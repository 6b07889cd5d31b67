"""[reports] of the policy: which reports are sent automatically, when, and how often mail is tried (R03-5, R06-5)."""

import re
from datetime import time
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from models.settings import Strict
from models.states.reports import PeriodKind


def _is_time_of_day(text: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise ValueError("no time of day")
    return text


class ReportsPolicy(Strict):
    """[reports]: what the rules ask for; the recipients are in the site file."""

    periods: list[Literal["day", "month", "quarter"]] = Field(
        description='some of "day", "month", "quarter" in brackets, or []'
        '|方括号内的 "day"、"month"、"quarter" 中若干项，或 []'
    )
    at: Annotated[str, AfterValidator(_is_time_of_day)] = Field(
        description='a time of day in quotes, such as "07:30"|带引号的时刻，如 "07:30"'
    )
    formats: list[Literal["xlsx", "csv"]] = Field(
        min_length=1, description='"xlsx", "csv" or both in brackets|方括号内的 "xlsx"、"csv" 或两者'
    )
    retry_minutes: int = Field(ge=1, le=1440, description="minutes, 1 to 1440|分钟数，1 至 1440")
    tries: int = Field(ge=1, le=1000, description="a whole number, 1 to 1000|1 至 1000 的整数")

    @property
    def kinds(self) -> list[PeriodKind]:
        return [PeriodKind(period) for period in self.periods]

    @property
    def not_before(self) -> time:
        """By the site's clock, on the first day after the period."""
        return time.fromisoformat(self.at)
