"""A number in any form is one number: the owner is recognised, the list finds it, and old rows have today's form."""

from collections.abc import Iterator
from datetime import datetime

import alembic.command
import pytest
from sqlalchemy import select, text

from models.calls import calls
from models.database.store import Store, _alembic_config
from models.people import people
from models.people.owners_file import OwnerRow
from models.surveys import opt_outs
from models.tables import Call, OptOut, OwnerPhone, Task
from models.text.numbers import normal

pytestmark = pytest.mark.store

LISTED = [
    OwnerRow(2, "陈明", "5栋", "302", ("87654321",)),
    OwnerRow(3, "李秀英", "3栋", "1201", ("02087651111",)),
]


@pytest.fixture
def guangzhou(url: str) -> Iterator[Store]:
    store = Store(url, area_code="020")
    yield store
    store.close()


@pytest.mark.parametrize("sent", ["862087654321", "+862087654321", "02087654321", "87654321", "020-8765 4321"])
@pytest.mark.parametrize("site_had_an_area_code", [True, False])
def test_an_owner_calls_from_the_landline_in_any_form(
    guangzhou: Store, store: Store, noon: datetime, sent: str, site_had_an_area_code: bool
) -> None:
    """Also when the list was imported before the site file named the area code."""
    (guangzhou if site_had_an_area_code else store).write(people.import_owners, LISTED, who="test", at=noon)
    known = guangzhou.read(people.owner_by_number, sent)
    assert known is not None
    assert known.owner.name == "陈明"
    call, _ = guangzhou.write(
        calls.take_up, channel_id="c1", line="8000", number=sent, language="zh", mode="menu-first", at=noon
    )
    assert call.caller_number == "02087654321"


@pytest.mark.parametrize("sent", ["8765111", "01087651111", "00000000", "", "保密"])
def test_no_other_number_is_taken_for_an_owners_landline(guangzhou: Store, noon: datetime, sent: str) -> None:
    guangzhou.write(people.import_owners, LISTED, who="test", at=noon)
    assert guangzhou.read(people.owner_by_number, sent) is None


def test_rows_of_an_earlier_version_have_the_form_of_today(empty_url: str) -> None:
    """A list with 00000000 for "no telephone" made every withheld number that owner's."""
    store = Store(empty_url)
    at = "'2026-01-01 00:00:00+00'"
    with store.engine.begin() as connection:
        alembic.command.upgrade(_alembic_config(connection), "0020")
        for statement in (
            "insert into units (id, building, unit, keyed) values (1, '5栋', '302', '5-302')",
            "insert into owners (id, unit_id, name) values (1, 1, '陈明')",
            *(
                f"insert into owner_phones (owner_id, number) values (1, '{number}')"
                for number in ("862087654321", "02087654321", "8675582345678", "00000000", "13800138000")
            ),
            *(
                "insert into calls (id, channel_id, line, caller_number, language, state, started_at, menu_path)"
                f" values ({id}, 'c{id}', '8000', '{number}', 'zh', 'ended', {at}, '')"
                for id, number in enumerate(("862087654321", "00000000", "保密", "13800138000"), 1)
            ),
            *(
                "insert into tasks (id, kind, state, number, opened_at, due_at, times, note)"
                f" values ({id}, 'call-back', 'open', '{number}', {at}, {at}, 1, '')"
                for id, number in enumerate(("862087654321", "02087654321", "8675582345678"), 1)
            ),
            f"insert into opt_outs (number, at, who) values ('862087654321', {at}, 'caller')",
        ):
            connection.execute(text(statement))
    store.migrate()
    phones = store.read(lambda session: session.scalars(select(OwnerPhone.number).order_by(OwnerPhone.id)).all())
    assert phones == ["02087654321", "075582345678", "13800138000"]
    callers = store.read(lambda session: session.scalars(select(Call.caller_number).order_by(Call.id)).all())
    assert callers == ["02087654321", None, None, "13800138000"]
    owed = store.read(lambda session: session.scalars(select(Task.number).order_by(Task.id)).all())
    assert owed == ["862087654321", "02087654321", "075582345678"]
    assert store.read(lambda session: session.scalars(select(OptOut.number)).all()) == ["02087654321"]
    assert store.read(people.owner_by_number, "+862087654321") is not None
    store.close()


def test_who_wants_no_more_calls_gets_none_at_another_form_of_the_number(guangzhou: Store, noon: datetime) -> None:
    guangzhou.write(opt_outs.add, "8765 4321", who="caller", at=noon)
    assert guangzhou.read(opt_outs.any_of, [normal("862087654321") or ""])
