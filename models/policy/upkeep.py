"""[recording], [holidays], [canary], [backup] and [recovery] of the policy: keeping records, and watching the line."""

from datetime import time
from typing import Literal

from pydantic import Field

from models.policy.figures import whole
from models.settings import Strict


class RecordingPolicy(Strict):
    """[recording]: how finished recordings are kept (R14-3)."""

    retention_days: int = whole(1, 3650, "days", "天数")
    format: Literal["opus", "mp3"] = Field(description='"opus" or "mp3"|"opus" 或 "mp3"')
    bitrate_kbps: int = whole(8, 128, "kbit/s", "kbit/s")
    target_dbfs: int = whole(-40, 0, "dB below full scale", "分贝（满刻度以下）")
    least_room_mb: int = whole(10, 10_000_000, "megabytes", "兆字节")


class Holidays(Strict):
    """[holidays]: when the manager gets a task because the next year's public holidays are not known yet."""

    warn_days: int = whole(1, 300, "days", "天数")


class CertificatePolicy(Strict):
    """[certificate]: how long before its end a certificate of ours is renewed at a start, and a task is opened."""

    warn_days: int = whole(1, 300, "days", "天数")


class CanaryPolicy(Strict):
    """[canary]: how often a test call proves that the line answers (R17-5), and how long its history is kept."""

    every_minutes: float = Field(
        ge=0.05, le=1440, description="minutes, 0.05 to 1440, such as 5|分钟数，0.05 至 1440，如 5"
    )
    keep_days: int = whole(1, 3650, "days", "天数")


class TrunksPolicy(Strict):
    """[trunks]: how often each trunk is asked whether it is there, and how long it may be silent."""

    every_s: int = whole(5, 600, "seconds", "秒数")
    down_after_s: int = whole(10, 86_400, "seconds", "秒数")
    """So long after it was last there, a trunk is reported."""
    next_after_s: int = whole(2, 30, "seconds", "秒数")
    """A call that a trunk neither rings, connects nor refuses goes to the next one after this."""


class Backup(Strict):
    """[backup]: when the database is copied, by the site's clock, and how many copies are kept (R13-8, R14-3)."""

    at: str = Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description='a time such as "03:30"|时刻，如 "03:30"')
    keep: int = whole(1, 1000, "copies", "份数")

    @property
    def time_of_day(self) -> time:
        return time.fromisoformat(self.at)


class RecoveryPolicy(Strict):
    """[recovery]: how often our rows are compared with Asterisk's channels (docs/architecture.md, "Crash rules")."""

    every_s: int = whole(1, 3600, "seconds", "秒数")
