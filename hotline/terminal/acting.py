"""Who acts at this terminal: a member of staff by number (`--as`, or HOTLINE_STAFF), or the account that logged in."""

import os
import pwd
import sys
from dataclasses import dataclass
from datetime import datetime

import typer
from sqlalchemy.orm import Session

from hotline.terminal import dates
from hotline.terminal.listing import ListView
from hotline.terminal.opening import Opened
from hotline.terminal.refusals import NotDone
from models.clock import SystemClock
from models.database.store import Store
from models.people import access_log
from models.text.wording import say

STAFF_VARIABLE = "HOTLINE_STAFF"


def operator() -> str:
    """The account that logged in, also behind sudo."""
    try:
        return os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


@dataclass(frozen=True)
class Acting:
    """Somebody at a terminal: the instance, how the result is shown, and the staff number or account that acts."""

    this: Opened
    view: ListView
    who: str

    @classmethod
    def as_staff(cls, this: Opened, view: ListView, number: str | None) -> "Acting":
        """The number as given, of this terminal, or the account's name. Raises NotDone when it is no staff number."""
        return cls(this, view, _staff(this, number or os.environ.get(STAFF_VARIABLE) or operator()))

    @classmethod
    def as_anyone(cls, this: Opened, view: ListView, number: str | None) -> "Acting":
        """The number as given or of this terminal, else the account. Raises NotDone when the number is nobody's."""
        named = number or os.environ.get(STAFF_VARIABLE)
        return cls(this, view, _staff(this, named) if named else operator())

    @classmethod
    def as_account(cls, this: Opened, view: ListView) -> "Acting":
        return cls(this, view, operator())

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
    """The staff number of the reader, where one is known. Raises NotDone when the given number is nobody's."""
    try:
        return _staff(this, number or os.environ.get(STAFF_VARIABLE) or operator())
    except NotDone:
        if number is not None:
            raise
        return None


def log_reveal(store: Store, view: ListView, subject: str) -> None:
    """Logs who sees whole names and telephone numbers, when, and of what (R05-9, R08-9), before they are shown."""
    if not view.reveal:
        return

    def write(session: Session) -> None:
        access_log.log(session, who=operator(), what="names and numbers shown", subject=subject, at=SystemClock().now())

    store.write(write)


def _staff(this: Opened, number: str) -> str:
    if number in {person.number for person in this.site.staff}:
        return number
    raise NotDone(
        say(
            f"没有工号 {number}:请用 --as 工号 说明由谁办理(或设置环境变量 {STAFF_VARIABLE}),如 --as 7001",
            f"nobody has the number {number}: say who acts, such as --as 7001 (or set {STAFF_VARIABLE})",
            this.language,
        )
    )
