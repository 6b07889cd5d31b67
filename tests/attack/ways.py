"""All the ways in which the hotline rings a telephone; each happens while the telephones answer with a redirection."""

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.calls import calls
from models.clock import SystemClock
from models.guests import stays, wakeup_attempts, wakeups
from models.guests.wakeups import WakeupHow
from models.states.calls import EndedBy
from models.states.guests import Confirmed
from models.states.tickets import Source, TicketKind, TicketState
from models.tables import CallToMake, Wakeup, WakeupAttempt
from models.tickets import dispatch, intake, tickets
from models.tickets.intake import Facts
from phones.faults import kept_dead
from phones.raw import RawPhone
from phones.sip import RINGS_AND_ANSWERS, Reply
from scheduler import duty_phone
from scheduler.duty_phone import AlarmAbout
from tests.attack.rotation import Rotation
from tests.attack.world import NOBODY_HOME, Watch, World, dialled

DESK = ("7001", "7002", "7003", "7004")
_CIRCLE = (*DESK, "7010", "7050")
_LADDER = (*_CIRCLE, "7020", "7021", "7022", "7030", "7040", "7060")
_ROOMS = ("1101", "1102")
_SWITCHBOARD = "8003"
_A_PERSON_WITHIN_S = 40.0
_CUSTOMERS = tuple(f"1380013{n}" for n in range(8700, 8709))
_CALLERS = tuple(f"1380013{n}" for n in range(8710, 8713))
"""Not yet called today, as customers are."""
_OWED = "SELECT id FROM tasks WHERE state = 'open' AND kind = 'call-back' AND number = ?"
_names = itertools.count(1)


@dataclass(frozen=True)
class Way:
    """`rings`: whom the hotline chooses. `this_build`: it begins with rows that only this build's code can write.

    `leave` and `talks`: what may be dialled at the carrier, and how many conversations may be written, each of the
    `times` that it happens. `slow` ways are left out of the small form.
    """

    name: str
    rings: tuple[str, ...]
    happens: Callable[[World, Rotation], None]
    this_build: bool = False
    slow: bool = False
    leave: tuple[str, ...] = ()
    talks: int = 0
    times: int = 1
    kills: tuple[str, ...] = ()

    def may_leave(self, world: World) -> tuple[str, ...]:
        return self.leave * world.some(self.times, 1)

    def calls(self, world: World) -> int:
        return self.talks * world.some(self.times, 1)


def agents(world: World, answers: Rotation) -> None:
    """A caller wants a person (R05-2)."""
    world.answer_with(dict.fromkeys(_CIRCLE, answers))
    for _ in range(world.some(3, 1)):
        with world.outside() as caller:
            used = answers.used
            caller.invite(_SWITCHBOARD)
            answers.wait_used(used + len(_CIRCLE), 20)


def colleagues(world: World, answers: Rotation) -> None:
    """A colleague is dialled."""
    world.answer_with({"7001": answers})
    for _ in answers.answers:
        world.phones["7010"].invite("7001", password=world.password("7010"), rings=40)


def transfers(world: World, answers: Rotation) -> None:
    """The callee of a transfer, several times in each talk (R05-4)."""
    world.answer_with({"7020": answers, "7021": answers})
    for number in ("7020", "7021")[: world.some(2, 1)]:
        with talking(world) as (agent, _):
            for _ in range(world.some(5, 1)):
                transfer(agent, number, answers)


def transfer(agent: RawPhone, number: str, answers: Rotation) -> None:
    """The agent dials it, and gives no spoken reason as soon as it is asked for."""
    used = answers.used
    press(agent, f"*2{number}")
    for _ in range(15):
        agent.press("#")
        if answers.wait_used(used + 1, 1):
            break


