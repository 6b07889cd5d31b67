"""Whose matter is done, or who is of a campaign, gets a call to be made: at the hours and as many at a time as the
policy says. The scheduler makes rows; the application makes the calls (R07-5, R08-6, R17-3)."""

from sqlalchemy.orm import Session

from models.database.paging import Mark
from models.surveys import campaigns, surveys
from scheduler.rows import each
from scheduler.scope import Scope


def follow_ups(scope: Scope) -> int:
    """Returns for how many people something was done."""
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
    """Everybody whose matter has been done since we looked last."""
    now, policy, site = scope.clock.now(), scope.policy.follow_up, scope.site

    def due(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return surveys.newly_done(session, after, limit)

    def handle(session: Session, ticket_id: int) -> bool:
        return surveys.expect(session, ticket_id, at=now, policy=policy, site=site) is not None

    return each(scope, follow_ups.__name__, due, handle)


def _call(scope: Scope, campaign_id: int | None, at_once: int) -> int:
    """As many as are free; one that can't be called does not hold up the others."""
    now, policy = scope.clock.now(), scope.policy.follow_up

    def due(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        free = at_once - surveys.calling(session, campaign_id)
        return surveys.to_call(session, campaign_id, after, min(free, limit), at=now) if free > 0 else []

    def handle(session: Session, survey_id: int) -> bool:
        # Another scheduler may have filled the lines meanwhile.
        free = surveys.calling(session, campaign_id) < at_once
        return free and surveys.call(session, survey_id, at=now, policy=policy)

    return each(scope, "follow_up_calls", due, handle)
