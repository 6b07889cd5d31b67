"""The policy of other programs: how often a message to one is tried, how often a customer may try to be recognised."""

from typing import Annotated

from pydantic import Field

from models.settings import Strict

_Minutes = Annotated[int, Field(ge=1, le=10_080)]


class Api(Strict):
    """[api]: what other programs may ask (R01-4)."""

    follow_tries: int = Field(ge=1, le=100, description="a whole number of times, 1 to 100|次数,1 至 100 的整数")
    follow_minutes: int = Field(ge=1, le=1440, description="minutes, 1 to 1440|分钟数,1 至 1440")


class Webhooks(Strict):
    """[webhooks]: what other programs are told (R01-4)."""

    timeout_s: int = Field(ge=1, le=60, description="seconds, 1 to 60|秒数,1 至 60")
    retry_minutes: list[_Minutes] = Field(
        min_length=1,
        max_length=20,
        description="1 to 20 numbers of minutes in brackets, such as [1, 5]|方括号内 1 至 20 个分钟数,如 [1, 5]",
    )
    keep_days: int = Field(ge=1, le=400, description="days, 1 to 400|天数,1 至 400")

    @property
    def lease_s(self) -> float:
        """Whoever sends a message must have settled it by then, or has died."""
        return 3 * self.timeout_s + 30
