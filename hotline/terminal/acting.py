"""Who acts at this terminal: who has signed in (`hotline login`), or the account that logged in to the computer.

A number that is merely typed proves nothing: only root may act for others (`--as`, or HOTLINE_STAFF), and the access
log says so.
"""

import os
import pwd
import sys
from dataclasses import dataclass
from datetime import datetime

import typer

from hotline.terminal import dates, signed_in
from hotline.terminal.listing import ListView
from hotline.terminal.opening import Opened
from hotline.terminal.refusals import NotDone
from models.clock import SystemClock
from models.database.store import Store
from models.instance.rights import started_by_root
from models.people import access_log
from models.text.numbers import extension
from models.text.wording import say

STAFF_VARIABLE = "HOTLINE_STAFF"


def operator() -> str:
    """The account that logged in to the computer; of sudo, the one behind it."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
    return os.environ.get("SUDO_USER") or name if started_by_root() else name


@dataclass(frozen=True)
class Acting:
    """Somebody at a terminal: the instance, how the result is shown, and the staff number or account that acts."""

    this: Opened
    view: ListView
    who: str

    @classmethod
    def as_staff(cls, this: Opened, view: ListView, number: str | None, command: str) -> "Acting":
        """Who is signed in; root: the number as given, or of this terminal. Raises NotDone."""
        return cls(this, view, _acts(this, number, command) or _staff(this, operator()))

    @classmethod
    def as_anyone(cls, this: Opened, view: ListView, number: str | None, command: str) -> "Acting":
        """As `as_staff`, else the account. Raises NotDone when the number is nobody's, or not that of this terminal."""
        return cls(this, view, _acts(this, number, command) or operator())

    @classmethod
    def as_account(cls, this: Opened, view: ListView) -> "Acting":
        """Who is signed in, else the account."""
        return cls(this, view, _signed_in(this) or operator())

    def words(self, zh: str, en: str) -> str:
        return say(zh, en, self.view.language)

    def print(self, zh: str, en: str) -> None:
        print(self.words(zh, en))

    def remark(self, zh: str, en: str) -> None:
        """On standard error: beside the result."""
        print(self.words(zh, en), file=sys.stderr)

    def confirm(self, zh: str, en: str, *, yes: bool) -> None:
        """Asks before a step that cannot be undone. Raises NotDone without a yes."""
        if yes:
            return
        question = self.words(zh, en)
        if not sys.stdin.isatty():
            raise NotDone(question + self.words(" 确认请加 --yes", " Say yes with --yes"))
        if not typer.confirm(question):
            raise NotDone(self.words("未改动", "nothing was changed"))

    def moment(self, text: str) -> datetime:
        """Raises NoMoment."""
        return dates.parse(text, SystemClock().now(), self.this.site.time_zone, self.view.language)


def reader(this: Opened, number: str | None) -> str | None:
    """The staff number of the reader, where one is known. Raises NotDone when the given number is nobody's, or not that
    of this terminal."""
    named = _proven(this, number)
    if named is not None:
        return named
    own = operator()
    return own if own in {person.number for person in this.site.staff} else None


def log_reveal(this: Opened, store: Store, view: ListView, subject: str) -> None:
    """Logs who sees whole names and telephone numbers, when, and of what (R05-9, R08-9), before they are shown."""
    if not view.reveal:
        return

    at, who = SystemClock().now(), _signed_in(this) or operator()
    store.write(access_log.log, who=who, what="names and numbers shown", subject=subject, at=at)


def _acts(this: Opened, number: str | None, command: str) -> str | None:
    """As `_proven`; what root does as another is logged, before it is done."""
    named = _proven(this, number)
    if named is not None and started_by_root() and named != _signed_in(this):
        sudo = os.environ.get("SUDO_USER")
        who = f"root ({sudo}) as {named}" if sudo else f"root as {named}"
        at = SystemClock().now()
        this.open_store().write(access_log.log, who=who, what="command", subject=command, at=at)
    return named


def _proven(this: Opened, number: str | None) -> str | None:
    """The staff number that is signed in, or for which root acts; None when there is neither. Raises NotDone."""
    given = number or os.environ.get(STAFF_VARIABLE)
    if given is None:
        return _signed_in(this)
    named = extension(given)
    if started_by_root() or named == _signed_in(this):
        return _staff(this, named)
    raise NotDone(
        say(
            f"请先登录：.venv/bin/hotline login {named}；只有 root 可以用 --as 或 {STAFF_VARIABLE} 代他人操作",
            f"sign in first: .venv/bin/hotline login {named}; only root may act for others (--as, {STAFF_VARIABLE})",
            this.language,
        )
    )


def _signed_in(this: Opened) -> str | None:
    person = signed_in.person(this, at=SystemClock().now())
    return person.number if person is not None else None


def _staff(this: Opened, number: str) -> str:
    if number in {person.number for person in this.site.staff}:
        return number
    raise NotDone(
        say(
            f"没有工号 {number}：请先登录（.venv/bin/hotline login 工号），或由 root 用 --as 工号 说明代谁办理",
            f"nobody has the number {number}: sign in (.venv/bin/hotline login STAFF); root says for whom: --as STAFF",
            this.language,
        )
    )
