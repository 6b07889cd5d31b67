"""[guessing] of the policy: when an address that guesses passwords of telephones is banned, and for how long."""

from pydantic import Field

from models.policy.figures import whole
from models.settings import Strict


class Guessing(Strict):
    """[guessing]: wrong passwords are counted by address and by account (docs/operation.md)."""

    tries: int = whole(3, 1_000_000, "wrong passwords", "次错误密码")
    account_tries: int = whole(3, 1_000_000, "wrong passwords", "次错误密码")
    window_minutes: int = whole(1, 1440, "minutes", "分钟数")
    ban_minutes: int = whole(1, 10_080, "minutes", "分钟数")
    longest_hours: int = whole(1, 720, "hours", "小时数")
    at_most: int = whole(1, 5000, "addresses", "个地址")
    firewall: bool = Field(description="true or false|true 或 false")
    keep_days: int = whole(1, 3650, "days", "天数")
