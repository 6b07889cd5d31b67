"""`hotline staff`: who is on duty since when, and whose telephone can be rung at this moment."""

import base64
import json
import urllib.request
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hotline.terminal.listing import ListView, log_reveal, print_json, print_table
from hotline.terminal.opening import Opened
from hotline.terminal.wording import moment, say, word
from models.clock import SystemClock
from models.instance.secrets import Secrets
from models.people import duties, presence
from models.states.people import PresenceState
from models.tables import Staff

STAFF = ("number", "name", "group", "presence", "since", "telephone", "mobile")
_PATIENCE_S = 2.0


def list_staff(this: Opened, view: ListView) -> None:
    """Prints all staff. Raises StoreUnavailable; without Asterisk, nothing is known of the telephones."""
    store = this.open_store()
    log_reveal(store, view, "staff")
    online, now = _online(this), SystemClock().now()

    def read(session: Session) -> list[dict[str, Any]]:
        return [
            {
                "number": staff.number,
                "name": staff.name,
                "group": staff.group,
                "role": staff.role,
                "presence": _presence(session, staff, now),
                "since": said.since if said else None,
                "registered": None if online is None else staff.number in online,
                "mobile": view.number(staff.mobile),
            }
            for staff, said in presence.everybody(session)
        ]

    rows = store.read(read)
    if view.as_json:
        print_json(rows)
    else:
        print_table([_texts(row, this) for row in rows], STAFF, view.language)


def _presence(session: Session, staff: Staff, now: datetime) -> str:
    """On duty, on a break, or "off-shift": he has no turn on the roster now, and has not said that he is there."""
    if duties.is_present(session, staff, at=now):
        return PresenceState.ON_DUTY.value
    return "off-shift" if staff.on_duty else PresenceState.BREAK.value


def _texts(row: dict[str, Any], this: Opened) -> dict[str, str]:
    language = this.language
    names = {group.name: say(group.zh, group.en, language) for group in this.site.groups}
    registered = {True: "registered", False: "not registered", None: None}[row["registered"]]
    since = moment(row["since"], this.site.time_zone) if row["since"] else say("站点文件", "site file", language)
    return {
        "number": row["number"],
        "name": row["name"],
        "group": names.get(row["group"], row["group"]),
        "presence": word(row["presence"], language),
        "since": since,
        "telephone": word(registered, language),
        "mobile": row["mobile"] or "",
    }


def _online(this: Opened) -> set[str] | None:
    """The telephones that are registered; None when Asterisk does not say."""
    password = Secrets.load_or_create(this.home, this.site).ari_password
    token = base64.b64encode(f"hotline:{password}".encode()).decode()
    address = f"http://127.0.0.1:{this.site.http.port}/ari/endpoints/PJSIP"
    request = urllib.request.Request(address, headers={"Authorization": f"Basic {token}"})
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:
            return {phone["resource"] for phone in json.load(answer) if phone["state"] == "online"}
    except (OSError, ValueError):
        return None
