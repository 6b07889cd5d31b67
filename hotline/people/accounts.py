"""`hotline accounts`: the telephones' accounts without passwords; one password or PIN on request, logged.

A password goes to a person's terminal or into a file of that person's own, never into a pipe or a log.
"""

import sys
from pathlib import Path

from sqlalchemy.orm import Session

from hotline.terminal.acting import Acting
from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.opening import Opened
from hotline.terminal.refusals import CannotWrite, NoSuchRow, NotDone
from models.calls import monitoring
from models.clock import SystemClock
from models.instance import exported
from models.instance.secrets import Secrets
from models.people import access_log
from models.text.wording import say

ACCOUNTS = ("number", "name", "pin")


def list_accounts(this: Opened, view: ListView) -> None:
    """Prints all accounts; `pin` says who has one for *90."""
    listeners = monitoring.listeners(this.site, this.policy)
    names = {number: _name(this, number) for number in _accounts(this)}
    if view.as_json:
        print_json([{"number": number, "name": name, "pin": number in listeners} for number, name in names.items()])
        return
    rows = [
        {"number": number, "name": name, "pin": "*90" if number in listeners else ""} for number, name in names.items()
    ]
    print_table(rows, ACCOUNTS, view.language)


def show_account(acting: Acting, number: str, to: Path | None) -> None:
    """Logs who asks, then shows the number's password, and its PIN for *90 if it has one, or writes them to `to`.

    Raises NoSuchRow, NotDone without a terminal, CannotWrite and StoreUnavailable.
    """
    this = acting.this
    if number not in _accounts(this):
        raise NoSuchRow(f"没有账号 {number}:.venv/bin/hotline accounts 列出全部账号  there is no account {number}")
    if to is None and not sys.stdout.isatty():
        raise NotDone(
            acting.words(
                "密码只在终端上显示；写入文件请加 --to 文件名",
                "a password is shown on a terminal only; to write it to a file add --to FILE",
            )
        )
    secrets = Secrets.load_or_create(this.home, this.site, pins_for=monitoring.listeners(this.site, this.policy))

    def log(session: Session) -> None:
        at = SystemClock().now()
        access_log.log(session, who=acting.who, what="password shown", subject=number, at=at)

    this.open_store().write(log)
    facts = [("号码（用户名）", "number (user)", number), ("密码", "password", secrets.sip[number])]
    if pin := secrets.pins.get(number):
        facts.append(("监听密码（*90）", "PIN for *90", pin))
    text = "\n".join(f"{acting.words(zh, en)}: {value}" for zh, en, value in facts)
    if to is None:
        print(text)
        return
    try:
        exported.save(to.absolute(), f"{text}\n".encode())
    except OSError as error:
        raise CannotWrite(to, error, this.language) from error
    acting.print(f"已写入 {to}", f"wrote {to}")


def _accounts(this: Opened) -> list[str]:
    """Telephones, and gateways that register with us."""
    return [*this.site.phones, *this.site.gateways]


def _name(this: Opened, number: str) -> str:
    names = {person.number: person.name for person in this.site.staff}
    names |= dict.fromkeys(this.site.rooms.phones, say("客房", "room", this.language))
    return names.get(number) or say("网关", "gateway", this.language)
