"""Hidden is hidden: what a reader is not shown cannot be found out by asking for it either (R08-9, R15-6)."""

from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models import enrolment
from models.calls import calls, recordings
from models.database.store import Store
from models.people import people
from models.people.owners_file import OwnerRow
from models.policy import Policy
from models.site import Site
from models.states.calls import RecordingKind, RecordingState
from models.states.tickets import Source, TicketKind
from models.tables import Call, Owner, Ticket
from models.text.masking import Shown
from models.tickets import dispatch, impartial, intake, search, sheet, tickets
from models.tickets.intake import Facts
from models.tickets.search import NotForThisReader, TicketQuery
from tests.store.conftest import NOON
from tests.store.terminal import Terminal
from tests.store.tickets.one_call import AT, hotline

__all__ = ["hotline"]

pytestmark = pytest.mark.store

COMPLAINED_OF = "7010"
SHOWN_TO_ALL = {
    "kinds", "states", "open_only", "department", "assignee", "first_receiver", "about_staff", "severity", "source",
    "reporter", "opened_from", "opened_before", "late_at", "mine", "unassigned",
}  # fmt: skip
VALUES: dict[str, tuple[Any, Any]] = {
    "caller": ("13900139000", "13900139001"),
    "name": ("王建国", "王建军"),
    "owner_id": (1, 2),
    "text": ("was rude", "was kind"),
    "building": ("3", "4"),
    "room": ("1201", "1202"),
}
"""The value of the complaint, and another one."""
WORDS = ("was rude", "an apology", "on the stairs", "by the end of the week", "王建国", "13900139000")
"""What the complaint holds, in every place where somebody may have written it."""


@pytest.fixture
def complaint(staffed: Store, policy: Policy) -> Store:
    """A store with a complaint of an owner about 7010, and a repair of somebody else."""

    def write(session: Session) -> None:
        people.import_owners(session, [OwnerRow(2, "王建国", "3", "1201", ("13900139000",))], who="test", at=NOON)
        facts = Facts("王建国", "13900139000", "was rude", "an apology", building="3", room="1201")
        ticket = intake.new(
            session,
            kind=TicketKind.COMPLAINT,
            source=Source.VISIT,
            facts=facts,
            who="7001",
            at=NOON,
            policy=policy,
            language="zh",
            about_staff=COMPLAINED_OF,
        )
        tickets.note(session, ticket.id, "on the stairs", who="7001", at=NOON)
        other = Facts("李秀兰", "13700137000", "no water", "water", building="5", room="802")
        intake.new(
            session,
            kind=TicketKind.REPAIR,
            source=Source.VISIT,
            facts=other,
            who="7001",
            at=NOON,
            policy=policy,
            language="zh",
        )

    staffed.write(write)
    return staffed


def answer(store: Store, wanted: TicketQuery, *, reveal: bool, reader: str | None) -> Any:
    """All that this asker gets to see."""

    def read(session: Session) -> Any:
        shown = Shown(reveal)
        try:
            page = search.search(session, wanted, shown=shown, reader=reader, limit=50)
        except NotForThisReader as refused:
            return str(refused)
        return [sheet.fields(session, one, shown, reader=reader) for one in page.found], page.older_than

    return store.read(read)


def test_every_field_of_a_search_is_shown_to_all_or_has_its_rule() -> None:
    known = SHOWN_TO_ALL | set(search.OF_THE_COMPLAINT)
    assert {field.name for field in fields(TicketQuery)} == known
    assert set(VALUES) == set(search.OF_THE_COMPLAINT)


@pytest.mark.parametrize("reveal", [False, True], ids=["masked", "whole"])
@pytest.mark.parametrize("field", VALUES)
def test_the_person_complained_of_learns_nothing_by_asking_for_the_right_value(
    complaint: Store, field: str, reveal: bool
) -> None:
    """R15-6: who complained, of what, and where."""
    right, other = (TicketQuery(**{field: value}) for value in VALUES[field])
    assert answer(complaint, right, reveal=reveal, reader=COMPLAINED_OF) == answer(
        complaint, other, reveal=reveal, reader=COMPLAINED_OF
    )
    # His colleague finds it, so the test looks at the right fields.
    found, _ = answer(complaint, right, reveal=True, reader="7001")
    assert [one["number"] for one in found] == [1001]


@pytest.mark.parametrize("words", WORDS)
def test_no_word_of_the_complaint_is_found_by_the_person_complained_of(complaint: Store, words: str) -> None:
    found, _ = answer(complaint, TicketQuery(text=words), reveal=True, reader=COMPLAINED_OF)
    assert found == []


@pytest.mark.parametrize("field", search.PERSONAL)
def test_a_reader_who_sees_names_and_numbers_masked_cannot_ask_for_them(complaint: Store, field: str) -> None:
    """R08-9: a masked number was found by asking 1,500 times."""
    right, other = (
        answer(complaint, TicketQuery(**{field: value}), reveal=False, reader=None) for value in VALUES[field]
    )
    assert right == other
    assert "masked" in right


