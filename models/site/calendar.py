"""[calendar] of the site file: the days on which the site differs from the official calendar."""

import datetime
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from models.settings import Strict
from models.site.fields import A_DATE, A_NAME, Name
from models.time.days import Day, DayKind


class SiteDay(Strict):
    """[[calendar.day]]: one or several days on which this site differs from the State Council's calendar."""

    date: datetime.date = Field(description=A_DATE)
    last: datetime.date | None = Field(default=None, description=A_DATE)
    kind: Literal["holiday", "make-up", "closed", "open"] = Field(
        description="holiday, make-up, closed or open|holiday、make-up、closed、open 之一"
    )
    reason: Name = Field(description=A_NAME)

    def each(self) -> Iterator[tuple[datetime.date, Day]]:
        """Every date, with its kind of day."""
        for number in range(((self.last or self.date) - self.date).days + 1):
            yield self.date + datetime.timedelta(days=number), Day(DayKind(self.kind), self.reason)


class SiteCalendar(Strict):
    """[calendar]: the site's own days, and the years whose public holidays are all entered here."""

    years: list[Annotated[int, Field(ge=2020, le=2100)]] = Field(
        default=[], description="years, such as [2027]|年份，如 [2027]"
    )
    days: list[SiteDay] = Field(alias="day", default=[], description="[[calendar.day]] sections|[[calendar.day]] 各节")
