"""Two weeks in the life of the house, written as the telephones would have written them; only for a home of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from models.guests import stays, wakeup_rows, wakeups
from models.guests.wakeup_rows import OrderedBy, WakeupRequest
from models.guests.wakeups import WakeupHow
from models.health import canaries
from models.instance.home import PROJECT_ROOT
from models.instance.instance import RunningInstance
from models.people import people, presence
from models.people.owners_file import OwnerRow
from models.roster import duty_log, roster
from models.roster.roster_file import read_roster
from models.states.people import PresenceState
from models.states.tickets import Severity, Source, TicketKind, TicketState
from models.tickets import dispatch, intake, promises, tickets
from models.tickets.intake import Facts
from phones.demo import talks

OWNERS = (
    ("王建国", "3", "1201", "13900139000"),
    ("李秀英", "1", "302", "13800138001"),
    ("张伟", "6", "1804", "13700137002"),
    ("刘洋洋", "2", "905", "13600136003"),
    ("Mary Smith", "5", "1102", "13500135004"),
    ("赵丽", "4", "701", "13300133005"),
)


@dataclass(frozen=True)
class Concern:
    """What somebody called about: how long ago, and how far it has come."""

    hours: float
    owner: int
    kind: TicketKind
    problem: str
    need: str
    states: Sequence[TicketState] = ()
    department: str | None = None
    promised_in_hours: float | None = None
    severity: Severity | None = None
    about: str | None = None


_S = TicketState
_TO_WORK = (_S.DISPATCHED, _S.ACCEPTED, _S.ON_SITE)
_WORKSHOP = "engineering"
CONCERNS = (
    Concern(0.4, 0, TicketKind.URGENT_REPAIR, "厨房水管爆裂，水漫到走廊", "立即派人关阀", _TO_WORK[:1], _WORKSHOP),
    Concern(1.2, 1, TicketKind.REPAIR, "客厅空调不制冷", "今天上门检查", _TO_WORK[:2], _WORKSHOP, 6),
    Concern(3, 2, TicketKind.COMPLAINT, "楼上周末装修，噪声大", "制止并答复", (), "management", 20, Severity.ORDINARY),
    Concern(5, 3, TicketKind.REPAIR, "单元门禁读卡失灵", "尽快修复", _TO_WORK, _WORKSHOP, 4),
    Concern(8, 4, TicketKind.ENQUIRY, "Where can visitors park overnight?", "an answer by telephone", (_S.DONE,)),
    Concern(20, 5, TicketKind.REPAIR, "卫生间地漏返味", "查找原因", (*_TO_WORK, _S.DONE), _WORKSHOP),
    Concern(26, 1, TicketKind.SUGGESTION, "建议在 2 号楼前加装自行车架", "书面答复"),
    Concern(30, 2, TicketKind.COMPLAINT, "前日来电等待过长", "改进并答复", severity=Severity.ORDINARY, about="7003"),
)
GUESTS = ("陈明", "Anna Berg", "周杰")
DONE = "已处理"
LOG = "2 栋 1 号电梯今日 14 点至 18 点维保，已通知业主。"


def fill(instance: RunningInstance) -> None:
    """Writes everything up to now. Raises StoreUnavailable."""
    at, store = instance.clock.now(), instance.store
    store.write(people.import_owners, list(_owners()), who="demo", at=at)
    wanted = read_roster(PROJECT_ROOT / "roster.example.toml", instance.site)
    store.write(roster.install, wanted, who="demo", at=at - timedelta(days=7), dates=instance.site.days, days=28)
    talks.fill(instance, [phone for *_, phone in OWNERS], at)
    for concern in CONCERNS:
        store.write(_ticket, concern, instance, at)
    store.write(_rooms, instance, at)
    _wakeups(instance, at)
    store.write(presence.say, "7004", PresenceState.BREAK, at=at - timedelta(minutes=12))
    store.write(canaries.write, at=at - timedelta(minutes=1), ms=1850, failed=None)
    store.write(duty_log.write, LOG, who="7050", at=at - timedelta(hours=4))


def _owners() -> Iterator[OwnerRow]:
    for line, (name, building, unit, phone) in enumerate(OWNERS, 2):
        yield OwnerRow(line, name, building, unit, (phone,))


def _ticket(session: Session, concern: Concern, instance: RunningInstance, at: datetime) -> None:
    name, building, room, phone = OWNERS[concern.owner]
    opened, policy = at - timedelta(hours=concern.hours), instance.policy
    facts = Facts(
        contact_name=name,
        contact_number=phone,
        problem=concern.problem,
        need=concern.need,
        building=building,
        room=room,
        severity=concern.severity,
    )
    ticket = intake.new(
        session,
        kind=concern.kind,
        source=Source.TELEPHONE,
        facts=facts,
        who="7001",
        at=opened,
        policy=policy,
        language="zh",
        about_staff=concern.about,
    )
    then = opened + timedelta(minutes=6)
    if concern.department and TicketState.DISPATCHED not in concern.states:
        dispatch.dispatch(session, ticket.id, department=concern.department, who="7001", at=then)
    if concern.promised_in_hours is not None:
        due = (at + timedelta(hours=concern.promised_in_hours)).astimezone(instance.site.time_zone)
        promises.make(session, ticket.id, due_at=due, who="7001", at=then, policy=policy)
    for place, state in enumerate(concern.states):
        moment = then + timedelta(minutes=12 * place)
        if state is TicketState.DISPATCHED and concern.department:
            dispatch.dispatch(session, ticket.id, department=concern.department, assignee="7020", who="7001", at=moment)
        else:
            tickets.move(session, ticket.id, to=state, who="7020", at=moment, text=DONE, told=True, policy=policy)


def _rooms(session: Session, instance: RunningInstance, at: datetime) -> None:
    for number, name in zip(instance.site.rooms.phones, GUESTS, strict=False):
        language = "en" if name.isascii() else "zh"
        stays.check_in(session, number, [name], language=language, who="7001", at=at - timedelta(hours=20))


def _wakeups(instance: RunningInstance, at: datetime) -> None:
    desk = OrderedBy("7001", WakeupHow.FRONT_DESK, instance.policy.wake_up, instance.site.time_zone)
    for number, wanted in zip(instance.site.rooms.phones, (time(6, 30), time(7, 15)), strict=False):
        on = wakeups.next_date(wanted, at, instance.site.time_zone)
        wakeup_rows.take(instance.store, WakeupRequest(number, wanted, on), desk, at=at)
