"""`hotline roster swap`, `absent`, `approve`, `refuse`, `requests`: asked for, decided by a manager, kept on file."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.opening import Opened, operator
from hotline.terminal.wording import say, word
from hotline.tickets.lists import NoSuchTicket
from models import enrolment
from models.clock import SystemClock
from models.roster import swaps
from models.roster.swaps import Swap, SwapKind, SwapState

REQUESTS = ("id", "kind", "state", "staff", "with", "from", "until", "back", "reason", "decided_by", "why", "asked_by")


def ask_swap(
    this: Opened, staff: str, with_staff: str, day: date, back: date | None, shift: str | None, reason: str
) -> None:
    """Raises SwapRefused, StoreUnavailable."""
    store = this.open_store()
    store.write(enrolment.enrol, this.site)
    swap = store.write(
        swaps.ask_swap,
        staff,
        with_staff,
        day,
        back=back,
        shift=shift,
        reason=reason,
        by=operator(),
        at=SystemClock().now(),
        zone=this.site.time_zone,
    )
    _say_asked(this, swap)


def ask_absence(this: Opened, staff: str, start: datetime, end: datetime, with_staff: str | None, reason: str) -> None:
    """A last day without a time is meant as a whole. Raises SwapRefused, StoreUnavailable."""
    zone, store = this.site.time_zone, this.open_store()
    if end.hour == end.minute == 0:
        end += timedelta(days=1)
    store.write(enrolment.enrol, this.site)
    first, last = (moment.replace(tzinfo=zone).astimezone(UTC) for moment in (start, end))
    swap = store.write(
        swaps.ask_absence,
        staff,
        first,
        last,
        with_staff=with_staff,
        reason=reason,
        by=operator(),
        at=SystemClock().now(),
    )
    _say_asked(this, swap)


def approve(this: Opened, number: int, by: str) -> None:
    """Raises SwapRefused, NoSuchTicket, StoreUnavailable."""
    days = this.policy.roster.horizon_days
    try:
        at, dates = SystemClock().now(), this.site.days
        done = this.open_store().write(swaps.approve, number, by=by, at=at, dates=dates, days=days)
    except LookupError as error:
        raise _none(number, this) from error
    print(
        say(
            f"申请 {number} 已由 {by} 批准,值班表改动 {done.added + done.removed} 处",
            f"request {number} is approved by {by}; {done.added + done.removed} turns of the roster changed",
            this.language,
        )
    )


def refuse(this: Opened, number: int, by: str, why: str) -> None:
    """Raises SwapRefused, NoSuchTicket, StoreUnavailable."""
    try:
        this.open_store().write(swaps.refuse, number, by=by, why=why, at=SystemClock().now())
    except LookupError as error:
        raise _none(number, this) from error
    print(say(f"申请 {number} 未批准:{why}", f"request {number} is refused: {why}", this.language))


def list_requests(this: Opened, view: ListView, limit: int) -> None:
    """Raises StoreUnavailable."""
    rows = [_fields(swap) for swap in this.open_store().read(swaps.newest, limit=limit)]
    if view.as_json:
        print_json(rows)
        return
    waiting = {place for place, row in enumerate(rows) if row["state"] == SwapState.ASKED}
    print_table([_texts(row, this) for row in rows], REQUESTS, this.language, red=waiting)


def _fields(swap: Swap) -> dict[str, Any]:
    return {
        "id": swap.id,
        "kind": swap.kind.value,
        "state": swap.state.value,
        "staff": swap.staff_number,
        "with": swap.with_staff,
        "from": swap.starts_at,
        "until": swap.ends_at,
        "back": swap.back_at,
        "reason": swap.reason,
        "asked_by": swap.asked_by,
        "asked_at": swap.asked_at,
        "decided_by": swap.decided_by,
        "decided_at": swap.decided_at,
        "why": swap.why,
    }


def _texts(row: dict[str, Any], this: Opened) -> dict[str, str]:
    zone = this.site.time_zone
    times = {key: f"{row[key].astimezone(zone):%m-%d %H:%M}" if row[key] else "" for key in ("from", "until", "back")}
    texts = {key: str(row[key] or "") for key in REQUESTS} | times
    return texts | {key: word(row[key], this.language) for key in ("kind", "state")}


def _say_asked(this: Opened, swap: Swap) -> None:
    what = say("换班", "swap", this.language) if swap.kind is SwapKind.SWAP else say("请假", "absence", this.language)
    zone = this.site.time_zone
    when = f"{swap.starts_at.astimezone(zone):%m-%d %H:%M}-{swap.ends_at.astimezone(zone):%m-%d %H:%M}"
    print(
        say(
            f"{what}申请 {swap.id} 已登记({when}),待经理批准:hotline roster approve {swap.id} --by 工号",
            f"{what} {swap.id} is asked for ({when}); it holds once a manager has approved it: "
            f"hotline roster approve {swap.id} --by STAFF",
            this.language,
        )
    )


def _none(number: int, this: Opened) -> NoSuchTicket:
    return NoSuchTicket(say(f"没有申请 {number}", f"there is no request {number}", this.language))
