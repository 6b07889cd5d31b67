"""Who guesses the passwords of telephones is banned for a time, each time twice as long; never a telephone of ours."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from models.people import access_log
from models.tables import Ban, Guess

__all__ = ["Ban", "Guess"]

AT_ONCE = 200
"""Addresses that are judged at a time; the others follow."""


@dataclass(frozen=True)
class Rules:
    """When an address is banned, and for how long (`[guessing]` of the policy)."""

    tries: int
    account_tries: int
    window: timedelta
    ban: timedelta
    longest: timedelta
    at_most: int


def note(session: Session, guesses: Iterable[Guess]) -> None:
    session.add_all(guesses)


def newest(session: Session) -> datetime | None:
    """When the last wrong password was noted."""
    return session.scalar(select(Guess.at).order_by(Guess.at.desc()).limit(1))


def due(session: Session, rules: Rules, *, at: datetime) -> dict[str, int]:
    """The addresses that are to be banned, with their wrong passwords since their last ban.

    `tries` wrong passwords, or a single one for an account at which `account_tries` were guessed from anywhere: many
    addresses that guess one account get no further, and the telephone itself is nowhere to be locked out.
    """
    since, total = at - rules.window, func.sum(Guess.tries)
    # "+ ''": grouped in the window alone, and not by an index over all history.
    account, address_of = Guess.account + "", Guess.address + ""
    many = select(account).where(Guess.at > since, Guess.account != "").group_by(account)
    besieged = list(session.scalars(many.having(total >= rules.account_tries)))
    recent = select(address_of).where(Guess.at > since).group_by(address_of)
    found = set(session.scalars(recent.having(total >= rules.tries).limit(AT_ONCE)))
    if besieged:
        found |= set(session.scalars(recent.where(account.in_(besieged)).limit(AT_ONCE)))
    wanted: dict[str, int] = {}
    for address in sorted(found):
        last = _last(session, address)
        begin = max(since, last.ends_at) if last else since
        if last and last.ends_at > at:
            continue
        counted = select(total).where(Guess.address == address, Guess.at > begin)
        alone = session.scalar(counted) or 0
        of_account = session.scalar(counted.where(Guess.account.in_(besieged))) or 0
        if alone >= rules.tries or of_account:
            wanted[address] = alone
    return wanted


def begin(session: Session, wanted: dict[str, int], rules: Rules, *, at: datetime) -> list[Ban]:
    """Bans these addresses, as far as there is room; each ban of an address is twice as long as its last."""
    room = max(0, rules.at_most - (session.scalar(select(func.count()).where(_active(at))) or 0))
    new = []
    for address, tries in list(wanted.items())[:room]:
        last = _last(session, address)
        length = min(rules.longest, 2 * (last.ends_at - last.began_at)) if last else rules.ban
        length = max(length, rules.ban)
        new.append(Ban(address=address, tries=tries, began_at=at, ends_at=at + length))
    session.add_all(new)
    session.flush()
    return new


def active(session: Session, *, at: datetime) -> list[Ban]:
    """The bans there are, the longest to go first."""
    return list(session.scalars(select(Ban).where(_active(at)).order_by(Ban.ends_at.desc(), Ban.id)))


def lift(session: Session, address: str, *, by: str, at: datetime) -> bool:
    """Ends the ban of this address, with an entry in the access log; False when there is none."""
    bans = list(session.scalars(select(Ban).where(_active(at), Ban.address == address)))
    for ban in bans:
        ban.ends_at, ban.lifted_by = at, by
    if bans:
        access_log.log(session, who=by, what="ban-lifted", subject=address, at=at)
    return bool(bans)


def unheld(session: Session, asterisk: datetime, spared: Collection[str], *, at: datetime) -> list[Ban]:
    """The bans that this Asterisk (by its start) has not, and is to have."""
    other = or_(Ban.held_since.is_(None), Ban.held_since != asterisk)
    return [ban for ban in session.scalars(select(Ban).where(_active(at), other)) if ban.address not in spared]


def over(session: Session, spared: Collection[str], *, at: datetime) -> list[Ban]:
    """The bans that an Asterisk has, and is to forget."""
    held = session.scalars(select(Ban).where(Ban.held_since.is_not(None)))
    return [ban for ban in held if ban.ends_at <= at or ban.address in spared]


def held(session: Session, ban_id: int, since: datetime | None) -> None:
    """Notes that the Asterisk that began then has the ban; None: it has forgotten it."""
    session.get_one(Ban, ban_id).held_since = since


def forget(session: Session, *, before: datetime) -> None:
    """Deletes what is older."""
    session.execute(delete(Guess).where(Guess.at < before))
    session.execute(delete(Ban).where(Ban.ends_at < before, Ban.held_since.is_(None)))


def _active(at: datetime) -> ColumnElement[bool]:
    return Ban.ends_at > at


def _last(session: Session, address: str) -> Ban | None:
    return session.scalar(select(Ban).where(Ban.address == address).order_by(Ban.began_at.desc()).limit(1))
