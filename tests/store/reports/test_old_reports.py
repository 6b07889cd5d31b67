"""The report of an ended period is the same whenever it is made."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.database.store import Store
from models.policy import Policy
from models.reports.period import Period, PeriodKind
from models.reports.report import make
from models.states.tickets import TicketKind, TicketState
from models.tables import Call
from models.tickets import tickets

pytestmark = pytest.mark.store


def test_a_ticket_reopened_later_has_no_new_clocks_in_an_old_report(
    store: Store, policy: Policy, noon: datetime, begin_call: Callable[..., Call]
) -> None:
    """R06-4, R10-4: a ticket of Monday, reopened on Thursday, is late or in time on Thursday."""
    opened = {"kind": TicketKind.REPAIR, "call_id": begin_call().id, "at": noon, "policy": policy}
    ticket = store.write(tickets.open, **opened)
    store.write(tickets.move, ticket.id, to=TicketState.DONE, who="system", at=noon + timedelta(hours=1))
    period = Period.around(PeriodKind.DAY, noon.date(), ZoneInfo("Asia/Shanghai"))

    def figures() -> list[object]:
        report = store.read(lambda session: make(session, period, policy=policy, at=noon + timedelta(days=9)))
        return [(counted.section.key, counted.now) for counted in report.sections]

    before = figures()
    thursday = noon + timedelta(days=3)
    store.write(tickets.move, ticket.id, to=TicketState.REOPENED, who="caller", at=thursday, policy=policy)
    assert figures() == before
