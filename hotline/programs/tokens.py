"""What `hotline token` does: makes a token, whose secret is shown this once, lists them, revokes one."""

from typing import Any

from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.opening import Opened, operator
from hotline.terminal.wording import moment, say
from models.clock import SystemClock
from models.people import tokens
from models.people.tokens import May, TokenRefused
from models.tables import Token

COLUMNS = ("name", "may", "staff", "used_at", "revoked_at", "made_at", "made_by")
_MOMENTS = ("used_at", "revoked_at", "made_at")


def add_token(this: Opened, name: str, may: list[str], staff: str | None) -> None:
    """Raises TokenRefused, StoreUnavailable."""
    if unknown := [one for one in may if one not in list(May)]:
        known = ", ".join(May)
        raise TokenRefused(f"no such right: {', '.join(unknown)}; there are {known}", f"没有这种权限;可用:{known}")

    at, rights = SystemClock().now(), set(map(May, may))
    print(this.open_store().write(tokens.add, name, may=rights, staff_number=staff, by=operator(), at=at))


def list_tokens(this: Opened, view: ListView) -> None:
    """Raises StoreUnavailable."""
    rows = [_fields(token) for token in this.open_store().read(tokens.listed)]
    if view.as_json:
        return print_json(rows)
    texts = [
        {key: str(row[key] or "") for key in COLUMNS} | {key: moment(row[key], this.site.time_zone) for key in _MOMENTS}
        for row in rows
    ]
    print_table(texts, COLUMNS, view.language)


def revoke_token(this: Opened, name: str) -> None:
    """Raises TokenRefused when there is none of that name that could be used; StoreUnavailable."""
    if not this.open_store().write(tokens.revoke, name, at=SystemClock().now()):
        raise TokenRefused(f"there is no valid token {name}", f"没有有效的令牌 {name}")
    print(say(f"令牌 {name} 已吊销", f"token {name} is revoked", this.language))


def _fields(token: Token) -> dict[str, Any]:
    return {
        "name": token.name,
        "may": token.may,
        "staff": token.staff_number,
        "used_at": token.used_at,
        "revoked_at": token.revoked_at,
        "made_at": token.made_at,
        "made_by": token.made_by,
    }
