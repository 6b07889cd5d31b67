"""Who signs in at a terminal, gives a link for a password, imports the owners, ends a ban."""

import getpass
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from hotline.terminal import signed_in
from hotline.terminal.acting import Acting, operator
from hotline.terminal.refusals import NotDone
from models import enrolment
from models.clock import SystemClock
from models.errors import ConfigError
from models.instance.rights import started_by_root
from models.people import accounts, bans, people
from models.people.owners_file import read_owners
from models.people.people import Imported
from models.people.rights import Right


def login(acting: Acting, number: str) -> None:
    """Asks for the password. Raises NotDone without a terminal, SignInRefused, StoreUnavailable."""
    this = acting.this
    if not sys.stdin.isatty():
        raise NotDone(acting.words("请在终端上登录", "sign in at a terminal: the password is typed there"))
    password = getpass.getpass(acting.words(f"{number} 的密码: ", f"password of {number}: "))
    store, at = this.open_store(), SystemClock().now()
    signed_in.sign_in(this, store, number, password, operator=operator(), at=at)
    name = this.site.person(number).name
    acting.print(
        f"{number} {name} 已登录，退出请用 .venv/bin/hotline logout",
        f"signed in as {number} {name}; `.venv/bin/hotline logout` ends it",
    )


def logout(acting: Acting) -> None:
    """Raises StoreUnavailable."""
    if signed_in.sign_out(acting.this.home, acting.this.open_store(), at=SystemClock().now()):
        acting.print("已退出", "signed out")
    else:
        acting.print("此终端没有人登录", "nobody is signed in at this terminal")


def make_link(acting: Acting, number: str, administrator: bool) -> None:
    """Prints the link. Raises NotDone for who may not give it, AccountRefused, StoreUnavailable."""
    this, at = acting.this, SystemClock().now()
    here = signed_in.person(this, at=at)
    if not started_by_root() and (here is None or Right.ADMINISTER not in here.rights):
        raise NotDone(
            acting.words(
                "只有 root 或已登录的管理员可以生成链接：先用 .venv/bin/hotline login 登录",
                "only root, or an administrator who is signed in (`.venv/bin/hotline login`), gives out links",
            )
        )
    hours = this.policy.console.link_hours

    def write(session: Session) -> str:
        enrolment.enrol(session, this.site)
        good_for = timedelta(hours=hours)
        return accounts.make_link(session, number, administrator=administrator, by=acting.who, at=at, good_for=good_for)

    secret = this.open_store().write(write)
    print(this.site.console_url + accounts.LINK_PATH + secret)
    acting.remark(f"{hours} 小时内有效，只能用一次", f"good once, for {hours} hours")


def import_owners(acting: Acting, file: Path) -> None:
    """Prints how many owners were added, updated, unchanged. Raises ConfigError, StoreUnavailable."""
    read = read_owners(file)
    if read.problems:
        raise ConfigError(problem for line in sorted(read.problems) for problem in read.problems[line])

    def write(session: Session) -> list[Imported]:
        return people.import_owners(session, read.rows, who=acting.who, at=SystemClock().now())

    done = Counter(one.outcome for one in acting.this.open_store().write(write))
    acting.print(
        f"新增 {done['added']}，更新 {done['updated']}，未变 {done['unchanged']}",
        f"{done['added']} added, {done['updated']} updated, {done['unchanged']} unchanged",
    )


def lift_ban(acting: Acting, address: str) -> None:
    """Ends the ban within two seconds. Raises NotDone without a ban, StoreUnavailable."""
    if not acting.this.open_store().write(bans.lift, address, by=acting.who, at=SystemClock().now()):
        raise NotDone(acting.words(f"{address} 未被封禁", f"{address} is not banned"))
    acting.print(f"{address} 已解除封禁", f"{address} is no longer banned")
