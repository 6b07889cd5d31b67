"""Tokens of other programs: the secret is shown once and kept as a hash; each token has its rights.

A secret has 256 random bits, so a plain SHA-256 is enough. The hash is looked up, so the time of a lookup does not
show how near a guess was.
"""

import hashlib
import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from models.database.changes import change
from models.errors import MoveRefused
from models.people import people
from models.people.rights import Right, department_of, rights_of_role
from models.states.people import May
from models.tables import IdempotencyKey, Staff, Token

__all__ = ["Bearer", "May", "Token", "TokenRefused"]

PREFIX = "htl_"
"""Makes a secret recognisable where it does not belong, such as in a log."""
_NEEDS = {May.PERSONAL: Right.PERSONAL, May.NOTE: Right.HANDLE, May.HANDLE: Right.HANDLE}
"""What a token's person needs for it; for everything else to see tickets."""
_USED_EVERY = timedelta(minutes=1)


class TokenRefused(MoveRefused):
    """The token cannot be made; the text says why."""


class KeyReused(Exception):
    """This request has the key of another request."""


@dataclass(frozen=True)
class Bearer:
    """The holder of a valid token."""

    id: int
    name: str
    may: frozenset[May]
    staff_number: str | None
    used_at: datetime | None
    department: str | None = None
    """The only one whose tickets its person sees, as `Person.department`."""

    @property
    def who(self) -> str:
        """The name in events: the staff number, else the program."""
        return self.staff_number or f"api:{self.name}"

    def used_lately(self, at: datetime) -> bool:
        """Whether `used` would change nothing."""
        return self.used_at is not None and self.used_at > at - _USED_EVERY


def add(session: Session, name: str, *, may: Collection[May], staff_number: str | None, by: str, at: datetime) -> str:
    """Returns the secret, which cannot be shown again. Raises TokenRefused."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,29}", name):
        raise TokenRefused(
            f'"{name}" is no name for a token: up to 30 lower-case letters, digits and "-", such as web-form',
            f'"{name}" 不能作为令牌名称：用小写字母、数字和 "-"，最多 30 个，如 web-form',
        )
    if not may:
        raise TokenRefused("say what it may do: --may open,follow", "请说明权限：--may open,follow")
    staff = people.staff(session, staff_number) if staff_number is not None else None
    if staff_number is not None and staff is None:
        raise TokenRefused(f"nobody at work here has the number {staff_number}", f"没有在职员工的工号是 {staff_number}")
    if May.HANDLE in may and staff_number is None:
        raise TokenRefused(
            "tickets are handled in the name of one of the staff: --staff 7001 (R15-6)",
            "办理工单须以员工的名义：--staff 7001(R15-6)",
        )
    if beyond := set(may) - _of_its_person(staff, may):
        words = ", ".join(sorted(beyond))
        raise TokenRefused(
            f"{staff_number} may not do this himself or herself: {words}",
            f"工号 {staff_number} 本人没有此权限：{words}",
        )
    if session.scalar(_valid().where(Token.name == name)) is not None:
        raise TokenRefused(
            f"there is a token {name} already: revoke it, or choose another name",
            f"已有令牌 {name}：请先吊销，或换一个名称",
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    words = " ".join(sorted(may))
    session.add(Token(name=name, sha256=_hash(secret), may=words, staff_number=staff_number, made_by=by, made_at=at))
    return secret


def bearer(session: Session, secret: str) -> Bearer | None:
    """The holder of this secret; None if it is unknown or revoked, or if its person has left. It may do no more than
    its person."""
    token = session.scalar(_valid().where(Token.sha256 == _hash(secret)))
    if token is None:
        return None
    staff = people.staff(session, token.staff_number) if token.staff_number is not None else None
    if token.staff_number is not None and staff is None:
        return None
    may = _of_its_person(staff, map(May, token.may.split()))
    department = department_of(staff.role, staff.group) if staff is not None else None
    return Bearer(token.id, token.name, may, token.staff_number, token.used_at, department)


def used(session: Session, token_id: int, *, at: datetime) -> None:
    """Writes the time of use, at most once a minute: not every request should cause a write."""
    stale = (Token.used_at.is_(None)) | (Token.used_at <= at - _USED_EVERY)
    change(session, update(Token).where(Token.id == token_id, stale).values(used_at=at))


def revoke(session: Session, name: str, *, at: datetime) -> bool:
    """Revokes it from the next request on. True if there was such a token."""
    valid = (Token.name == name, Token.revoked_at.is_(None))
    return change(session, update(Token).where(*valid).values(revoked_at=at)) > 0


def listed(session: Session) -> list[Token]:
    """All tokens, also revoked ones, the newest first."""
    return list(session.scalars(select(Token).order_by(Token.id.desc())))


def asked_before(session: Session, token_id: int, key: str, body: bytes) -> int | None:
    """The id of the ticket that this request has opened before; None for a new request.

    Raises KeyReused when the key came with another body.
    """
    row = session.scalar(select(IdempotencyKey).where(IdempotencyKey.token_id == token_id, IdempotencyKey.key == key))
    if row is None:
        return None
    if row.body_sha256 != hashlib.sha256(body).hexdigest():
        raise KeyReused(key)
    return row.ticket_id


def remember(session: Session, token_id: int, key: str, body: bytes, *, ticket_id: int, at: datetime) -> None:
    """Keeps the key in the transaction that opens the ticket; of two at once, the later finds the other's."""
    digest = hashlib.sha256(body).hexdigest()
    session.add(IdempotencyKey(token_id=token_id, key=key, body_sha256=digest, ticket_id=ticket_id, at=at))
    session.flush()


def _of_its_person(staff: Staff | None, may: Iterable[May]) -> frozenset[May]:
    """What of this the person may do; without a person all of it."""
    rights = rights_of_role(staff.role) if staff is not None else frozenset(Right)
    return frozenset(one for one in may if _NEEDS.get(one, Right.TICKETS) in rights)


def _valid() -> Select[Token]:
    return select(Token).where(Token.revoked_at.is_(None))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
