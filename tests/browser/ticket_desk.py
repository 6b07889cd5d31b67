"""A desk that opens tickets as the telephone or the counter would, for the stories of their pages."""

from datetime import timedelta

from playwright.sync_api import Page

from models.clock import SystemClock
from models.database.store import Store
from models.people import access_log
from models.policy import Policy
from models.states.tickets import Source, TicketKind, TicketState
from models.tables import FIRST_NUMBER, AccessEntry, Ticket
from models.tickets import dispatch, intake, tickets
from models.tickets.intake import Facts


class Desk:
    """Opens tickets as the telephone or the counter would."""

    def __init__(self, store: Store, policy: Policy) -> None:
        self.store, self.policy = store, policy
        self.now = SystemClock().now()

    def opens(self, problem: str = "厨房漏水", *, hours: float = 0, **facts: str) -> int:
        known = Facts(**{"contact_name": "王建国", "contact_number": "13900139000", "need": "派人修理"} | facts)  # type: ignore[arg-type]
        given = {"kind": TicketKind.REPAIR, "source": Source.VISIT, "who": "7001", "language": "zh"}
        whole = Facts(**vars(known) | {"problem": problem})
        at = self.now - timedelta(hours=hours)
        return self.store.write(intake.new, facts=whole, at=at, policy=self.policy, **given).number  # type: ignore[arg-type]

    def sends(self, number: int, department: str, assignee: str | None = None) -> None:
        given = {"department": department, "assignee": assignee, "who": "7001", "at": self.now}
        self.store.write(dispatch.dispatch, number - FIRST_NUMBER, **given)  # type: ignore[arg-type]

    def moves(self, number: int, to: TicketState) -> None:
        self.store.write(tickets.move, number - FIRST_NUMBER, to=to, who="7050", at=self.now, policy=self.policy)

    def state(self, number: int) -> TicketState:
        return self.store.read(lambda session: session.get_one(Ticket, number - FIRST_NUMBER).state)


def open_act(tab: Page, name: str) -> None:
    tab.locator("summary", has_text=name).click()


def logged(store: Store) -> list[AccessEntry]:
    return [entry for entry in store.read(access_log.newest, limit=5) if entry.what != "import"]


def sees_no_such_page(tab: Page, path: str) -> bool:
    answered = tab.request.get(path)
    return answered.status == 404
