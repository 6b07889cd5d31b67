"""Each token has a number of requests a minute; what it has not used comes back evenly."""

import math
import threading
from datetime import datetime

from console.api.problems import Refused


class Allowance:
    """What each token has left of its requests. A restart forgets it, but nobody outside can cause one."""

    def __init__(self, requests_a_minute: int) -> None:
        self._most = requests_a_minute
        self._left: dict[int, tuple[float, datetime]] = {}
        self._lock = threading.Lock()

    def take(self, token_id: int, at: datetime) -> None:
        """Takes one request from the token. Raises Refused (429) with the seconds until there is one again."""
        with self._lock:
            left, since = self._left.get(token_id, (float(self._most), at))
            left = min(self._most, left + max(0.0, (at - since).total_seconds()) * self._most / 60)
            self._left[token_id] = (left - 1 if left >= 1 else left, at)
        if left < 1:
            raise Refused(
                429,
                "too-many-requests",
                f"this token may ask {self._most} times a minute: wait, then go on",
                f"该令牌每分钟最多 {self._most} 次请求：请稍候再试",
                headers={"retry-after": str(math.ceil((1 - left) * 60 / self._most))},
            )
