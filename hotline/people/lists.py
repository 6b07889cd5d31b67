"""`hotline staff` and `access`: the staff on duty and their telephones; who saw or changed personal data."""

from typing import Any

from sqlalchemy.orm import Session

from hotline.terminal.acting import log_reveal
from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.opening import Opened
from models.clock import SystemClock
from models.instance import asterisk_console, heads
from models.instance.asterisk_console import Contact, NoConsole
from models.people import access_log, bans, presence, standing
from models.people.access_log import Break
from models.text import access
from models.text.signs import on_one_line
from models.text.wording import moment, say, word

ACCESS = ("started_at", "who", "what", "subject")
STAFF = ("number", "name", "group", "presence", "since", "telephone", "mobile")
BANS = ("address", "wrong_passwords", "since", "until", "in_force")


def list_staff(this: Opened, view: ListView) -> None:
    """Prints all staff. While Asterisk is down the state of the telephones is unknown. Raises StoreUnavailable."""
    store = this.open_store()
    log_reveal(this, store, view, "staff")
    phones, now = _telephones(this), SystemClock().now()

    def read(session: Session) -> list[dict[str, Any]]:
        return [
            {
                "number": staff.number,
                "name": staff.name,
                "group": staff.group,
                "role": staff.role,
                "presence": standing.of(session, staff, at=now).state,
                "since": said.since if said else None,
                "registered": None if phones is None else staff.number in phones,
                "telephone": _how(phones, staff.number),
                "mobile": view.number(staff.mobile),
            }
            for staff, said in presence.everybody(session)
        ]

    rows = store.read(read)
    if view.as_json:
        print_json(rows)
    else:
        print_table([_texts(row, this) for row in rows], STAFF, view.language)


def list_access(this: Opened, view: ListView, limit: int) -> None:
    """Prints the newest entries. Raises StoreUnavailable."""
    entries = this.open_store().read(access_log.newest, limit=limit)
    if view.as_json:
        print_json([{"at": one.at, "who": one.who, "what": one.what, "subject": one.subject} for one in entries])
        return
    rows = [
        {
            "started_at": moment(entry.at, this.site.time_zone),
            "who": entry.who,
            "what": access.what(entry.what, view.language),
            "subject": access.subject(entry.subject, view.language),
        }
        for entry in entries
    ]
    print_table(rows, ACCESS, view.language)


def verify_access(this: Opened, view: ListView) -> bool:
    """Whether the access log is whole; prints where it is broken. Raises StoreUnavailable."""

    def read(session: Session) -> tuple[list[Break], access_log.Head]:
        return access_log.breaks(session, heads.noted(this.home)), access_log.head(session)

    broken, head = this.open_store().read(read)
    language = view.language
    if view.as_json:
        entry = ("at", "who", "what", "subject")
        print_json(
            {
                "whole": not broken,
                "entries": head.place,
                "sha256": head.sha256,
                "breaks": [
                    {"wrong": one.wrong.value, "from": one.place, "to": one.last}
                    | {name: getattr(one.entry, name) if one.entry else None for name in entry}
                    for one in broken
                ],
            }
        )
        return not broken
    for one in broken:
        places = str(one.place) if one.place == one.last else f"{one.place}-{one.last}"
        said = word(f"access-{one.wrong}", language)
        if one.entry is not None:
            at, done = moment(one.entry.at, this.site.time_zone), access.what(one.entry.what, language)
            said += f": {at} {on_one_line(f'{one.entry.who} {done} {access.subject(one.entry.subject, language)}')}"
        print(say(f"第 {places} 条{said}", f"entry {places} {said}", language))
    if not broken:
        print(say(f"留痕完整，共 {head.place} 条", f"the access log is whole: {head.place} entries", language))
    print(say(f"最新一条的校验值：{head.sha256}", f"hash of the newest: {head.sha256}", language))
    return not broken


def list_bans(this: Opened, view: ListView) -> None:
    """Prints the bans that go on. Raises StoreUnavailable."""
    found = this.open_store().read(bans.active, at=SystemClock().now())
    rows: list[dict[str, Any]] = [
        {
            "address": ban.address,
            "tries": ban.tries,
            "since": ban.began_at,
            "until": ban.ends_at,
            "in_force": ban.held_since is not None,
        }
        for ban in found
    ]
    if view.as_json:
        return print_json(rows)
    texts = [
        {
            "address": row["address"],
            "wrong_passwords": str(row["tries"]),
            "since": moment(row["since"], this.site.time_zone),
            "until": moment(row["until"], this.site.time_zone),
            "in_force": say("是", "yes", view.language) if row["in_force"] else say("尚未", "not yet", view.language),
        }
        for row in rows
    ]
    print_table(texts, BANS, view.language)


def _texts(row: dict[str, Any], this: Opened) -> dict[str, str]:
    language = this.language
    names = {group.name: say(group.zh, group.en, language) for group in this.site.groups}
    since = moment(row["since"], this.site.time_zone) if row["since"] else say("站点文件", "site file", language)
    return {
        "number": row["number"],
        "name": row["name"],
        "group": names.get(row["group"], row["group"]),
        "presence": word(row["presence"], language),
        "since": since,
        "telephone": word(row["telephone"], language),
        "mobile": row["mobile"] or "",
    }


def _telephones(this: Opened) -> dict[str, Contact] | None:
    """The telephones that are registered; None when Asterisk does not answer."""
    try:
        return asterisk_console.contacts(this.home)
    except NoConsole:
        return None


def _how(phones: dict[str, Contact] | None, number: str) -> str | None:
    """Whether a telephone is registered, and if so, whether it answers; None when Asterisk does not."""
    if phones is None:
        return None
    known = phones.get(number)
    return "not registered" if known is None else "registered, silent" if known is Contact.SILENT else "registered"
