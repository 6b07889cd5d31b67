"""A token's secret is shown once and never stored; until it is revoked, the token allows what it was made for."""

import threading
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text

from models.database.store import Store
from models.people import people, tokens
from models.people.tokens import KeyReused, TokenRefused
from models.policy import Policy
from models.states.people import May
from models.tables import IdempotencyKey
from tests.store.api_tickets import a_ticket

pytestmark = pytest.mark.store


def made(store: Store, noon: datetime, name: str = "form", *may: May, staff: str | None = None) -> str:
    return store.write(tokens.add, name, may=may or [May.OPEN], staff_number=staff, by="root", at=noon)


def test_a_secret_allows_what_its_token_was_made_for_and_is_not_stored(staffed: Store, noon: datetime) -> None:
    """R07-8."""
    secret = made(staffed, noon, "form", May.FOLLOW, May.OPEN)
    assert made(staffed, noon, "other") != secret
    bearer = staffed.read(tokens.bearer, secret)
    assert bearer is not None
    assert (bearer.name, bearer.may, bearer.who) == ("form", {May.OPEN, May.FOLLOW}, "api:form")
    rows = staffed.read(lambda session: session.execute(text("SELECT * FROM tokens")).all())
    assert secret not in str(rows)
    assert secret.removeprefix(tokens.PREFIX) not in str(rows)
    for wrong in ("", secret[:-1], secret + "x", secret.upper()):
        assert staffed.read(tokens.bearer, wrong) is None


def test_a_revoked_token_allows_nothing_and_its_name_is_free_again(staffed: Store, noon: datetime) -> None:
    secret = made(staffed, noon)
    with pytest.raises(TokenRefused, match="there is a token form already"):
        made(staffed, noon)
    assert staffed.write(tokens.revoke, "form", at=noon)
    assert not staffed.write(tokens.revoke, "form", at=noon)
    assert staffed.read(tokens.bearer, secret) is None
    new = made(staffed, noon)
    assert staffed.read(tokens.bearer, new) is not None
    assert [(one.name, one.revoked_at) for one in staffed.read(tokens.listed)] == [("form", None), ("form", noon)]


def test_a_token_that_handles_tickets_acts_as_one_of_the_present_staff(staffed: Store, noon: datetime) -> None:
    """R15-6: a ticket is handled by a person, so that staff are kept from complaints about themselves."""
    secret = made(staffed, noon, "desk", May.HANDLE, staff="7001")
    bearer = staffed.read(tokens.bearer, secret)
    assert bearer is not None
    assert bearer.who == "7001"
    for may, staff, error in ((May.HANDLE, None, "--staff"), (May.NOTE, "7099", "nobody at work here")):
        with pytest.raises(TokenRefused, match=error):
            made(staffed, noon, "wrong", may, staff=staff)
    staffed.write(lambda session: setattr(session.get_one(people.Staff, "7001"), "group", None))
    assert staffed.read(tokens.bearer, secret) is None


def test_a_token_may_do_no_more_than_its_person(staffed: Store, noon: datetime) -> None:
    """R08-9: a technician sees no whole names and numbers, so neither does a program that acts as one."""
    with pytest.raises(TokenRefused, match="7020 may not do this himself or herself: personal"):
        made(staffed, noon, "app", May.READ, May.PERSONAL, staff="7020")
    secret = made(staffed, noon, "app", May.READ, May.PERSONAL, staff="7001")
    bearer = staffed.read(tokens.bearer, secret)
    assert bearer is not None
    assert bearer.may == {May.READ, May.PERSONAL}
    staffed.write(lambda session: setattr(session.get_one(people.Staff, "7001"), "role", "technician"))
    bearer = staffed.read(tokens.bearer, secret)
    assert bearer is not None
    assert bearer.may == {May.READ}


@pytest.mark.parametrize("name", ["", "Form", "web form", "-form", "f" * 31, "表单"])
def test_an_unusable_token_name_is_refused(staffed: Store, noon: datetime, name: str) -> None:
    with pytest.raises(TokenRefused, match="no name for a token"):
        made(staffed, noon, name)


def test_a_request_sent_twice_at_the_same_moment_is_one_ticket(staffed: Store, policy: Policy, noon: datetime) -> None:
    """The second request is run again, and finds the ticket of the first."""
    made(staffed, noon)
    both, found = threading.Barrier(2), list[int]()

    def write(session: Any) -> int:
        known = tokens.asked_before(session, 1, "key", b"body")
        if known is None:
            if not both.broken:
                # SQLite has one writer; on PostgreSQL both have looked before one of them writes.
                wait(both)
            known = a_ticket(session, policy, noon).id
            tokens.remember(session, 1, "key", b"body", ticket_id=known, at=noon)
        return known

    threads = [threading.Thread(target=lambda: found.append(staffed.write(write))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1
    assert len(staffed.read(lambda session: session.scalars(select(IdempotencyKey)).all())) == 1


def wait(both: threading.Barrier) -> None:
    try:
        both.wait(0.2)
    except threading.BrokenBarrierError:
        return


def test_an_idempotency_key_belongs_to_one_token_and_one_request(
    staffed: Store, policy: Policy, noon: datetime
) -> None:
    made(staffed, noon, "one")
    made(staffed, noon, "two")
    ticket = staffed.write(a_ticket, policy, noon)
    staffed.write(tokens.remember, 1, "key", b"body", ticket_id=ticket.id, at=noon)
    assert staffed.read(tokens.asked_before, 1, "key", b"body") == ticket.id
    assert staffed.read(tokens.asked_before, 2, "key", b"body") is None
    assert staffed.read(tokens.asked_before, 1, "other", b"body") is None
    with pytest.raises(KeyReused):
        staffed.read(tokens.asked_before, 1, "key", b"another")
