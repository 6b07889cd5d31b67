"""[api] and [webhooks] of the policy: how often a customer may try to identify, and how often a message is sent."""

from typing import Annotated

from pydantic import Field

from models.settings import Strict

_Minutes = Annotated[int, Field(ge=1, le=10_080)]


class Api(Strict):
    """[api]: requests of other programs (R01-4)."""

    request_s: float = Field(ge=1, le=120, description="seconds, 1 to 120|秒数，1 至 120")
    connections: int = Field(ge=10, le=10_000, description="a whole number, 10 to 10000|10 至 10000 的整数")
    connections_of_address: int = Field(ge=5, le=10_000, description="a whole number, 5 to 10000|5 至 10000 的整数")
    requests_a_minute: int = Field(ge=10, le=100_000, description="a whole number, 10 to 100000|10 至 100000 的整数")
    follow_tries: int = Field(ge=1, le=100, description="a whole number of times, 1 to 100|次数，1 至 100 的整数")
    follow_tries_of_token: int = Field(ge=1, le=10_000, description="a whole number, 1 to 10000|1 至 10000 的整数")
    follow_seconds: float = Field(ge=0, le=10, description="seconds, 0 to 10|秒数，0 至 10")
    follow_minutes: int = Field(ge=1, le=1440, description="minutes, 1 to 1440|分钟数，1 至 1440")


class Webhooks(Strict):
    """[webhooks]: messages to other programs (R01-4)."""

    timeout_s: int = Field(ge=1, le=60, description="seconds, 1 to 60|秒数，1 至 60")
    retry_minutes: list[_Minutes] = Field(
        min_length=1,
        max_length=20,
        description="1 to 20 numbers of minutes in brackets, such as [1, 5]|方括号内 1 至 20 个分钟数，如 [1, 5]",
    )
    keep_days: int = Field(ge=1, le=400, description="days, 1 to 400|天数，1 至 400")

    @property
    def lease_s(self) -> float:
        """A process that has not settled a message by then has died."""
        return 3 * self.timeout_s + 30
