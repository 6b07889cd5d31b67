"""A history of a million closed tickets, and ten thousand open ones, which are the same with and without history."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import text

from models import enrolment
from models.database.store import Store
from models.site import Site
from tests.store.history import HISTORY, fill, grow, moments

OPEN = 10_000
RESIDENTS = 5_000
ENDED = timedelta(days=200)
"""The history ended this long ago: no due report covers it."""
MINUTES = 5
"""Between two calls of the history: a million of them are nine and a half years."""
_WHO = "(1 + i % 5000)"
_STAFF = "'700' || (1 + i % 4)"

# One row for each closed ticket, or for this many of them. Canaries are not kept that long.
SHARES = {
    "calls": 1, "tickets": 1, "clocks": 1, "ticket_events": 1, "rings": 1, "talks": 1, "recordings": 1,
    "surveys": 2, "tasks": 4, "calls_to_make": 4, "attempts": 4, "escalations": 4, "escalation_steps": 2,
    "promises": 5, "transfers": 10, "access_log": 10, "presence": 50, "findings": 1000,
    "duties": 50, "handovers": 200,
}  # fmt: skip
OVER = HISTORY | {
    "calls": "id, channel_id, line, caller_number, owner_id, unit_id, language, menu_path, state, started_at, ended_at,"
    f" ended_by, ticket_id :: i, 'old.' || i, '8000', '1380000' || {_WHO}, {_WHO}, {_WHO}, 'zh', '1', 'ended', AT, AT,"
    " 'caller', i",
    "tickets": "id, kind, state, source, line, call_id, caller_number, owner_id, unit_id, building, room, language,"
    " opened_at, policy_version, first_receiver, assignee, department, problem :: i, CASE i % 5 WHEN 0 THEN 'complaint'"
    " ELSE 'repair' END, CASE i % 9 WHEN 0 THEN 'merged' WHEN 1 THEN 'confirmed' ELSE 'closed' END, 'telephone',"
    f" '8000', i, '1380000' || {_WHO}, {_WHO}, {_WHO}, 'b', '' || {_WHO}, 'zh', AT, '1', {_STAFF}, '7020',"
    " 'engineering', 'the tap drips'",
    "rings": f"{HISTORY['rings'].replace(chr(39) + '7001' + chr(39), _STAFF, 1)}",
    "recordings": "id, name, kind, state, call_id, ticket_id, reserved_at, retain_until, retry_at, tries"
    " :: i, 'old-' || i, 'talk', CASE WHEN i % 20 = 0 THEN 'kept' ELSE 'removed' END, i, i, AT,"
    " CASE WHEN i % 20 = 0 THEN LATER ELSE AT END, CASE WHEN i % 20 = 0 THEN LATER ELSE AT END, 0",
    "calls_to_make": HISTORY["calls_to_make"]
    .replace("CASE i % 2 WHEN 0 THEN 'waiting' ELSE 'not-reached' END", "'not-reached'")
    .replace("CASE i % 2 WHEN 0 THEN LATER ELSE AT END", "AT")
    .replace("CASE i % 2 WHEN 1 THEN AT END", "AT"),
    "escalations": "id, ticket_id, state, due_at, round, started_at, ended_at, accepted_by"
    " :: i, i, 'accepted', AT, 1, AT, AT, '7020'",
    "escalation_steps": "id, escalation_id, round, rung, staff_number, asked_at, ended_at, outcome"
    " :: i, i / 2 + 1, 1, 'assignee', '7020', AT, AT, 'accepted'",
    "promises": "id, ticket_id, due_at, made_at, made_by, text, ended_at, ending"
    " :: i, i, AT, AT, '7001', '', AT, 'kept'",
    "duties": "id, shift, staff_number, starts_at, ends_at :: i, 'day', '700' || (i % 4), AT, AT",
    "handovers": 'id, shift, "group", ended_at, leaving, state, note, reminders'
    " :: i, 'day', 'agents', AT, '[\"7001\"]', 'taken-over', '', 0",
}
SECOND = {
    "clocks": HISTORY["clocks"].replace(":: i, i, 'respond'", ":: 10000000 + i, i, 'solution'"),
    "ticket_events": "id, ticket_id, at, who, kind, from_state, to_state, text"
    " :: 10000000 + i, i, AT, '7020', 'moved', 'new', 'done', ''",
}
"""A second clock, and the event that moved each ticket to done."""
OPEN_ONES = {
    "calls": OVER["calls"].replace("'old.'", "'new.'"),
    # Of fifty tickets one is late, one needs a reminder to its first receiver, and one has just been done.
    "tickets": "id, kind, state, source, line, call_id, caller_number, owner_id, unit_id, building, room, language,"
    " opened_at, policy_version, first_receiver, assignee, department, problem, next_due_at, reminded_at :: i,"
    " CASE i % 5 WHEN 0 THEN 'complaint' ELSE 'repair' END, CASE WHEN i % 50 = 2 THEN 'done' WHEN i % 50 = 0 THEN 'new'"
    " WHEN i % 3 = 0 THEN 'accepted' WHEN i % 3 = 1 THEN 'waiting' ELSE 'dispatched' END, 'telephone', '8000', i,"
    f" '1380000' || {_WHO}, {_WHO}, {_WHO}, 'b', '' || {_WHO}, 'zh', AT, '1', {_STAFF}, '7020', 'engineering',"
    " 'no hot water', CASE WHEN i % 50 = 2 THEN NULL WHEN i % 50 = 0 THEN NOW ELSE LATER END,"
    " CASE WHEN i % 50 = 1 THEN AGO ELSE NOW END",
    "clocks": "id, ticket_id, kind, round, begun_at, due_at, figure, unit, calendar, rule, policy_version"
    " :: i, i, 'solution', 1, AT, CASE WHEN i % 50 = 0 THEN NOW ELSE LATER END, 3, 'days', 'wall', 'R06-3', '1'",
    "ticket_events": "id, ticket_id, at, who, kind, to_state, text"
    " :: i, i, AT, 'system', 'opened', CASE WHEN i % 50 = 2 THEN 'done' ELSE 'new' END, ''",
    "tasks": "id, kind, state, number, call_id, ticket_id, owner_group, opened_at, due_at, times, note"
    " :: i, 'call-back', CASE WHEN i % 10 = 0 THEN 'open' ELSE 'closed' END, '139' || i, i, i, 'agents', AT, LATER,"
    " 1, ''",
}


def fill_store(store: Store, site: Site, past: int, *, now: datetime) -> None:
    """Residents, `past` closed tickets, and the open ones."""
    store.write(enrolment.enrol, site)
    begins = now - ENDED - timedelta(minutes=MINUTES * past)
    with without_indexes(store):
        grow(store, 1, RESIDENTS + 1, {table: HISTORY[table] for table in ("units", "owners", "owner_phones")})
        if past:
            for table, share in SHARES.items():
                spread = moments(store, begins=f"{begins:%Y-%m-%d %H:%M}", minutes=MINUTES * share)
                grow(store, 1, past // share + 1, {table: OVER[table]}, spread)
            grow(store, 1, past + 1, SECOND, moments(store, begins=f"{begins:%Y-%m-%d %H:%M}", minutes=MINUTES))
        recent = moments(store, begins=f"{now - timedelta(days=20):%Y-%m-%d %H:%M}")
        recent["AT"] = re.sub(r"\bi\b", f"(i - {past})", recent["AT"])
        grow(store, past + 1, past + 1 + OPEN, OPEN_ONES, recent | _moments_now(store, now))
    with store.engine.begin() as connection:
        connection.execute(text("ANALYZE"))


def _moments_now(store: Store, now: datetime) -> Mapping[str, str]:
    def moment(at: datetime) -> str:
        written = f"{at:%Y-%m-%d %H:%M:%S}"
        return f"'{written}.000000'" if store.sqlite else f"timestamptz '{written}+00'"

    later = moment(now + timedelta(days=2))
    return {"NOW": moment(now - timedelta(minutes=5)), "AGO": moment(now - timedelta(days=2)), "LATER": later}


@contextmanager
def without_indexes(store: Store) -> Iterator[None]:
    """Creates them again after filling, which is much faster than maintaining them row by row."""
    made = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        if store.sqlite
        else "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE 'pk_%%'"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    )
    with store.engine.connect() as connection:
        indexes = connection.exec_driver_sql(made).all()
    fill(store, [f"DROP INDEX {name}" for name, _ in indexes])
    yield
    fill(store, [statement for _, statement in indexes])
