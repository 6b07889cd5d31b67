"""What the attackers are after: tickets, recordings, a photo and a guest, and staff who have passwords."""

import base64
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from models.calls import calls, recordings
from models.clock import SystemClock
from models.guests import stays
from models.people import accounts
from models.people.owners_file import OwnerRow
from models.people.people import import_owners
from models.states.calls import EndedBy, RecordingKind, RecordingState
from models.states.tickets import Source, TicketKind
from models.tables import FIRST_NUMBER, Recording
from models.tickets import dispatch, intake, views
from models.tickets.intake import Facts
from recordings import files
from recordings.voice import sound
from tests.attack.console.browser import Browser, Page, multipart
from tests.attack.world import World

MANAGER, AGENT, COLLEAGUE, TECHNICIAN = "7050", "7001", "7002", "7020"
PASSWORD = "seven quiet rivers"
NAME, NUMBER = "欧阳隐秘", "13612349871"
"""Of the customer; masked until a reason is given."""
COMPLAINED, COMPLAINER, PLACE = "门岗夜间无人应答", "13612349872", "1807"
"""What is complained of, by whom and from where: closed to the person complained of (R15-6)."""
GUEST = "司徒住客"
_PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
"""The smallest there is: one pixel."""
_BY_PROGRAMS = {
    *("attempts", "calls", "calls_to_make", "canaries", "clocks", "deliveries", "escalation_steps", "escalations"),
    *(
        "findings",
        "guesses",
        "pushed_back",
        "recordings",
        "rings",
        "surveys",
        "talks",
        "tasks",
        "trunk_calls",
        "trunks",
    ),
    *("wakeup_attempts", "wakeup_events", "wakeup_knocks", "wakeup_texts", "wakeups", "wrong_pins"),
}
"""Tables that the programs write by themselves, about what other attacks have left."""
_STAGED = "staged"
_BY_PEOPLE = {"tickets": f"need IN ('{_STAGED}', 'attack')", "ticket_events": "who GLOB '[0-9]*'"}
"""Of these tables, what people have written."""


@dataclass
class Stage:
    """`ticket` is the complaint about the agent, `other` a ticket of another department than the technician's;
    `closed` and `foreign` are their recordings, `loose` is one without a ticket, `photo` one of the complaint."""

    world: World
    ticket: int
    other: int
    closed: int
    foreign: int
    loose: int
    view: int
    photo: int = 0

    def link(self, number: str, good_for: timedelta = timedelta(hours=1)) -> str:
        """The secret of a first link."""
        given = {"by": "attack", "at": now(), "good_for": good_for}
        return self.world.hotline.store.write(accounts.make_link, number, administrator=number == MANAGER, **given)

    def signs_in(self, number: str) -> Browser:
        """A browser of this person, by a first link."""
        browser = Browser(self.world)
        page = uses(browser, self.link(number))
        browser.cookie = page.cookie
        if not browser.cookie:
            raise RuntimeError(f"{number} could not sign in by a first link: {page.status} {page.text[:200]}")
        return browser


def uses(browser: Browser, secret: str, password: str = PASSWORD) -> Page:
    """A first link."""
    form = {"password": password, "again": password, "form": "link", "page": accounts.LINK_PATH + secret}
    return browser.post(accounts.LINK_PATH + secret, form)


def now() -> datetime:
    return SystemClock().now()