def in_a_talk(world: World, answers: Rotation) -> None:
    """Both sides of a talk send REFER, plain and with Replaces, and a stranger an INVITE with Replaces."""
    targets = [f"<sip:{user}@{world.host}>" for user in ("1103", "110", "16812345", "PJSIP%2F1103")]
    with talking(world) as (agent, caller):
        for phone in (agent, caller):
            assert phone.dialog is not None
            call = phone.dialog
            tags = f"to-tag%3D{call.remote.partition('tag=')[2]}%3Bfrom-tag%3D{call.local.partition('tag=')[2]}"
            for target in [*targets, f"<sip:1103@{world.host}?Replaces={call.call_id}%3B{tags}>"]:
                phone.send("REFER", [f"Refer-To: {target}", f"Referred-By: <sip:{phone.number}@{world.host}>"])
                answers.used += 1
                # Its answer shows that what came before has been read.
                phone.request("OPTIONS")
            ours, theirs = call.local.partition("tag=")[2], call.remote.partition("tag=")[2]
            replaces = [f"Replaces: {call.call_id};to-tag={ours};from-tag={theirs}"]
            # A stranger who has guessed passwords is no longer answered.
            with world.outside("127.0.0.3") as thief, suppress(AssertionError):
                answers.used += 1
                thief.invite("8000", headers=replaces, rings=5)


def wake_ups(world: World, answers: Rotation) -> None:
    """Guests' telephones are rung again and again (R21-11); then staff are sent to knock."""
    world.answer_with({**dict.fromkeys(_ROOMS, answers), **dict.fromkeys(_LADDER, answers)})
    for room in _ROOMS:
        order(world, room)
    answers.wait_used(len(answers.answers), 60)
    for room in _ROOMS:
        world.hotline.store.write(wakeup_attempts.confirm, room, by="7040", how=Confirmed.CODE, at=SystemClock().now())


def order(world: World, room: str) -> None:
    """A wake-up of this room now: one ordered for tomorrow, with its time moved forward."""
    hotline, now = world.hotline, SystemClock().now()
    rules, zone = hotline.policy.wake_up, hotline.site.time_zone
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    booked = {"by": "7001", "how": WakeupHow.FRONT_DESK, "at": now, "rules": rules, "zone": zone}
    hotline.store.write(stays.check_in, room, ["王建国"], language="zh", who="7001", at=now)
    made = hotline.store.write(wakeups.book, room, time(6, 30), on=tomorrow, **booked)
    (wakeup,) = hotline.store.read(wakeups.open_ones, made.id)

    def come(session: Session) -> None:
        row = session.get_one(Wakeup, wakeup.id)
        attempt = session.scalars(select(WakeupAttempt).where(WakeupAttempt.wakeup_id == wakeup.id)).one()
        call = session.scalars(select(CallToMake).where(CallToMake.channel_id == attempt.channel_id)).one()
        row.due_at = row.wake_at = attempt.due_at = call.due_at = now
        row.knock_at = now + timedelta(minutes=rules.knock.attendant_minutes)

    hotline.store.write(come)


def ladders(world: World, answers: Rotation) -> None:
    """Staff are called about an urgent repair (R08-2)."""
    world.answer_with(dict.fromkeys(_LADDER, answers))
    store = world.hotline.store
    opened = {"kind": TicketKind.URGENT_REPAIR, "source": Source.VISIT, "language": "zh", "who": "7001"}
    for _ in range(world.some(3, 1)):
        used = answers.used
        ticket = store.write(tickets.open_told, **opened, at=SystemClock().now(), policy=world.hotline.policy)
        # The technician, the lead and the general manager.
        answers.wait_used(used + 3, 40)
        store.write(tickets.move, ticket.id, to=TicketState.DONE, who="system", at=SystemClock().now())


def follow_ups(world: World, answers: Rotation) -> None:
    """Customers are called over the trunk, and their telephones forward the call (R07-5)."""
    world.carrier.when_rung = answers
    for first in range(0, world.some(9, 3), 3):
        numbers, seen = _CUSTOMERS[first : first + 3], len(world.carrier.rung)
        for number in numbers:
            is_done(world, number)
        world.carrier.wait(lambda n=numbers, s=seen: set(n) <= called(world, s), "follow-up calls", 60)


