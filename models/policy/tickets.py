"""[promises] and [first_asked] of the policy: which dates may be promised, and the duties of the first receiver."""

from pydantic import Field

from models.settings import Strict

_DAYS = "a whole number of days, 1 to 31|天数，1 至 31 的整数"
_HOURS = "a whole number of hours, 1 to 720|小时数，1 至 720 的整数"


class Promises(Strict):
    """[promises]: a date given to a customer, counted from the moment of the promise (R15-2)."""

    best_days: int = Field(ge=1, le=31, description=_DAYS)
    longest_days: int = Field(ge=1, le=31, description=_DAYS)


class FirstAsked(Strict):
    """[first_asked]: the first receiver follows a ticket (R15-1), and asks the customer when it is done (R15-4); the
    reminder may also ring, by [notify]."""

    remind_hours: int = Field(ge=1, le=720, description=_HOURS)
    tell_hours: int = Field(ge=1, le=720, description=_HOURS)
    rings: bool = Field(description="true or false|true 或 false")
