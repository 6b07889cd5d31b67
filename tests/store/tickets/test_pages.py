"""What the pages of tickets ask of the store: the list by deadline, counts, saved views, who sees what, and photos."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from models.calls import recordings
from models.database.store import Store
from models.errors import MoveRefused
from models.instance.home import Home
from models.people import access_log
from models.people.rights import Person, Right
from models.policy import Policy
from models.states.calls import RecordingKind
from models.states.tickets import PhotoKind, Source, TicketKind, TicketState
from models.tables import Photo, Ticket
from models.text.masking import Shown
from models.tickets import dispatch, intake, photos, reach, search, tickets, views
from models.tickets.search import TicketQuery
from tests.store.conftest import FACTS, NOON

pytestmark = pytest.mark.store

ASKED: dict[str, Any] = {"shown": Shown(False), "reader": "7001"}


def picture(kind: str) -> bytes:
    written = BytesIO()
    Image.new("RGB", (4, 4)).save(written, kind)
    return written.getvalue()


JPEG, PNG, WEBP = picture("JPEG"), picture("PNG"), picture("WEBP")
TECHNICIAN = Person("7020", "赵强", "technician", "engineering", frozenset({Right.TICKETS}), None, None, 1, NOON)


@pytest.fixture
def several(staffed: Store, policy: Policy) -> Store:
    """1001 to 1006, each an hour later than the one before, the first one closed, the second without a deadline."""

    def write(session: Session) -> None:
        for hours in range(6):
            at = NOON - timedelta(hours=6 - hours)
            given = {"kind": TicketKind.REPAIR, "source": Source.VISIT, "facts": FACTS, "language": "zh"}
            intake.new(session, **given, who="7001", at=at, policy=policy)  # type: ignore[arg-type]
        tickets.move(session, 1, to=TicketState.DONE, who="7020", at=NOON)
        tickets.move(session, 1, to=TicketState.CONFIRMED, who="7001", at=NOON)
        session.get_one(Ticket, 2).next_due_at = None
        dispatch.dispatch(session, 4, department="engineering", assignee="7020", who="7001", at=NOON)
        dispatch.dispatch(session, 5, department="monitoring", who="7001", at=NOON)

    staffed.write(write)
    return staffed


def by_deadline(store: Store, wanted: TicketQuery, **how: Any) -> list[int]:
    return [one.number for one in store.read(search.by_deadline, wanted, **ASKED, **how).found]


def test_the_most_overdue_ticket_is_first_and_one_without_a_deadline_last(several: Store) -> None:
    assert by_deadline(several, TicketQuery(), limit=10) == [1003, 1004, 1005, 1006, 1002]
    assert by_deadline(several, TicketQuery(mine="7020"), limit=10) == [1004]
    assert by_deadline(several, TicketQuery(unassigned=True, department="monitoring"), limit=10) == [1005]
    assert by_deadline(several, TicketQuery(late_at=NOON), limit=10) == [1003]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_by_deadline_leave_nothing_out_and_show_nothing_twice(several: Store, size: int) -> None:
    seen: list[int] = []
    behind = None
    while True:
        page = several.read(search.by_deadline, TicketQuery(), **ASKED, limit=size, behind=behind)
        seen += [one.number for one in page.found]
        if (behind := page.older_than) is None:
            break
    assert seen == [1003, 1004, 1005, 1006, 1002]


def test_counts_are_of_the_open_tickets_that_the_person_sees(several: Store) -> None:
    at = NOON
    all_of_them = several.read(search.counts, department=None, person="7001", at=at)
    assert (all_of_them.open, all_of_them.late, all_of_them.mine) == (5, 1, 5)
    own = several.read(search.counts, department="engineering", person="7020", at=at)
    assert (own.open, own.late, own.mine) == (1, 0, 1)


def test_a_technician_sees_the_department_and_what_is_his_own(several: Store) -> None:
    def seen(session: Session) -> list[int]:
        return [number for number in range(1001, 1007) if reach.find(session, number, TECHNICIAN)]

    assert several.read(seen) == [1004]
    several.write(lambda session: setattr(session.get_one(Ticket, 5), "first_receiver", "7020"))
    assert several.read(seen) == [1004, 1005]
    assert several.read(reach.find, 1001, replace(TECHNICIAN, role="agent", group="agents")) is not None


def test_a_view_is_of_one_person_and_its_name_is_there_once(several: Store) -> None:
    several.write(views.save, "7001", "急修", "kind=urgent-repair")
    several.write(views.save, "7001", " 急修 ", "kind=urgent-repair&late=1")
    several.write(views.save, "7002", "mine", "mine=1")
    assert [(view.name, view.filters) for view in several.read(views.of, "7001")] == [
        ("急修", "kind=urgent-repair&late=1")
    ]
    several.write(views.forget, "7001", several.read(views.of, "7002")[0].id)
    assert len(several.read(views.of, "7002")) == 1
    with pytest.raises(MoveRefused, match="name"):
        several.write(views.save, "7001", "   ", "late=1")
    for number in range(views.MOST - 1):
        several.write(views.save, "7001", f"view {number}", "late=1")
    with pytest.raises(MoveRefused, match="delete one"):
        several.write(views.save, "7001", "one more", "late=1")


def keep(store: Store, policy: Policy, folder: Path, content: bytes, who: str = "7020", ticket: int = 4) -> int:
    given: dict[str, Any] = {"who": who, "at": NOON, "policy": policy}
    return photos.add(store, Home(folder), ticket, content, "under the sink", **given)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(JPEG, PhotoKind.JPEG), (PNG, PhotoKind.PNG), (WEBP, PhotoKind.WEBP)],
)
def test_a_photo_is_kept_with_a_note_and_its_kind_is_in_its_content(
    several: Store, policy: Policy, tmp_path: Path, content: bytes, kind: PhotoKind
) -> None:
    assert keep(several, policy, tmp_path, content) == 4
    (photo,) = several.read(photos.of_ticket, 4)
    kept = (Home(tmp_path).photos / photo.path).read_bytes()
    assert (photo.kind, photo.taken_by, photo.size) == (kind, "7020", len(kept))
    assert Image.open(BytesIO(kept)).size == (4, 4)
    record = several.read(tickets.get, 4)
    assert record is not None
    assert record.events[-1].text == f"photo: {photo.id}\nunder the sink"


@pytest.mark.parametrize(
    "content", [b"", b"<svg xmlns='x'/>", b"GIF89a", b"%PDF-1.7", b"<html>", JPEG[:30] + bytes(100)]
)
def test_what_is_no_photo_is_refused_and_leaves_nothing(
    several: Store, policy: Policy, tmp_path: Path, content: bytes
) -> None:
    with pytest.raises(photos.PhotoRefused):
        keep(several, policy, tmp_path, content)
    assert list(Home(tmp_path).photos.rglob("*.*")) == []


def test_a_photo_that_is_too_large_or_one_too_many_is_refused_and_leaves_no_file(
    several: Store, policy: Policy, tmp_path: Path
) -> None:
    with pytest.raises(photos.PhotoRefused, match="10 MB"):
        keep(several, policy, tmp_path, JPEG + bytes(policy.console.photo_bytes))
    few = policy.model_copy(update={"console": policy.console.model_copy(update={"photos_of_ticket": 1})})
    keep(several, few, tmp_path, JPEG)
    with pytest.raises(photos.PhotoRefused, match="at most 1"):
        keep(several, few, tmp_path, JPEG)
    assert len([file for file in Home(tmp_path).photos.rglob("*") if file.is_file()]) == 1


def test_the_person_complained_of_adds_no_photo(several: Store, policy: Policy, tmp_path: Path) -> None:
    """R15-6."""
    several.write(tickets.about, 4, "7020", who="7001", at=NOON, policy=policy)
    with pytest.raises(MoveRefused, match="R15-6"):
        keep(several, policy, tmp_path, JPEG)
    assert several.read(lambda session: session.query(Photo).count()) == 0


def test_a_photo_of_a_merged_ticket_is_on_the_one_that_goes_on(several: Store, policy: Policy, tmp_path: Path) -> None:
    several.write(dispatch.merge, 6, into=4, who="7001", at=NOON)
    assert keep(several, policy, tmp_path, JPEG, ticket=6) == 4
    assert len(several.read(photos.of_ticket, 4)) == 1


def test_parts_of_one_listening_are_logged_once_and_the_next_one_again(several: Store) -> None:
    """R05-9: a browser asks for a sound in parts."""

    def reserve(session: Session) -> int:
        given = {"name": "talk-1", "kind": RecordingKind.TALK, "call_id": None, "ticket_id": 4}
        return recordings.reserve(session, **given, at=NOON, retain_until=NOON).id  # type: ignore[arg-type]

    recording = several.write(reserve)
    for minutes in (0, 1, 2, 40):
        at = NOON + timedelta(minutes=minutes)
        several.write(recordings.listened, recording, who="7001", since=at - timedelta(minutes=30), at=at)
    several.write(recordings.listened, recording, who="7002", since=NOON - timedelta(minutes=30), at=NOON)
    entries = several.read(access_log.newest, limit=9)
    assert [(entry.who, entry.what, entry.subject) for entry in entries] == [
        ("7002", "listened", f"recording {recording} talk-1"),
        ("7001", "listened", f"recording {recording} talk-1"),
        ("7001", "listened", f"recording {recording} talk-1"),
    ]


def test_a_complaint_is_about_somebody_who_works_here(several: Store, policy: Policy) -> None:
    with pytest.raises(MoveRefused, match="nobody at work here has the number"):
        several.write(tickets.about, 4, "9999", who="7001", at=NOON, policy=policy)
