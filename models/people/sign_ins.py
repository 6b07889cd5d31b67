"""Who signs in proves who he or she is; a sign-in is a row, and it ends when its person idles, leaves or changes post.

Only hashes of secrets are kept: a secret has 256 random bits, so a plain SHA-256 is enough. Passwords are checked
outside of transactions, for that takes longer than a call may wait for the database.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from models.database.changes import change, in_turn
from models.database.store import Store
from models.errors import MoveRefused
from models.language import Language, language_of
from models.people import access_log, passwords, people
from models.people.rights import SEEN_EVERY, Person, rights_of
from models.site import Site
from models.states.people import SignInEnd, SignInPlace, Theme
from models.tables import Account, SignIn, SignInTry, Staff
from models.text.numbers import extension
from models.text.signs import one_line

__all__ = ["SignIn"]

_LONGEST_NUMBER = 20
_MOST_DOUBLINGS = 30


class SignInRefused(MoveRefused):
    """Nobody is signed in; the text says why, but never whether the number or the password was wrong."""


@dataclass(frozen=True)
class Rules:
    """How long a sign-in lasts, and how wrong passwords are slowed (`[console]` of the policy)."""

    idle: timedelta
    longest: timedelta
    tries: int
    address_tries: int
    window: timedelta
    wait: timedelta
    longest_wait: timedelta


def sign_in(
    store: Store, number: str, password: str, *, place: SignInPlace, address: str, rules: Rules, at: datetime
) -> str:
    """Returns the secret of the new sign-in, which is shown to nobody but its browser or terminal.

    Raises SignInRefused.
    """
    number = extension(one_line(number))[:_LONGEST_NUMBER]
    if not _is_right(store, number, password, address=address, rules=rules, at=at):
        raise SignInRefused("the staff number or the password is wrong", "工号或密码不正确")
    return store.write(begin, number, place=place, address=address, at=at)


def begin(session: Session, number: str, *, place: SignInPlace, address: str, at: datetime) -> str:
    """Signs in somebody who has proved who he or she is, and forgets what was wrong before. Returns the secret.

    Raises SignInRefused when the person has left.
    """
    staff = people.staff(session, number)
    if staff is None or staff.group is None:
        raise SignInRefused(f"nobody at work here has the number {number}", f"没有在职员工的工号是 {number}")
    session.execute(delete(SignInTry).where(SignInTry.staff_number == number, SignInTry.address == address))
    secret = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            sha256=hashed(secret),
            staff_number=number,
            place=place,
            address=address,
            role=staff.role,
            group=staff.group,
            begun_at=at,
            seen_at=at,
        )
    )
    return secret


def change_password(
    store: Store, person: Person, old: str, new: str, *, address: str, rules: Rules, at: datetime
) -> None:
    """Also ends the person's other sign-ins. Raises SignInRefused for a wrong old password, PasswordRefused."""
    if not _is_right(store, person.number, old, address=address, rules=rules, at=at):
        raise SignInRefused("the present password is wrong", "当前密码不正确")
    kept = passwords.hashed(new, number=person.number)

    def write(session: Session) -> None:
        session.execute(delete(SignInTry).where(SignInTry.staff_number == person.number, SignInTry.address == address))
        session.get_one(Account, person.number).password = kept
        end_all(session, person.number, why=SignInEnd.NEW_PASSWORD, at=at, but=person.sign_in)
        access_log.log(session, who=person.number, what="password changed", subject=person.number, at=at)

    store.write(write)


def person_of(session: Session, secret: str, *, site: Site, rules: Rules, at: datetime) -> Person | None:
    """Who is signed in with this secret; None when the sign-in is unknown or over. Writes nothing (`seen`)."""
    found = session.execute(
        select(SignIn, Staff, Account)
        .join(Staff, Staff.number == SignIn.staff_number)
        .join(Account, Account.staff_number == SignIn.staff_number)
        .where(SignIn.sha256 == hashed(secret), SignIn.ended_at.is_(None))
    ).first()
    if found is None:
        return None
    row, staff, account = found
    if _over(row, staff, rules, at) or staff.group is None:
        return None
    return Person(
        number=staff.number,
        name=staff.name,
        role=staff.role,
        group=staff.group,
        rights=rights_of(staff.role, staff.group, administrator=account.administrator, site=site),
        language=language_of(account.language) if account.language else None,
        theme=account.theme,
        sign_in=row.id,
        seen_at=row.seen_at,
    )


def seen(session: Session, sign_in_id: int, *, at: datetime) -> None:
    """The person has just used it. Written at most once a minute: not every page should cause a write."""
    stale = (SignIn.id == sign_in_id, SignIn.ended_at.is_(None), SignIn.seen_at <= at - SEEN_EVERY)
    change(session, update(SignIn).where(*stale).values(seen_at=at))