def called(world: World, seen: int) -> set[str]:
    """The numbers dialled at the carrier after the first `seen` calls."""
    return {dialled(message) for message in world.carrier.rung[seen:]}


def is_done(world: World, number: str) -> None:
    """A repair reported from this number to 7001 is done."""
    store, at, policy = world.hotline.store, SystemClock().now(), world.hotline.policy
    begin = {"line": "8000", "caller_number": number, "language": "zh", "at": at}
    call = store.write(calls.begin, channel_id=f"attack-{next(_names)}", **begin)
    ticket = store.write(tickets.open, kind=TicketKind.REPAIR, call_id=call.id, at=at, policy=policy)
    store.write(calls.end, call.id, by=EndedBy.AGENT, reason="completed", at=at)
    store.write(tickets.receive, ticket.id, "7001", at=at)
    store.write(tickets.move, ticket.id, to=TicketState.DONE, who="system", at=at)


def call_backs_customer(world: World, answers: Rotation) -> None:
    """A customer is called back over the trunk (R17-1)."""
    for number in _CUSTOMERS[: world.some(3, 1)]:
        give_up(world, number)
        for task in call_backs(world, number):
            call_back(world, task, answers)


def give_up(world: World, number: str) -> None:
    """A caller of this number hangs up before anybody answers."""
    with world.outside(number=number) as caller:
        watch = Watch(world)
        caller.invite(_SWITCHBOARD)
        world.hotline.until(watch.rang, "ring for the caller", _A_PERSON_WITHIN_S)
    world.at_rest()


def call_backs(world: World, number: str) -> list[int]:
    """The tasks to call this number back."""
    return [task for (task,) in world.rows(_OWED, number)]


def call_back(world: World, task: int, answers: Rotation | None = None) -> None:
    """Agent 7001 makes it, and agrees to it by key when the telephone rings."""
    agent = world.phones["7001"]
    world.answer_with({"7001": RINGS_AND_ANSWERS})
    world.carrier.when_rung = answers or NOBODY_HOME
    making = threading.Thread(target=world.command, args=("call-back", str(task), "--staff", "7001"), daemon=True)
    rung, left = len(agent.rung), len(world.carrier.rung)
    making.start()
    while making.is_alive() and len(world.carrier.rung) == left:
        if len(agent.rung) > rung and agent.dialog is not None and not agent.dialog.ended:
            with suppress(AssertionError):
                agent.press("1")
        making.join(0.5)
    world.settled(10)
    if agent.dialog is not None and not agent.dialog.ended:
        agent.request("BYE")
    making.join(60)


def due_call_backs(world: World, answers: Rotation) -> None:
    """A call back is made by itself, and first an agent is rung (R17-1)."""
    for number in _CALLERS[: world.some(3, 1)]:
        world.answer_with({})
        with world.outside(number=number) as caller:
            watch = Watch(world)
            caller.invite(_SWITCHBOARD)
            world.hotline.until(watch.rang, "ring for the caller", _A_PERSON_WITHIN_S)
        world.answer_with(dict.fromkeys(_CIRCLE, answers))
        world.at_rest()


def notices(world: World, answers: Rotation) -> None:
    """The department is called at once about a ticket that is new to it (R10-1)."""
    world.answer_with(dict.fromkeys(_LADDER, answers))
    store, policy = world.hotline.store, world.hotline.policy
    web = {"source": Source.WEB, "facts": Facts(problem="漏水"), "who": "attack", "language": "zh", "policy": policy}
    for kind in (TicketKind.COMPLAINT, TicketKind.SUGGESTION, TicketKind.REPAIR)[: world.some(3, 1)]:
        ticket = store.write(intake.new, kind=kind, at=SystemClock().now(), **web)
        if kind is TicketKind.REPAIR:
            at = SystemClock().now()
            store.write(dispatch.dispatch, ticket.id, department="engineering", who="7001", at=at)
        world.at_rest()
        store.write(tickets.move, ticket.id, to=TicketState.DONE, who="system", at=SystemClock().now())


