"""What leaves over a trunk is counted in rows, in the transaction that lets it out; so is what was refused (R20-5)."""

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from models.calls import gate
from models.calls.gate import Decision
from models.database.changes import in_turn
from models.database.numbers import here
from models.people import people
from models.policy import Policy
from models.policy.limits import OutLimits
from models.site import Site
from models.states.gate import Limit, NumberClass, Reach
from models.tables import Call, Talk, TrunkCall
from models.text.numbers import as_dialled

__all__ = ["Limit", "Reach", "TrunkCall"]

_BY_ITSELF = frozenset({Reach.FOLLOW_UP})
"""No person ever requests these calls."""
_NEAR = frozenset({NumberClass.LOCAL, NumberClass.MOBILE})
_HOUR = timedelta(hours=1)
_IS_MADE_WITHIN = timedelta(seconds=5)
"""After it was let out, a call has its channel."""


def let_out(
    session: Session,
    number: str | None,
    purpose: Reach,
    *,
    channel_id: str | None,
    site: Site,
    policy: Policy,
    at: datetime,
    trunk: str | None = None,
    by_itself: bool = False,
) -> Decision:
    """Decides about one call, and writes it. Without `channel_id` it only asks: then nothing but a refusal is written.
    `by_itself`: no person has requested it, as always with follow-up calls.

    Several processes take turns: together they let no more out than the limits allow. A call to one of our own
    telephones is not counted, as it rings inside.
    """
    decision = gate.decide(number, purpose, site, policy)
    if decision.extension is not None:
        return decision
    kept, known = (here(session, number) or as_dialled(number))[:40], True
    if decision.allowed:
        in_turn(session, TrunkCall.__tablename__)
        known = not (by_itself or purpose in _BY_ITSELF) or is_known(session, kept)
        limit = _limit(session, kept, purpose, site, policy, at)
        if limit is None and not known:
            limit = _limit_of_new(session, kept, decision.number_class, site, policy, at)
        if limit is not None:
            decision = decision.refused(limit)
    if decision.allowed and channel_id is None:
        return decision
    row = TrunkCall(number=kept, number_class=decision.number_class, purpose=purpose, known=known, decided_at=at)
    if decision.allowed:
        row.trunk, row.node, row.channel_id = trunk, site.node, channel_id
    else:
        row.reason, row.ended_at = decision.reason, at
    session.add(row)
    session.flush()
    return decision


def is_known(session: Session, number: str) -> bool:
    """Whether the directory has this number, or somebody has talked to us on it (R13-5)."""
    if people.owner_by_number(session, number) is not None:
        return True
    talked = select(Talk.id).join(Call, Call.id == Talk.call_id).where(Call.caller_number == number)
    return session.scalar(talked.limit(1)) is not None


def _limit(session: Session, number: str, purpose: Reach, site: Site, policy: Policy, at: datetime) -> Limit | None:
    """The limit of this purpose that is reached; the cheapest is looked at first, one of 0 not at all."""
    limits, since = policy.limits.of(purpose), _day_of(at, site)
    if 0 < limits.number_a_day <= _count(session, since, TrunkCall.number == number, TrunkCall.purpose == purpose):
        return Limit.NUMBER_A_DAY
    if 0 < limits.an_hour <= _count(session, at - _HOUR, TrunkCall.purpose == purpose):
        return Limit.AN_HOUR
    now = list(session.scalars(_going_on().where(TrunkCall.purpose == purpose)))
    if 0 < limits.at_once <= len(now):
        return Limit.AT_ONCE
    if limits.minutes_a_day or limits.money_a_day:
        return _used_up(session, limits, purpose, now, policy, since, at)
    return None


