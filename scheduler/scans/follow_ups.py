"""Whose matter is done, or who is of a campaign, gets a call to be made: at the hours and as many at a time as the
policy says. The scheduler makes rows; the application makes the calls (R07-5, R08-6, R17-3)."""

from datetime import timedelta

from sqlalchemy.orm import Session

from models import campaigns, surveys
from models.store import StoreUnavailable
from scheduler.rows import Due, each
from scheduler.scope import Scope

BATCH = 200
PUSH_BACK = timedelta(hours=1)


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

    def due(session: Session, after: Due | None, limit: int) -> list[Due]:
        return [Due(*row) for row in surveys.newly_done(session, after, limit)]

    def handle(session: Session, ticket_id: int) -> bool:
        return surveys.expect(session, ticket_id, at=now, policy=policy, site=site) is not None

    return each(scope, follow_ups.__name__, due, handle)


def _call(scope: Scope, campaign_id: int | None, at_once: int) -> int:
    """As many as are free; one that can't be called is pushed back, and the others are called all the same."""
    now, policy, asked = scope.clock.now(), scope.policy.follow_up, 0
    free = at_once - scope.store.read(surveys.calling, campaign_id)
    for survey in scope.store.read(surveys.due, campaign_id, at=now, limit=BATCH) if free > 0 else ():
        if asked >= free:
            break
        try:
            asked += scope.store.write(surveys.call, survey.id, at=now, policy=policy)
        except StoreUnavailable:
            raise
        except Exception as error:
            scope.store.write(surveys.push_back, survey.id, until=now + PUSH_BACK)
            scope.report(f"survey {survey.id}", str(error))
    return asked
