"""[console] of the policy: how long a sign-in lasts, how wrong passwords are slowed, how many watch."""

from models.policy.figures import seconds, whole
from models.settings import Strict


class ConsolePolicy(Strict):
    """[console]: the pages for staff."""

    idle_minutes: int = whole(1, 10_080, "minutes", "分钟数")
    longest_hours: int = whole(1, 720, "hours", "小时数")
    link_hours: int = whole(1, 720, "hours", "小时数")
    tries: int = whole(1, 1000, "wrong passwords", "次错误密码")
    address_tries: int = whole(1, 100_000, "wrong passwords", "次错误密码")
    window_minutes: int = whole(1, 1440, "minutes", "分钟数")
    wait_s: float = seconds(1, 3600)
    longest_wait_minutes: int = whole(1, 1440, "minutes", "分钟数")
    streams: int = whole(1, 10_000, "streams", "个连接")
    streams_of_sign_in: int = whole(1, 1000, "streams", "个连接")
    keep_days: int = whole(1, 3650, "days", "天数")
    photo_mb: int = whole(1, 50, "megabytes", "兆字节数")
    photo_megapixels: int = whole(4, 200, "million pixels", "百万像素")
    prompt_mb: int = whole(1, 50, "megabytes", "兆字节数")
    photos_of_ticket: int = whole(1, 1000, "photos", "张照片")

    @property
    def photo_bytes(self) -> int:
        return self.photo_mb * 1024 * 1024

    @property
    def prompt_bytes(self) -> int:
        return self.prompt_mb * 1024 * 1024