def _used_up(
    session: Session,
    limits: OutLimits,
    purpose: Reach,
    now: Collection[TrunkCall],
    policy: Policy,
    since: datetime,
    at: datetime,
) -> Limit | None:
    """With the talks that go on, as if they ended now."""
    used = select(func.coalesce(func.sum(TrunkCall.seconds), 0), func.coalesce(func.sum(TrunkCall.fen), 0)).where(
        TrunkCall.purpose == purpose, TrunkCall.decided_at >= since
    )
    seconds, fen = session.execute(used).one()
    for call in now:
        lasts = _seconds(call, at)
        seconds, fen = seconds + lasts, fen + policy.limits.price.fen(call.number_class, lasts)
    if 0 < limits.minutes_a_day * 60 <= seconds:
        return Limit.MINUTES_A_DAY
    return Limit.MONEY_A_DAY if 0 < limits.money_a_day * 100 <= fen else None


def _limit_of_new(
    session: Session, number: str, kind: NumberClass, site: Site, policy: Policy, at: datetime
) -> Limit | None:
    """Of a number that somebody else wrote, dialled without a person: near, once a day, and a few in an hour."""
    if kind not in _NEAR:
        return Limit.NOT_KNOWN
    if _count(session, _day_of(at, site), TrunkCall.number == number, TrunkCall.known.is_(False)):
        return Limit.NEW_TODAY
    others = _count(session, at - _HOUR, TrunkCall.known.is_(False))
    return Limit.NEW_AN_HOUR if others >= policy.limits.new_numbers_an_hour else None


def left(session: Session, since: datetime) -> int:
    """How many calls were let out since then; not those to mobiles of the staff, which an urgent ticket may ring all
    night."""
    return _count(session, since, TrunkCall.purpose != Reach.STAFF_MOBILE)


def refused(session: Session, since: datetime) -> int:
    """How many were refused since then; not those that only have to wait for another call to end."""
    waits = gate.reason_of(Limit.AT_ONCE)
    of = select(func.count()).select_from(TrunkCall).where(TrunkCall.decided_at >= since, TrunkCall.reason != waits)
    return session.scalar(of) or 0


def _count(session: Session, since: datetime, *which: ColumnElement[bool]) -> int:
    """How many of these were let out since then."""
    out = select(func.count()).select_from(TrunkCall).where(TrunkCall.decided_at >= since, TrunkCall.reason.is_(None))
    return session.scalar(out.where(*which)) or 0


def _day_of(at: datetime, site: Site) -> datetime:
    """The midnight with which the site's day began."""
    return datetime.combine(at.astimezone(site.time_zone).date(), time.min, site.time_zone)


# -- until they end ----------------------------------------------------------------------------------------------------


def going_on(session: Session, node: str) -> list[TrunkCall]:
    """The calls of this node that were let out and have not ended by our rows."""
    return list(session.scalars(_going_on().where(TrunkCall.node == node)))


def compare(
    session: Session,
    rows: Collection[TrunkCall],
    states: dict[str, str],
    *,
    seen: Collection[str],
    policy: Policy,
    at: datetime,
    over: Mapping[str, str],
) -> None:
    """Writes which of these were answered and which are over: `states` are Asterisk's channels, by id; and `over` which
    other trunk some of them go.

    A call that was never `seen` is given the time to be made.
    """
    for row in rows:
        state = states.get(row.channel_id or "")
        if (trunk := over.get(row.channel_id or "")) is not None:
            session.get_one(TrunkCall, row.id).trunk = trunk
        if state is None and (row.channel_id in seen or row.answered_at or at - row.decided_at > _IS_MADE_WITHIN):
            current = session.get_one(TrunkCall, row.id)
            current.seconds, current.ended_at = _seconds(current, at), at
            current.fen = policy.limits.price.fen(current.number_class, current.seconds)
        elif state == "Up" and row.answered_at is None:
            session.get_one(TrunkCall, row.id).answered_at = at


def _seconds(call: TrunkCall, at: datetime) -> int:
    return round((at - call.answered_at).total_seconds()) if call.answered_at else 0


def _going_on() -> Select[TrunkCall]:
    return select(TrunkCall).where(TrunkCall.ended_at.is_(None))
