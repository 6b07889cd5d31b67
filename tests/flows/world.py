"""The hotline of a story: the real conversations and the real store, between the fake Asterisk and virtual time."""

import asyncio
import logging
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event, select

from ivr.app import Reception
from ivr.clicks import Clicks
from ivr.desk import Desk
from ivr.flows.registry import CONVERSATIONS
from ivr.house import House
from ivr.ledger import Ledger
from ivr.meter import Meter
from ivr.outbox import Outbox
from ivr.recovery import Recovery
from models.calls import calls
from models.database.store import Store
from models.instance.home import Home
from models.policy import Policy
from models.site import Site
from models.states.calls import CallState
from models.tables import Call, Recording, RingRow, Talk, Task, Ticket, TrunkCall
from recordings import prompts
from tests.fakes.application import FakeAri
from tests.fakes.people import FakeCaller, FakePhone
from tests.fakes.switch import FakeSwitch
from tests.fakes.virtual_time import VirtualClock, VirtualLoop

OWNER = "13900000001"
"""张三, building 3, room 1201."""
STRANGER = "13800138000"
PINS = {"7050": "482913", "7060": "550716"}
"""A number that may listen to talks."""


def open_store(file: Path) -> Store:
    """Without waiting for the disk: a test loses nothing when the machine stops."""
    store = Store(f"sqlite:///{file}")
    event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    return store


class Complaints(logging.Handler):
    """Errors that the program has logged."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(self.format(record))


class Hotline:
    """The world of a story. All staff of the example site have phones, which nobody answers by default."""

    def __init__(self, loop: VirtualLoop, store: Store, site: Site, policy: Policy, start: datetime) -> None:
        self.site = site
        self.policy = policy
        self.store = store
        self.home = Home(Path(store.engine.url.database or "").parent)
        self.clock = VirtualClock(loop, start)
        self.switch = FakeSwitch(self.clock)
        self.errors_expected = False
        self._complaints = Complaints()
        self._work: asyncio.Task[None] | None = None
        self._callers: list[FakeCaller] = []
        for person in site.staff:
            self.switch.phone(person.number)
        self.employ()

    def employ(self) -> None:
        """A new process of ours, with nothing in memory of the one before."""
        self.ari = FakeAri(self.switch, self.site.node)
        ledger = Ledger(self.store, self.clock, threads=None)
        desk = Desk(self.ari, ledger, self.site, self.policy)
        self.house = House(self.home, self.site, self.policy, ledger, desk, prompts.GREETING, PINS, CONVERSATIONS)

    def rules(self, section: str, **values: Any) -> None:
        """Another policy, before the first call."""
        changed = getattr(self.policy, section).model_copy(update=values)
        self.policy = self.policy.model_copy(update={section: changed})
        self.employ()

    # -- the process --------------------------------------------------------------------------------------------------

    async def serve(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            reception = self.reception = Reception(self.ari, self.house, tasks)
            recovery = Recovery(self.ari, self.house, reception.adopt, reception.cut_off)
            tasks.create_task(self.ari.run())
            tasks.create_task(recovery.forever())
            tasks.create_task(reception.receive())
            tasks.create_task(Meter(self.ari, self.house).forever())
            tasks.create_task(Outbox(self.ari, self.house, reception.drive, tasks, recovery.compared).forever())
            tasks.create_task(Clicks(self.ari, self.house, reception.drive, tasks, recovery.compared).forever())

    async def begin(self) -> None:
        self._work = asyncio.create_task(self.serve())
        await self.ari.connected.wait()

    async def is_killed(self) -> None:
        """Our process ends in the middle of everything."""
        assert self._work is not None
        self._work.cancel()
        await asyncio.gather(self._work, return_exceptions=True)

    async def is_restarted(self) -> None:
        await self.is_killed()
        self.employ()
        await self.begin()

    async def __aenter__(self) -> "Hotline":
        logging.getLogger("ivr").addHandler(self._complaints)
        await self.begin()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                await self._nothing_is_left()
        finally:
            logging.getLogger("ivr").removeHandler(self._complaints)
            await self.is_killed()

    async def _nothing_is_left(self) -> None:
        """Every call is over, in the rows and in Asterisk, and no call was cut off by a fault of ours."""
        for phone in self.switch.phones.values():
            if phone.channel is not None and phone.channel.id.startswith("own-"):
                phone.hangs_up()
        for caller in self._callers:
            await caller.is_hung_up()
        await asyncio.sleep(self.policy.recovery.every_s + 5)
        messages = "\n".join(caller.story() for caller in self._callers)
        assert list(self.switch.channels) == [], messages
        assert list(self.switch.bridges) == []
        assert self.switch.missing == set(), "prompts that do not exist"
        assert self.house.desk._taken == set(), "phones that are kept for nobody"
        assert self.ari.listeners == {}, "streams that nobody closed"
        assert self.every(Call, state=CallState.ACTIVE) == []
        assert self.every(RingRow, outcome=None) == []
        assert self.every(Talk, ended_at=None) == []
        assert self.every(TrunkCall, ended_at=None) == []
        if not self.errors_expected:
            assert self._complaints.messages == []

    # -- people -------------------------------------------------------------------------------------------------------

    def phone(self, number: str) -> FakePhone:
        return self.switch.phones[number]

    def only(self, *numbers: str) -> list[FakePhone]:
        """Only these phones are registered."""
        for number, phone in self.switch.phones.items():
            phone.online = number in numbers
        return [self.switch.phones[number] for number in numbers]

    def dial(self, line: str = "8000", number: str = OWNER, account: str | None = None) -> FakeCaller:
        caller = self.switch.dial(line, number, self.policy.call.longest_minutes * 60, account)
        self._callers.append(caller)
        return caller

    # -- what is written ----------------------------------------------------------------------------------------------

    def every(self, table: type[Any], **fields: Any) -> list[Any]:
        return self.store.read(lambda s: list(s.scalars(select(table).filter_by(**fields).order_by(table.id))))

    def record(self, number: str = OWNER) -> calls.CallRecord:
        """The newest call from this number."""
        call = self.every(Call, caller_number=number)[-1]
        record = self.store.read(calls.record, call.id)
        assert record is not None
        return record

    def rings(self, number: str = OWNER) -> list[tuple[str, str | None, int, str | None]]:
        """(stage, staff number, rings, outcome) of every phone rung for the newest call of this number."""
        return [(r.stage, r.staff_number, r.rings, r.outcome) for r in self.record(number).rings]

    def ticket(self, number: str = OWNER) -> Ticket:
        """The ticket of the newest call from this number."""
        (ticket,) = self.every(Ticket, id=self.record(number).call.ticket_id)
        assert isinstance(ticket, Ticket)
        return ticket

    def tickets(self) -> list[Ticket]:
        return self.every(Ticket)

    def tasks(self) -> list[Task]:
        return self.every(Task)

    def recordings(self) -> list[Recording]:
        return self.every(Recording)
