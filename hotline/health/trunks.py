"""`hotline trunks`: each trunk of the site file, whether it is there, its calls now, and its last failure in words."""

from typing import Any

from hotline.health.checks import NoAnswer, ari
from hotline.terminal.listing import print_json, print_table
from hotline.terminal.opening import Opened
from models.database.store import Store
from models.health import trunks
from models.language import Language
from models.states.health import TrunkState
from models.text.wording import moment, say, word

COLUMNS = ("trunk", "kind", "state", "since", "calls_now", "last_failure")


def show(this: Opened, *, as_json: bool) -> bool:
    """Prints the trunks in the order in which they are tried; False when one is down. Raises StoreUnavailable."""
    rows = listed(this, this.open_store())
    if as_json:
        print_json(rows)
    else:
        print_table([_texts(row, this) for row in rows], COLUMNS, this.language)
    return not any(row["state"] == TrunkState.DOWN for row in rows)


def listed(this: Opened, store: Store) -> list[dict[str, Any]]:
    """One for each trunk of the site file; `state` is None before the first look, `calls_now` while Asterisk is down.
    Raises StoreUnavailable."""
    known, calls = store.read(trunks.every), _calls(this)
    found = []
    for trunk in this.site.trunks:
        row = known.get(trunk.name)
        found.append(
            {
                "trunk": trunk.name,
                "kind": trunk.kind,
                "state": row.state if row else None,
                "since": row.since if row else None,
                "calls_now": None if calls is None else calls.get(trunk.name, 0),
                "failure": row.failure if row else None,
                "failed_at": row.failed_at if row else None,
            }
        )
    return found


def in_short(row: dict[str, Any], language: Language) -> str:
    """ "telecom up", for a line of the status; what is wrong with one that is down."""
    state = word(row["state"], language) if row["state"] else say("尚未检查", "not looked at yet", language)
    why = f" ({word(row['failure'], language)})" if row["state"] == TrunkState.DOWN else ""
    return f"{row['trunk']} {state}{why}"


def _texts(row: dict[str, Any], this: Opened) -> dict[str, str]:
    failed_at, since = row["failed_at"], row["since"]
    failure = f"{moment(failed_at, this.site.time_zone)} {word(row['failure'], this.language)}" if failed_at else ""
    return {
        "trunk": row["trunk"],
        "kind": word(row["kind"], this.language),
        "state": word(row["state"], this.language) if row["state"] else "",
        "since": moment(since, this.site.time_zone) if since else "",
        "calls_now": "" if row["calls_now"] is None else str(row["calls_now"]),
        "last_failure": failure,
    }


def _calls(this: Opened) -> dict[str, int] | None:
    """How many channels each endpoint has; None when Asterisk does not answer."""
    if not this.home.secrets_file.exists():
        return None
    try:
        return {one["resource"]: len(one["channel_ids"]) for one in ari(this, "endpoints/PJSIP")}
    except NoAnswer:
        return None