def sign_out(session: Session, secret: str, *, at: datetime) -> None:
    _end(session, SignIn.sha256 == hashed(secret), why=SignInEnd.SIGNED_OUT, at=at)


def end(session: Session, sign_in_id: int, *, of: str, at: datetime) -> bool:
    """Ends one of the sign-ins of this person; False when there is none such that still goes on."""
    return _end(session, SignIn.id == sign_in_id, SignIn.staff_number == of, why=SignInEnd.ENDED, at=at)


def end_all(session: Session, number: str, *, why: SignInEnd, at: datetime, but: int = 0) -> None:
    """Ends all sign-ins of this person, except the one with the id `but`."""
    _end(session, SignIn.staff_number == number, SignIn.id != but, why=why, at=at)


def open_ones(session: Session, number: str, *, rules: Rules, at: datetime) -> list[SignIn]:
    """The sign-ins of this person that go on, the last used first."""
    rows = session.execute(
        select(SignIn, Staff)
        .join(Staff, Staff.number == SignIn.staff_number)
        .where(SignIn.staff_number == number, SignIn.ended_at.is_(None))
        .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
    )
    return [row for row, staff in rows if not _over(row, staff, rules, at)]


def tidy(session: Session, *, rules: Rules, at: datetime, keep: timedelta) -> None:
    """Writes the end of those that are over, and deletes what nobody asks for any more.

    An address is known as long as its sign-ins are kept.
    """
    rows = session.execute(
        select(SignIn, Staff).join(Staff, Staff.number == SignIn.staff_number).where(SignIn.ended_at.is_(None))
    )
    for row, staff in rows:
        if why := _over(row, staff, rules, at):
            row.ended_at, row.why_ended = at, why
    session.execute(delete(SignIn).where(SignIn.ended_at < at - keep))
    session.execute(delete(SignInTry).where(SignInTry.at < at - rules.window))


def choose(session: Session, number: str, *, language: Language | None, theme: Theme | None) -> None:
    """Keeps in what language and colours this person wants the pages; None: as the browser says."""
    account = session.get_one(Account, number)
    account.language, account.theme = language, theme


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _is_right(store: Store, number: str, password: str, *, address: str, rules: Rules, at: datetime) -> bool:
    """Whether it is the password of this person. Raises SignInRefused while tries are slowed.

    The try is written before the password is checked: of many at once none gets by the count.
    """
    kept = store.write(_try, number, address=address, rules=rules, at=at)
    return passwords.matches(password, kept)


def _try(session: Session, number: str, *, address: str, rules: Rules, at: datetime) -> str | None:
    """The kept password, None when nobody can sign in with this number."""
    in_turn(session, "sign-in")
    if not _known(session, number, address) and (until := _wait_until(session, number, address, rules, at)) > at:
        left = max(1, round((until - at).total_seconds()))
        raise SignInRefused(
            f"too many wrong passwords: try again in {left} s; where you signed in before you need not wait",
            f"密码错误次数过多：请在 {left} 秒后再试；在曾经登录过的地方无须等待",
        )
    session.add(SignInTry(staff_number=number, address=address, at=at))
    account = session.get(Account, number)
    return account.password if account is not None and people.staff(session, number) is not None else None


def _known(session: Session, number: str, address: str) -> bool:
    """Whether this person has signed in from there before."""
    before = select(SignIn.id).where(SignIn.staff_number == number, SignIn.address == address).limit(1)
    return session.scalar(before) is not None


def _wait_until(session: Session, number: str, address: str, rules: Rules, at: datetime) -> datetime:
    return max(
        _end_of_wait(session, SignInTry.staff_number == number, rules.tries, rules, at),
        _end_of_wait(session, SignInTry.address == address, rules.address_tries, rules, at),
    )


def _end_of_wait(session: Session, whose: ColumnElement[bool], free: int, rules: Rules, at: datetime) -> datetime:
    wrong: int
    last: datetime | None
    wrong, last = session.execute(
        select(func.count(), func.max(SignInTry.at)).where(whose, SignInTry.at > at - rules.window)
    ).one()
    if last is None or wrong < free:
        return at
    return last + min(rules.longest_wait, rules.wait * (1 << min(wrong - free, _MOST_DOUBLINGS)))


def _over(row: SignIn, staff: Staff, rules: Rules, at: datetime) -> SignInEnd | None:
    """Why this sign-in is over; None while it goes on."""
    if (row.role, row.group) != (staff.role, staff.group):
        return SignInEnd.POST_CHANGED
    if at - row.begun_at >= rules.longest:
        return SignInEnd.TOO_LONG
    return SignInEnd.IDLE if at - row.seen_at >= rules.idle else None


def _end(session: Session, *which: ColumnElement[bool], why: SignInEnd, at: datetime) -> bool:
    going_on = update(SignIn).where(*which, SignIn.ended_at.is_(None))
    return change(session, going_on.values(ended_at=at, why_ended=why)) > 0
