"""Requests a call to each customer whose ticket is done and to each resident of a campaign (R07-5, R08-6, R17-3).

The policy sets the hours and how many calls run at a time. The scheduler writes rows; the application makes the calls.
"""

from sqlalchemy.orm import Session

from models.database.paging import Mark
from models.surveys import campaigns, surveys
from scheduler.rows import each
from scheduler.scope import Scope


def follow_ups(scope: Scope) -> int:
    """Returns how many follow-ups have changed. Raises StoreUnavailable."""
    done = _expect(scope)
    now, policy = scope.clock.now(), scope.policy.follow_up
    if not policy.hours(scope.site.time_zone).is_open(now):
        return done
    done += _call(scope, None, policy.at_once)
    for campaign in scope.store.read(campaigns.running):
        done += _call(scope, campaign.id, campaign.at_once)
        done += scope.store.write(campaigns.finish, campaign.id, at=now)
    return done


def _expect(scope: Scope) -> int:
    """Plans a follow-up for every ticket that was done since the last run."""
    now, policy, site = scope.clock.now(), scope.policy.follow_up, scope.site

    def due(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return surveys.newly_done(session, after, limit)

    def handle(session: Session, ticket_id: int) -> bool:
        return surveys.expect(session, ticket_id, at=now, policy=policy, site=site) is not None

    return each(scope, follow_ups.__name__, due, handle)


def _call(scope: Scope, campaign_id: int | None, at_once: int) -> int:
    """Requests as many calls as lines are free; a person who cannot be called does not hold up the others."""
    now, policy = scope.clock.now(), scope.policy.follow_up

    def due(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        free = at_once - surveys.calling(session, campaign_id)
        return surveys.to_call(session, campaign_id, after, min(free, limit), at=now) if free > 0 else []

    def handle(session: Session, survey_id: int) -> bool:
        # Another scheduler may have filled the lines meanwhile.
        free = surveys.calling(session, campaign_id) < at_once
        return free and surveys.call(session, survey_id, at=now, policy=policy)

    return each(scope, "follow_up_calls", due, handle)
