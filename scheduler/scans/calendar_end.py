"""The public holidays of a year are known before it begins, or the manager has a task to see to it (R09-1)."""

from datetime import date, datetime, time

from models.states.health import FindingKind
from models.states.tickets import TaskKind
from scheduler.manager_tasks import owe
from scheduler.scope import Scope

NOT_KNOWN = "public holidays not known"


def calendar_end(scope: Scope) -> int:
    """Returns how many years have been found to be near and unknown. Raises StoreUnavailable."""
    years = scope.site.days.unknown_years(scope.clock.now(), ahead_days=scope.policy.holidays.warn_days)
    for year in years:
        scope.report(f"holidays of {year}", "not known: deadlines in it go by week-ends only")
    begins = {str(year): datetime.combine(date(year, 1, 1), time(), scope.site.time_zone) for year in years}
    return owe(scope, FindingKind.CALENDAR_END, TaskKind.CALENDAR_END, NOT_KNOWN, begins)
