"""All residents are surveyed twice a year; the manager gets a task when a half-year is about to end without (R08-6)."""

from datetime import datetime, timedelta

from models.states.health import FindingKind
from models.states.tickets import TaskKind
from models.surveys import campaigns
from scheduler.manager_tasks import owe
from scheduler.scope import Scope

NOT_ASKED = "no survey of all residents"


def survey_due(scope: Scope) -> int:
    """Returns 1 when a missing survey is newly found (R03-6). Raises StoreUnavailable."""
    now, policy = scope.clock.now(), scope.policy.follow_up
    local = now.astimezone(scope.site.time_zone)
    months = policy.survey_months
    begins, ends = (
        datetime(local.year + month // 12, month % 12 + 1, 1, tzinfo=scope.site.time_zone)
        for place in ((local.month - 1) // months,)
        for month in (place * months, (place + 1) * months)
    )
    due: dict[str, datetime] = {}
    if ends - now <= timedelta(days=policy.survey_warn_days) and not scope.store.read(campaigns.any_since, begins):
        due[f"{begins:%Y-%m}"] = ends
    return owe(scope, FindingKind.SURVEY_DUE, TaskKind.SURVEY_DUE, NOT_ASKED, due)
