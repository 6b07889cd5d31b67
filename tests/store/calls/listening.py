"""What the store reads and writes when a supervisor listens to a talk; `day` remembers the functions (test_plans)."""

from typing import Any

from models.calls import monitoring
from models.calls.monitoring import Monitoring, NotMonitored


def listened_to(day: Any, staff_number: str) -> None:
    roles, by = ["agent"], {"by": "7050", "at": day.now}
    day.read(monitoring.find, by="7050", number="", roles=roles)
    talk = day.read(monitoring.find, by="7050", number=staff_number, roles=roles)
    day.write(monitoring.begun, talk, Monitoring.LISTEN, **by)
    day.write(monitoring.ended, talk, **by)
    day.write(monitoring.refused, NotMonitored.WRONG_PIN, whom="", **by)