@pytest.mark.parametrize("part", ["王建国", "建国", "13900139000", "0139000", "9000", "139"])
def test_a_reader_who_sees_names_and_numbers_masked_does_not_find_them_in_texts(complaint: Store, part: str) -> None:
    """R08-9: not in the name, not in the events that hold the former value."""
    complaint.write(intake.fill_in, 1, Facts(contact_name="王建业", contact_number="13900139009"), who="7001", at=NOON)
    assert answer(complaint, TicketQuery(text=part), reveal=False, reader=None) == ([], None)


@pytest.mark.parametrize("word", ["need", "problem", "contact_name", "severity", "was:"])
def test_names_of_fields_are_not_what_somebody_wrote(complaint: Store, word: str) -> None:
    complaint.write(intake.fill_in, 2, Facts(need="water at once"), who="7001", at=NOON)
    assert answer(complaint, TicketQuery(text=word), reveal=True, reader=None) == ([], None)
    found, _ = answer(complaint, TicketQuery(text="at once"), reveal=False, reader=None)
    assert [one["number"] for one in found] == [1002]


def test_a_ticket_merged_into_a_complaint_is_closed_with_it(complaint: Store, policy: Policy) -> None:
    """R15-6: also when the person is entered afterwards."""

    def closed(session: Session) -> tuple[bool, bool]:
        one, two = session.get_one(Ticket, 1), session.get_one(Ticket, 2)
        return impartial.hidden_from(one, COMPLAINED_OF), impartial.hidden_from(two, COMPLAINED_OF)

    complaint.write(dispatch.merge, 2, into=1, who="7001", at=NOON)
    assert complaint.read(closed) == (True, True)
    complaint.write(tickets.about, 1, "7002", who="7001", at=NOON, policy=policy)
    assert complaint.read(lambda session: session.get_one(Ticket, 2).about_staff) == "7002"


@pytest.fixture
def desk(hotline: Terminal) -> Terminal:
    """A home whose only call is a complaint about 7010: known caller, recorded, a call back owed, a promise made."""

    def write(session: Session) -> None:
        site = Site.load(hotline.home.site_file)
        enrolment.enrol(session, site)
        policy = Policy.load(hotline.home.policy_file, site)
        people.import_owners(session, [OwnerRow(2, "王建国", "3", "1201", ("13800138000",))], who="test", at=AT)
        session.get_one(Call, 1).owner_id = session.query(Owner.id).scalar()
        intake.fill_in(
            session, 1, Facts("王建国", "13800138000", "was rude", "an apology"), who="7001", at=AT, policy=policy
        )
        tickets.about(session, 1, COMPLAINED_OF, who="7001", at=AT, policy=policy)
        tickets.note(session, 1, "on the stairs", who="7001", at=AT)
        row = session.get_one(recordings.Recording, 1)
        recordings.finish(session, row.id, state=RecordingState.KEPT, at=AT, path="recordings/talk-1.opus", seconds=9.0)
        later = calls.begin(session, channel_id="c9", line="8000", caller_number="13700137000", language="zh", at=AT)
        recordings.reserve(
            session,
            name="talk-9",
            kind=RecordingKind.TALK,
            call_id=later.id,
            ticket_id=None,
            at=AT,
            retain_until=AT + timedelta(days=9),
        )

    hotline.store.write(write)
    file = hotline.home.path / "recordings" / "talk-1.opus"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"sound")
    return hotline


LISTS = (
    ("tickets",),
    ("tickets", "show", "1001"),
    ("tickets", "--about", COMPLAINED_OF),
    ("ticket", "mine"),
    ("calls",),
    ("tasks",),
    ("recordings",),
    ("survey",),
)


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
def test_no_list_shows_the_person_complained_of_who_complained_or_of_what(
    desk: Terminal, words: tuple[str, ...]
) -> None:
    """R15-6."""
    secret = ("王建国", "13800138000", "1201", "was rude", "an apology", "on the stairs", "talk-1")
    reveal = () if words == ("recordings",) else ("--reveal",)
    for form in ((), ("--json",)):
        said = desk(*words, *reveal, *form, "--as", COMPLAINED_OF)
        assert desk.code == 0, desk.errors
        assert [one for one in secret if one in said] == []


@pytest.mark.parametrize("verb", ["play", "export", "hold", "let-go"])
def test_a_recording_is_as_closed_as_its_ticket(desk: Terminal, verb: str) -> None:
    """R15-6: the person complained of played it by its number."""
    more = {"play": (), "export": (str(desk.home.path / "copy"),)}.get(verb, ("--reason", "court"))
    desk("recordings", verb, "1", *more, "--as", COMPLAINED_OF)
    assert desk.code == 1
    assert "complaint about 7010" in desk.errors
    assert not (desk.home.path / "copy").exists()
    if verb != "let-go":
        desk("recordings", verb, "1", *more, "--as", "7001")
        assert desk.code == 0, desk.errors


def test_a_search_by_a_masked_number_says_how_to_see_it_and_the_log_keeps_it_masked(desk: Terminal) -> None:
    """R08-9."""
    for option, value in (("--phone", "13800138000"), ("--name", "王建国")):
        desk("tickets", option, value)
        assert desk.code == 1
        assert "add --reveal" in desk.errors
        assert [one["number"] for one in desk.json("tickets", option, value, "--reveal")] == [1001]
    said = desk("access")
    assert "138****8000" in said
    assert "13800138000" not in said
    assert "王建国" not in said