def alarms(world: World, answers: Rotation) -> None:
    """The monitoring centre is rung by the scheduler's own call (R17-5)."""
    world.answer_with({"7030": answers})
    for number in range(len(answers.answers)):
        duty_phone.ring(world.hotline.home, world.hotline.site, f"attack-alarm-{next(_names)}", AlarmAbout.LINE)
        answers.wait_used(number + 1, 10)
        world.settled(10)


def emergency_desk(world: World, answers: Rotation) -> None:
    """The front desk is notified of an emergency call, and again while nobody answers it."""
    world.carrier.when_rung = (Reply("180 Ringing"),)
    for _ in range(world.some(3, 1)):
        used = answers.used
        world.answer_with(dict.fromkeys(DESK, answers))
        room = world.phones["1101"]
        if room.invite("110", password=world.password("1101"), rings=30).status == 200:
            answers.wait_used(used + 2 * len(DESK), world.some(20, 5))
            room.request("BYE")
        world.settled(10)


def fallback(world: World, answers: Rotation) -> None:
    """The application is dead, and the fallback rings the staff on duty."""
    world.answer_with(dict.fromkeys(_CIRCLE, answers))
    with kept_dead(world.hotline, "ivr"):
        for _ in range(world.some(3, 1)):
            with world.outside() as caller:
                used = answers.used
                caller.invite("8000")
                answers.wait_used(used + len(DESK), _A_PERSON_WITHIN_S)


@contextmanager
def talking(world: World) -> Iterator[tuple[RawPhone, RawPhone]]:
    """Agent 7001 and a caller."""
    agent = world.phones["7001"]
    before = len(agent.rung)
    agent.when_rung = RINGS_AND_ANSWERS
    with world.outside() as caller:
        caller.invite(_SWITCHBOARD)
        agent.wait_rung(before + 1, _A_PERSON_WITHIN_S)
        for _ in range(30):
            if world.rows("SELECT 1 FROM talks WHERE ended_at IS NULL"):
                break
            agent.press("1")
            threading.Event().wait(0.5)
        yield agent, caller
        if agent.dialog and not agent.dialog.ended:
            agent.request("BYE")


def press(phone: RawPhone, keys: str) -> None:
    for key in keys:
        phone.press(key)


WAYS: Sequence[Way] = (
    Way("an agent's ring", _CIRCLE, agents, talks=2, times=3),
    Way("a colleague's ring", ("7001",), colleagues),
    Way("a transfer's ring", (*_CIRCLE, "7020", "7021"), transfers, slow=True, talks=2, times=2),
    Way("a talk", _CIRCLE, in_a_talk, talks=1),
    Way("a wake-up's or knock's ring", (*_ROOMS, *_LADDER), wake_ups, this_build=True, slow=True, talks=100),
    Way("an escalation's ring", _LADDER, ladders, this_build=True, slow=True, talks=100),
    Way("a follow-up's ring", (), follow_ups, this_build=True, slow=True, leave=_CUSTOMERS * 2, talks=100),
    Way("a call back's ring", _CIRCLE, call_backs_customer, slow=True, leave=_CUSTOMERS[:3], talks=3, times=3),
    Way("a due call back's ring", _CIRCLE, due_call_backs, slow=True, talks=2, times=3),
    Way("a notice's ring", _LADDER, notices, this_build=True, slow=True, talks=100),
    Way("an alarm's ring", ("7030",), alarms),
    Way("an emergency notice's ring", DESK, emergency_desk, leave=("110",), times=3),
    Way("the fallback's ring", _CIRCLE, fallback, slow=True, talks=10, times=3, kills=("ivr",)),
)
