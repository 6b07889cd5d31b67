"""Whom the department's telephones have called about a new ticket stands on its card and in its timeline (R10-1)."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database.store import Store
from models.policy import Policy
from models.site import Site
from models.states.tickets import LadderRung, StepOutcome
from models.tables import FIRST_NUMBER, Escalation, EscalationStep
from models.tickets import escalations, notices
from tests.browser.conftest import SignedIn
from tests.browser.ticket_desk import Desk

pytestmark = pytest.mark.browser


@pytest.fixture
def called(store: Store, site: Site, policy: Policy) -> int:
    """A repair that was dispatched to engineering; 7021 did not answer, 7022 declined a minute later."""
    desk = Desk(store, policy)
    number = desk.opens()
    desk.sends(number, "engineering")
    ticket_id = number - FIRST_NUMBER
    store.write(notices.begin, ticket_id, at=desk.now, policy=policy, site=site)

    def calls(session: Session) -> None:
        ladder = session.scalars(select(Escalation).where(Escalation.ticket_id == ticket_id)).one()
        for minute, who, outcome in ((0, "7021", StepOutcome.NO_ANSWER), (1, "7022", StepOutcome.DECLINED)):
            at = desk.now + timedelta(minutes=minute)
            step = EscalationStep(
                escalation_id=ladder.id, round=1, rung=LadderRung.DEPARTMENT, staff_number=who, asked_at=at
            )
            session.add(step)
            session.flush()
            escalations.end_step(session, step.id, outcome, at=at, policy=policy)

    store.write(calls)
    return number


@pytest.mark.parametrize(
    ("locale", "ticket", "notified", "unanswered", "declined"),
    [
        ("zh-CN", "工单", "电话通知部门", "无人接：7021", "拒接：7022"),
        ("en-GB", "ticket", "department called", "no answer: 7021", "declined: 7022"),
    ],
)
def test_my_work_says_whom_the_telephone_called_last_and_the_timeline_says_all(
    signed_in: SignedIn, called: int, locale: str, ticket: str, notified: str, unanswered: str, declined: str
) -> None:
    tab = signed_in("7020", locale=locale)
    tab.goto("/my-work")
    card = tab.get_by_role("article", name=f"{ticket} {called}")
    expect(card.get_by_text(notified)).to_contain_text(declined)
    expect(card).not_to_contain_text("7021")
    tab.goto(f"/tickets/{called}")
    entries = tab.locator(".timeline-event", has_text=notified)
    expect(entries).to_have_count(2)
    expect(entries.first).to_contain_text(declined)
    expect(entries.last).to_contain_text(unanswered)
