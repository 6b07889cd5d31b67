"""The manager gets a task when the public holidays of the coming year are not known yet (R09-1)."""

from datetime import date, datetime, time

from models.states.health import FindingKind
from models.states.tickets import TaskKind
from scheduler.manager_tasks import owe
from scheduler.scope import Scope

NOT_KNOWN = "public holidays not known"


def calendar_end(scope: Scope) -> int:
    """Returns how many coming years are newly found without holidays. Raises StoreUnavailable."""
    years = scope.site.days.unknown_years(scope.clock.now(), ahead_days=scope.policy.holidays.warn_days)
    for year in years:
        scope.report(f"holidays of {year}", "not known: deadlines in it go by week-ends only")
    begins = {str(year): datetime.combine(date(year, 1, 1), time(), scope.site.time_zone) for year in years}
    return owe(scope, FindingKind.CALENDAR_END, TaskKind.CALENDAR_END, NOT_KNOWN, begins)