def staged(world: World) -> Stage:
    store, policy, at = world.hotline.store, world.hotline.policy, now()
    common: dict[str, Any] = {"source": Source.VISIT, "who": MANAGER, "at": at, "policy": policy, "language": "zh"}
    complaint = Facts(
        problem=COMPLAINED, need=_STAGED, contact_name="诸葛不满", contact_number=COMPLAINER, room=PLACE, building="3"
    )
    about = store.write(intake.new, kind=TicketKind.COMPLAINT, facts=complaint, about_staff=AGENT, **common)
    report = Facts(problem="x", need=_STAGED, contact_name=NAME, contact_number=NUMBER)
    other = store.write(intake.new, kind=TicketKind.ENQUIRY, facts=report, **common)
    store.write(dispatch.dispatch, other.id, department="agents", who=MANAGER, at=at)
    store.write(import_owners, [OwnerRow(2, NAME, "9", "901", (NUMBER,))], who="attack", at=at)
    store.write(stays.check_in, "1101", [GUEST], who=MANAGER, at=at)
    store.write(views.save, MANAGER, "attack", "state=all")
    (view,) = store.read(views.of, MANAGER)
    return Stage(
        world,
        about.number,
        other.number,
        closed=recorded(world, "attack-closed", about.id),
        foreign=recorded(world, "attack-foreign", other.id),
        loose=recorded(world, "attack-loose", None),
        view=view.id,
    )


def recorded(world: World, name: str, ticket: int | None) -> int:
    """A recording with its file, of a call in which the colleague talked."""
    store, home, at = world.hotline.store, world.hotline.home, now()
    call = store.write(calls.begin, channel_id=name, line="8000", caller_number=NUMBER, language="zh", at=at)
    legs = {"bridge_id": name, "caller_channel": "c", "leg_channel": "l"}
    talk = store.write(calls.begin_talk, call_id=call.id, staff_number=COLLEAGUE, at=at, **legs)
    store.write(calls.end_talk, talk, by=EndedBy.AGENT, at=at)
    store.write(calls.end, call.id, by=EndedBy.AGENT, reason="completed", at=at)
    keep = {"at": at, "retain_until": at + timedelta(days=1)}
    row = store.write(recordings.reserve, name=name, kind=RecordingKind.TALK, call_id=call.id, ticket_id=ticket, **keep)
    file = files.stored(home, name, at=at, time_zone=world.hotline.site.time_zone, format="wav")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(sound.in_wav(b"\xd5" * 8000))
    _give_away(file, home.recordings)
    path = str(file.relative_to(home.path))

    def keep_it(session: Session) -> None:
        kept = session.get_one(Recording, row.id)
        kept.path, kept.format, kept.state, kept.ended_at = path, "wav", RecordingState.KEPT, at

    store.write(keep_it)
    return row.id


def with_photo(stage: Stage, manager: Browser) -> int:
    """The manager adds one to the complaint."""
    body, kind = multipart({"photo": _PICTURE})
    headers = {"Content-Type": kind, "Origin": manager.origin}
    manager.send("POST", f"/tickets/{stage.ticket}/photos", body, headers)
    found = stage.world.rows("SELECT id FROM photos WHERE ticket_id = ?", stage.ticket - FIRST_NUMBER)
    if not found:
        raise RuntimeError("the manager could not add a photo")
    return int(found[0][0])


def rows(world: World) -> dict[str, Counter[tuple[Any, ...]]]:
    """Every row that people can write, but for when somebody was last seen."""
    names = [name for (name,) in world.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {}
    for name in set(names) - _BY_PROGRAMS:
        columns = [column[1] for column in world.rows(f"PRAGMA table_info({name})") if column[1] != "seen_at"]
        listed = ", ".join(f'"{column}"' for column in columns)
        found[name] = Counter(world.rows(f"SELECT {listed} FROM {name} WHERE {_BY_PEOPLE.get(name, '1')}"))
    return found


def changed(before: dict[str, Counter[Any]], after: dict[str, Counter[Any]], *, but: Sequence[str] = ()) -> list[str]:
    """The tables in which something is not as it was."""
    return sorted(name for name in after if name not in but and after[name] != before.get(name))


def _give_away(file: Path, like: Path) -> None:
    """To the account under which the console runs."""
    owner = like.stat()
    for one in (file, *file.parents):
        if one == like:
            break
        os.chown(one, owner.st_uid, owner.st_gid)
