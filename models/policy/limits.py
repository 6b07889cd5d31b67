"""[limits] of the policy: how many calls may leave and how many may come in; 0 is no limit."""

from typing import Annotated

from pydantic import Field

from models.policy.figures import whole
from models.settings import Strict
from models.states.gate import NumberClass, Reach

_FEN = 100
_A_MINUTE_S = 60


_PRICE = "money for a begun minute, 0 to 100|每分钟（不足一分钟按一分钟）费用，0 至 100"
_Price = Annotated[float, Field(ge=0, le=100, description=_PRICE)]


class OutLimits(Strict):
    """[limits.call_back] and the like: of the calls for one purpose. A day is the site's."""

    number_a_day: int = whole(0, 1000, "calls to one number a day", "同一号码每日呼叫次数")
    an_hour: int = whole(0, 10000, "calls in an hour", "每小时呼叫次数")
    at_once: int = whole(0, 1000, "calls at a time", "同时呼叫数")
    minutes_a_day: int = whole(0, 100000, "minutes a day", "每日分钟数")
    money_a_day: int = whole(0, 100000, "units of money a day", "每日费用")


class Price(Strict):
    """[limits.price]: what a begun minute costs, by the class of the number; for `money_a_day` only."""

    local: _Price
    mobile: _Price
    national: _Price

    def fen(self, kind: NumberClass, seconds: int) -> int:
        """What a talk of this length costs, in hundredths."""
        return round(-(-seconds // _A_MINUTE_S) * getattr(self, kind, 0.0) * _FEN)


class Limits(Strict):
    """[limits]: an emergency call is never counted and never refused."""

    calls_in: int = whole(0, 10000, "calls at a time", "同时通话数")
    per_trunk: int = whole(0, 10000, "calls at a time", "同时通话数")
    per_caller: int = whole(0, 1000, "calls at a time", "同时通话数")
    per_telephone: int = whole(0, 100, "calls at a time", "同时通话数")
    new_numbers_an_hour: int = whole(0, 10000, "new numbers in an hour", "每小时陌生号码个数")
    night_calls_an_hour: int = whole(0, 10000, "calls in an hour", "每小时呼叫次数")
    refusals_an_hour: int = whole(0, 10000, "refusals in an hour", "每小时被拒次数")
    call_back: OutLimits = Field(description="a [limits.call_back] section|[limits.call_back] 一节")
    follow_up: OutLimits = Field(description="a [limits.follow_up] section|[limits.follow_up] 一节")
    staff_mobile: OutLimits = Field(description="a [limits.staff_mobile] section|[limits.staff_mobile] 一节")
    price: Price = Field(description="a [limits.price] section|[limits.price] 一节")

    def of(self, purpose: Reach) -> OutLimits:
        limits: OutLimits = getattr(self, purpose)
        return limits
