"""An account begins with a link, good once, by which its person chooses a password that nobody else ever knows."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.database.changes import change
from models.database.store import Store
from models.errors import MoveRefused
from models.people import access_log, passwords, people, sign_ins
from models.people.sign_ins import hashed
from models.site import Site
from models.states.people import SignInEnd, SignInPlace
from models.tables import Account, SignIn, SignInLink, Staff
from models.text.numbers import extension

LINK_PATH = "/sign-in/link/"
"""Before the secret, at the console's address."""
_FIRST = ("manager", "general-manager", "supervisor")


class LinkRefused(MoveRefused):
    """The link is not, or no longer, good."""


class AccountRefused(MoveRefused):
    """This cannot be changed; the text says why."""


def make_link(
    session: Session, number: str, *, administrator: bool = False, by: str, at: datetime, good_for: timedelta
) -> str:
    """Returns the secret of the link; an earlier link for this person ends. Raises AccountRefused."""
    number = extension(number)
    _check_at_work(session, number)
    earlier = (SignInLink.staff_number == number, SignInLink.used_at.is_(None), SignInLink.expires_at > at)
    change(session, update(SignInLink).where(*earlier).values(expires_at=at))
    secret = secrets.token_urlsafe(32)
    session.add(
        SignInLink(
            sha256=hashed(secret),
            staff_number=number,
            administrator=administrator,
            made_by=by,
            made_at=at,
            expires_at=at + good_for,
        )
    )
    what = "sign-in link made, with the right to administer" if administrator else "sign-in link made"
    access_log.log(session, who=by, what=what, subject=number, at=at)
    return secret


def link_for(session: Session, secret: str, *, at: datetime) -> Staff:
    """Whose link it is. Raises LinkRefused when it is unknown, used or over, or its person has left."""
    return _link(session, secret, at)[1]


def use_link(store: Store, secret: str, password: str, *, place: SignInPlace, address: str, at: datetime) -> str:
    """Sets the password, ends the person's other sign-ins and signs in: returns the secret of the sign-in.

    Raises LinkRefused, PasswordRefused.
    """
    number = store.read(link_for, secret, at=at).number
    kept = passwords.hashed(password, number=number)

    def write(session: Session) -> str:
        link, staff = _link(session, secret, at)
        unused = update(SignInLink).where(SignInLink.id == link.id, SignInLink.used_at.is_(None))
        if not change(session, unused.values(used_at=at)):
            raise _no_link()
        account = session.get(Account, staff.number)
        if account is None:
            account = Account(staff_number=staff.number)
            session.add(account)
        account.password = kept
        account.administrator = account.administrator or link.administrator
        session.flush()
        sign_ins.end_all(session, staff.number, why=SignInEnd.NEW_PASSWORD, at=at)
        begun = sign_ins.begin(session, staff.number, place=place, address=address, at=at)
        access_log.log(session, who=staff.number, what="password chosen by link", subject=staff.number, at=at)
        return begun

    return store.write(write)


def administrators(session: Session) -> list[str]:
    """The staff numbers of those at work here who may administer."""
    mine = select(Account.staff_number).join(Staff).where(Account.administrator, Staff.group.is_not(None))
    return list(session.scalars(mine.order_by(Account.staff_number)))


@dataclass(frozen=True)
class Listed:
    """One of the staff; `seen_at` is when the person last used the console or a terminal."""

    staff: Staff
    has_password: bool
    administrator: bool
    seen_at: datetime | None


def everybody(session: Session) -> list[Listed]:
    """All at work here, by number."""
    seen = dict(
        session.execute(select(SignIn.staff_number, func.max(SignIn.seen_at)).group_by(SignIn.staff_number)).all()
    )
    rows = select(Staff, Account).outerjoin(Account, Account.staff_number == Staff.number)
    found = session.execute(rows.where(Staff.group.is_not(None)).order_by(Staff.number)).all()
    return [
        Listed(
            staff, bool(account and account.password), bool(account and account.administrator), seen.get(staff.number)
        )
        for staff, account in found
    ]


def set_administrator(session: Session, number: str, may: bool, *, by: str, at: datetime) -> None:
    """Gives or takes the right to administer, and ends the person's sign-ins. Raises AccountRefused."""
    _check_at_work(session, number)
    account = session.get(Account, number, with_for_update=True)
    if account is None:
        raise AccountRefused(
            f"{number} has not chosen a password yet: make a link with the right to administer",
            f"{number} 尚未设置密码：请为其生成带管理权限的链接",
        )
    if account.administrator == may:
        return
    if not may and administrators(session) == [number]:
        raise AccountRefused(
            f"{number} is the only administrator: give somebody else the right first",
            f"{number} 是唯一的管理员：请先授权其他人",
        )
    account.administrator = may
    sign_ins.end_all(session, number, why=SignInEnd.POST_CHANGED, at=at)
    what = "may administer" if may else "may no longer administer"
    access_log.log(session, who=by, what=what, subject=number, at=at)


def first_link(session: Session, site: Site, *, at: datetime, good_for: timedelta) -> tuple[str, str] | None:
    """While nobody may administer: whose the first link is, and its secret. It replaces that of the start before."""
    if administrators(session):
        return None
    number = _first_administrator(site)
    return number, make_link(session, number, administrator=True, by="start", at=at, good_for=good_for)


def _link(session: Session, secret: str, at: datetime) -> tuple[SignInLink, Staff]:
    link = session.scalar(select(SignInLink).where(SignInLink.sha256 == hashed(secret)))
    staff = people.staff(session, link.staff_number) if link is not None else None
    if link is None or staff is None or link.used_at is not None or link.expires_at <= at:
        raise _no_link()
    return link, staff


def _no_link() -> LinkRefused:
    return LinkRefused(
        "this link was used, or is over: ask an administrator for a new one",
        "链接已使用或已过期：请向管理员索取新链接",
    )


def _check_at_work(session: Session, number: str) -> None:
    if people.staff(session, number) is None:
        raise AccountRefused(f"nobody at work here has the number {number}", f"没有在职员工的工号是 {number}")


def _first_administrator(site: Site) -> str:
    """The manager, or else the highest post there is."""
    ranked = [person.number for role in _FIRST for person in site.staff if person.role == role]
    return (ranked or [site.staff[0].number])[0]
