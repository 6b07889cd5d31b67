"""Every scan and every list, in the same queries that the scheduler and the commands make."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy.orm import Session

from console.pages.tickets import reading
from console.pages.tickets.filters import Filters
from console.pages.visitor import Visitor
from console.pages.work import routes as work
from models.calls import calls, recordings
from models.health import open_work
from models.instance.instance import RunningInstance
from models.people import access_log, people
from models.people.rights import Person, rights_of
from models.reports.period import Period, PeriodKind
from models.reports.report import make
from models.states.tickets import TicketKind
from models.surveys import surveys
from models.tables import FIRST_NUMBER
from models.text.masking import Shown
from models.tickets import escalations, first_receiver, tasks, tickets
from models.tickets import search as ticket_search
from models.tickets.search import TicketQuery
from scheduler.scans import SCANS
from scheduler.scope import Scope

Look = Callable[[], Any]
NOT_OF_THE_STORE = {"backup"}
"""It copies the whole file, which grows with the history."""
HAVE_WORK = ("first_asked", "escalations", "follow_ups")
"""They find more than two hundred due rows each at the beginning."""
_SHOWN = 20
_NOWHERE = "a word that nobody has written"
"""A search that ends early would measure where its words are rather than the history."""


def scans(scope: Scope) -> dict[str, Look]:
    """By name, in their order."""
    return {scan.name: _look(scope, scan.look) for scan in SCANS if scan.name not in NOT_OF_THE_STORE}


def _look(scope: Scope, scan: Callable[[Scope], int]) -> Look:
    return lambda: scan(scope)


def lists(scope: Scope, newest: int) -> dict[str, Look]:
    """What the desk asks for, by the command that asks; `newest` is the id of the newest ticket."""
    now, today = scope.clock.now(), scope.clock.now().astimezone(scope.site.time_zone).date()

    def read(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Look:
        return lambda: scope.store.read(fn, *args, **kwargs)

    def search(**wanted: Any) -> Look:
        return read(ticket_search.search, TicketQuery(**wanted), shown=Shown(True), reader=None, limit=_SHOWN)

    def report(day: date) -> Look:
        period = Period.around(PeriodKind.DAY, day, scope.site.time_zone)
        return read(lambda session: make(session, period, policy=scope.policy, at=now))

    return {
        "hotline tickets": search(),
        "hotline tickets --open": search(open_only=True),
        "hotline tickets --late": search(late_at=now),
        "hotline tickets --kind complaint": search(kinds=(TicketKind.COMPLAINT,)),
        "hotline tickets --caller": search(caller="13800000007"),
        "hotline tickets --room": search(building="b", room="7"),
        "hotline tickets --assignee": search(assignee="7020"),
        "hotline tickets --first-receiver": search(first_receiver="7001"),
        "hotline tickets --open --text (nowhere)": search(open_only=True, text=_NOWHERE),
        "hotline tickets --text (nowhere)": search(text=_NOWHERE),
        "hotline tickets N": read(tickets.get, newest),
        "hotline tickets mine": read(first_receiver.mine, "7001", limit=_SHOWN),
        "hotline tasks": read(tasks.pending, limit=_SHOWN),
        "hotline calls": read(calls.recent, limit=_SHOWN),
        "hotline escalations": read(escalations.going_on, limit=_SHOWN),
        "hotline recordings": read(recordings.newest, limit=_SHOWN),
        "hotline survey": read(surveys.newest, limit=_SHOWN),
        "hotline access": read(access_log.newest, limit=_SHOWN),
        "hotline status": lambda: scope.store.read(open_work.counted, now),
        "hotline report --day (yesterday)": report(today - timedelta(days=1)),
        "the caller's entry in the directory": read(people.owner_by_number, "13800000007"),
        "the caller's open tickets": read(tickets.open_of, owner_id=7, unit_id=7, limit=3),
    }


def pages(scope: Scope, newest: int) -> dict[str, Look]:
    """What the pages of tickets ask for, by address: a whole page each time, with counts and all fields."""
    instance = RunningInstance(scope.home, scope.site, scope.policy, scope.store, scope.clock)
    agent, technician = (_person(instance, number) for number in ("7001", "7020"))

    def listed(address: str, person: Person) -> Look:
        filters, visitor = Filters.of(dict(parse_qsl(address))), _visitor(instance, person)
        return lambda: scope.store.read(reading.rows, visitor, filters)

    later = f"behind={newest - 500 + FIRST_NUMBER}"
    return {
        "/tickets": listed("", agent),
        "/tickets?behind=N": listed(later, agent),
        "/tickets?late=1": listed("late=1", agent),
        "/tickets?mine=1": listed("mine=1", agent),
        "/tickets (a technician)": listed("", technician),
        "/tickets?state=all": listed("state=all", agent),
        "/tickets?state=all&behind=N": listed(f"state=all&{later}", agent),
        "/tickets?state=closed": listed("state=closed", agent),
        "/tickets?state=all&building=b&room=7": listed("state=all&building=b&room=7", agent),
        "/tickets?q=(nowhere)": listed("q=" + _NOWHERE.replace(" ", "+"), agent),
        "/tickets/N": lambda: scope.store.read(reading.whole, _visitor(instance, agent), newest + FIRST_NUMBER),
        "/my-work": lambda: scope.store.read(work.cards, _visitor(instance, technician)),
    }


def _person(instance: RunningInstance, number: str) -> Person:
    one = instance.site.person(number)
    rights = rights_of(one.role, one.group, administrator=False, site=instance.site)
    return Person(one.number, one.name, one.role, one.group, rights, None, None, 1, instance.clock.now())


def _visitor(instance: RunningInstance, person: Person) -> Visitor:
    return Visitor(instance, person, instance.clock.now(), "zh", "", "/tickets")


def newest_ticket(session: Session) -> int:
    return tickets.recent(session, limit=1)[0].id
