"""`hotline access`: who has listened to talks and recordings, or seen or changed personal data (R04-1, R05-9)."""

from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.opening import Opened
from hotline.terminal.wording import moment, word
from models.people import people

COLUMNS = ("started_at", "who", "what", "subject")


def list_access(this: Opened, view: ListView, limit: int) -> None:
    """Prints the newest entries. Raises StoreUnavailable."""
    entries = this.open_store().read(people.accesses, limit=limit)
    if view.as_json:
        print_json([{"at": one.at, "who": one.who, "what": one.what, "subject": one.subject} for one in entries])
        return
    rows = [
        {
            "started_at": moment(entry.at, this.site.time_zone),
            "who": entry.who,
            "what": word(entry.what, view.language),
            "subject": entry.subject,
        }
        for entry in entries
    ]
    print_table(rows, COLUMNS, view.language)
