"""What `hotline roster` and `handover` change: the import, swaps and absences with their decision, handovers."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from hotline.roster.lists import no_handover, no_request
from hotline.terminal.acting import Acting
from models import enrolment
from models.clock import SystemClock
from models.roster import handovers, roster, swaps
from models.roster.roster_file import read_roster
from models.roster.swaps import Swap, SwapKind


def import_roster(acting: Acting, file: Path | None) -> None:
    """Prints how many duties change. Raises ConfigError with every wrong line, StoreUnavailable."""
    path = file or acting.this.home.roster_file
    wanted, store = read_roster(path, acting.this.site), acting.this.open_store()
    days = acting.this.policy.roster.horizon_days
    store.write(enrolment.enrol, acting.this.site)
    done = store.write(
        roster.install,
        wanted,
        who=acting.who,
        at=SystemClock().now(),
        dates=acting.this.site.days,
        days=days,
    )
    acting.print(
        f"已导入 {len(wanted.shifts)} 个班次；今后 {days} 天：新增 {done.added} 人次，"
        f"取消 {done.removed}，不变 {done.unchanged}",
        f"{len(wanted.shifts)} shifts imported; for the next {days} days: {done.added} "
        f"turns added, {done.removed} removed, {done.unchanged} unchanged",
    )


def ask_swap(
    acting: Acting, staff: str, with_staff: str, day: date, back: date | None, shift: str | None, reason: str
) -> None:
    """Raises SwapRefused, StoreUnavailable."""
    store = acting.this.open_store()
    store.write(enrolment.enrol, acting.this.site)
    swap = store.write(
        swaps.ask_swap,
        staff,
        with_staff,
        day,
        back=back,
        shift=shift,
        reason=reason,
        by=acting.who,
        at=SystemClock().now(),
        zone=acting.this.site.time_zone,
    )
    _print_asked(acting, swap)


def ask_absence(
    acting: Acting, staff: str, start: datetime, end: datetime, with_staff: str | None, reason: str
) -> None:
    """A last day without a time counts as a whole day. Raises SwapRefused, StoreUnavailable."""
    zone, store = acting.this.site.time_zone, acting.this.open_store()
    if end.hour == end.minute == 0:
        end += timedelta(days=1)
    store.write(enrolment.enrol, acting.this.site)
    first, last = (moment.replace(tzinfo=zone).astimezone(UTC) for moment in (start, end))
    swap = store.write(
        swaps.ask_absence,
        staff,
        first,
        last,
        with_staff=with_staff,
        reason=reason,
        by=acting.who,
        at=SystemClock().now(),
    )
    _print_asked(acting, swap)


def approve(acting: Acting, number: int) -> None:
    """Raises SwapRefused, NoSuchRow, StoreUnavailable."""
    days = acting.this.policy.roster.horizon_days
    try:
        at, dates = SystemClock().now(), acting.this.site.days
        done = acting.this.open_store().write(swaps.approve, number, by=acting.who, at=at, dates=dates, days=days)
    except LookupError as error:
        raise no_request(number, acting.this) from error
    acting.print(
        f"申请 {number} 已由 {acting.who} 批准，值班表改动 {done.added + done.removed} 处",
        f"request {number} is approved by {acting.who}; {done.added + done.removed} turns of the roster changed",
    )


def refuse(acting: Acting, number: int, why: str) -> None:
    """Raises SwapRefused, NoSuchRow, StoreUnavailable."""
    try:
        acting.this.open_store().write(swaps.refuse, number, by=acting.who, why=why, at=SystemClock().now())
    except LookupError as error:
        raise no_request(number, acting.this) from error
    acting.print(f"申请 {number} 未批准：{why}", f"request {number} is refused: {why}")


def give(acting: Acting, note: str) -> None:
    """Raises HandoverRefused, StoreUnavailable."""
    one = acting.this.open_store().write(handovers.give, acting.who, note, at=SystemClock().now())
    acting.print(
        f"交接 {one.id} 已交班（{acting.who}），待接班人：话机拨 *30，或 .venv/bin/hotline handover take 工号",
        f"handover {one.id} is given by {acting.who}; the next shift takes it: *30 at the telephone, or "
        "`.venv/bin/hotline handover take STAFF`",
    )


def take(acting: Acting, number: int | None) -> None:
    """Takes one handover, or all that this person may take. Raises HandoverRefused, NoSuchRow, StoreUnavailable."""
    now, by = SystemClock().now(), acting.who

    def write(session: Session) -> list[tuple[int, list[int]]]:
        if number is None:
            taken = [(one.id, tickets) for one, tickets in handovers.take_all(session, by, at=now)]
        else:
            taken = [(number, handovers.take(session, number, by, at=now))]
        return [(id, [ticket.number for ticket in tickets]) for id, tickets in taken]

    try:
        done = acting.this.open_store().write(write)
    except LookupError as error:
        raise no_handover(number or 0, acting.this) from error
    for id, numbers in done:
        listed = ", ".join(map(str, numbers)) or acting.words("无", "none")
        acting.print(
            f"{by} 已接收交接 {id}；现为首问责任人的工单：{listed}",
            f"{by} has taken over handover {id}; now first receiver of: {listed}",
        )
    if not done:
        acting.print(f"没有待 {by} 接收的交接", f"there is nothing for {by} to take over")


def _print_asked(acting: Acting, swap: Swap) -> None:
    what = acting.words("换班", "swap") if swap.kind is SwapKind.SWAP else acting.words("请假", "absence")
    zone = acting.this.site.time_zone
    when = f"{swap.starts_at.astimezone(zone):%m-%d %H:%M}-{swap.ends_at.astimezone(zone):%m-%d %H:%M}"
    acting.print(
        f"{what}申请 {swap.id} 已登记（{when}），待经理批准：.venv/bin/hotline roster approve {swap.id} --by 工号",
        f"{what} {swap.id} is requested ({when}); it takes effect once a manager approves it: "
        f".venv/bin/hotline roster approve {swap.id} --by STAFF",
    )
