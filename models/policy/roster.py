"""[roster] and [handover] of the policy: how far ahead duties are planned, and the reminders of the next shift."""

from pydantic import Field

from models.settings import Strict


class Roster(Strict):
    """[roster]: duties are planned `horizon_days` ahead, and checked for gaps (R09-1 to R09-5)."""

    horizon_days: int = Field(ge=2, le=366, description="a whole number of days, 2 to 366|天数，2 至 366 的整数")
    alarm_days: int = Field(ge=1, le=31, description="a whole number of days, 1 to 31|天数，1 至 31 的整数")
    own_word_hours: int = Field(ge=1, le=168, description="a whole number of hours, 1 to 168|小时数，1 至 168 的整数")


class HandoverPolicy(Strict):
    """[handover]: a shift that has not taken over the last one's open tickets is reminded by telephone (R09-6)."""

    remind_after_minutes: int = Field(ge=1, le=720, description="minutes, 1 to 720|分钟数，1 至 720 的整数")
    remind_every_minutes: int = Field(ge=1, le=720, description="minutes, 1 to 720|分钟数，1 至 720 的整数")
    rings: int = Field(ge=1, le=20, description="rings, 1 to 20|响铃次数，1 至 20 的整数")
    reminders: int = Field(ge=0, le=20, description="times, 0 to 20|次数，0 至 20 的整数")
