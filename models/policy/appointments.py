"""[appointments] of the policy: when staff are called about an appointment with a customer, and how often."""

from pydantic import Field

from models.policy.figures import whole
from models.settings import Strict


class AppointmentsPolicy(Strict):
    """[appointments]: the technician is called `remind_minutes` before it; when nobody is on site `grace_minutes` after
    it, the lead is (R10-3)."""

    longest_days: int = whole(1, 180, "days", "天数")
    remind_minutes: int = whole(0, 1440, "minutes", "分钟数")
    grace_minutes: int = whole(0, 240, "minutes", "分钟数")
    tries: int = whole(1, 10, "calls", "呼叫次数")
    pause_minutes: float = Field(ge=0, le=60, description="minutes, 0 to 60|分钟数，0 至 60")
    rings: int = whole(1, 20, "rings", "响铃次数")
