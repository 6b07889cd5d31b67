"""A long history, written quickly: any number of ended calls, each with its closed ticket and other finished rows."""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing

from models.database.store import Store

FEW, MANY = 1_000, 20_000
ROOM = 200
"""Ids left free for the calls that the tests make in between."""

HISTORY = {
    "units": "id, building, unit, keyed :: i, 'b', '' || i, '7-' || i",
    "owners": "id, name, unit_id :: i, 'owner', i",
    "owner_phones": "id, owner_id, number :: i, i, CAST(13800000000 + i AS VARCHAR(40))",
    "calls": "id, channel_id, line, caller_number, owner_id, unit_id, language, menu_path, state, started_at, ended_at,"
    " ended_by :: i, 'old.' || i, '8000', CAST(13800000000 + i AS VARCHAR(40)), i, i, 'zh', '', 'ended', AT, AT,"
    " 'caller'",
    "tickets": "id, kind, state, source, call_id, owner_id, unit_id, language, opened_at, policy_version"
    " :: i, 'repair', 'closed', 'telephone', i, i, i, 'zh', AT, '1'",
    "clocks": "id, ticket_id, kind, due_at, met_at, calendar, rule :: i, i, 'respond', AT, AT, 'wall', 'R08-1'",
    "ticket_events": "id, ticket_id, at, who, kind, text :: i, i, AT, 'system', 'opened', ''",
    "appointments": "id, ticket_id, due_at, made_at, made_by, text, ended_at, ending"
    " :: i, i, AT, AT, '7001', '', AT, 'on-time'",
    "rings": "id, call_id, stage, staff_number, phone, channel_id, started_at, ended_at, rings, outcome"
    " :: i, i, 'group', '7001', '7001', 'oldleg.' || i, AT, AT, 1, 'connected'",
    "talks": "id, call_id, staff_number, bridge_id, caller_channel, leg_channel, started_at, ended_at, ended_by"
    " :: i, i, '7001', 'b', 'c', 'l', AT, AT, 'agent'",
    "transfers": "id, call_id, ticket_id, by_staff, to_number, state, started_at, ended_at"
    " :: i, i, i, '7001', '7020', 'consented', AT, AT",
    "recordings": "id, name, kind, state, call_id, ticket_id, reserved_at, retain_until, retry_at, tries"
    " :: i, 'old-' || i, 'talk', CASE i % 2 WHEN 0 THEN 'kept' ELSE 'removed' END, i, i, AT,"
    "  CASE i % 2 WHEN 0 THEN LATER ELSE AT END, CASE i % 2 WHEN 0 THEN LATER ELSE AT END, 0",
    "canaries": "id, at, ok, ms, ticket_id :: i, AT, CASE i % 50 WHEN 0 THEN FALSE ELSE TRUE END, 3000,"
    " CASE i % 50 WHEN 0 THEN i END",
    "presence": "id, staff_number, state, since, until :: i, '7001', 'break', AT, AT",
    "findings": "id, kind, subject, found_at, settled_at :: i, 'file-without-row', 'file' || i, AT, AT",
    # Its places lie behind those of the entries that a test writes.
    "access_log": "id, at, who, what, subject, place, sha256"
    " :: i, AT, '7050', 'monitor-listen', '7001, call ' || i, 1000000 + i, ''",
    "tasks": "id, kind, state, number, call_id, ticket_id, opened_at, due_at, times, note"
    " :: i, 'call-back', 'closed', CAST(13800000000 + i AS VARCHAR(40)), i, i, AT, AT, 1, ''",
    "calls_to_make": "id, kind, task_id, ticket_id, subject_id, state, priority, due_at, number, extension,"
    " owner_group, asked_by, asked_at, fence, ended_at :: i, 'call-back', i, i, i, CASE i % 2 WHEN 0 THEN 'waiting'"
    " ELSE 'not-reached' END, i % 3, CASE i % 2 WHEN 0 THEN LATER ELSE AT END,"
    " CAST(13800000000 + i AS VARCHAR(40)), '7001', 'agents',"
    " 'test', AT, 1, CASE i % 2 WHEN 1 THEN AT END",
    "attempts": "id, call_to_make_id, number, call_id, staff_number, started_at, ended_at, outcome"
    " :: i, i, 1, i, '7001', AT, AT, 'busy'",
    "clicks": "id, staff_number, kind, target, call_id, with_reason, state, made_at, ended_at, outcome"
    " :: i, '7001', 'call', '7020', i, FALSE, 'ended', AT, AT, 'connected'",
    "blocked_numbers": "id, number, until, why, blocked_by, blocked_at"
    " :: i, CAST(13800000000 + i AS VARCHAR(40)), AT, 'swears', '7001', AT",
    "trunk_calls": "id, number, number_class, purpose, known, decided_at, ended_at, seconds, fen"
    " :: i, CAST(13800000000 + i AS VARCHAR(40)), 'mobile', CASE i % 2 WHEN 0 THEN 'call_back' ELSE 'follow_up' END,"
    " TRUE, AT, AT, 60, 10",
    "surveys": "id, purpose, state, number, language, ticket_id, staff_number, asked_at, called_at, attempts, ended_at"
    " :: i, 'ticket', 'answered', CAST(13800000000 + i AS VARCHAR(40)), 'zh', i, '7001', AT, AT, 1, AT",
}
"""The rows of call number `i`: columns and their values; AT is the minute of that call, LATER is in the future."""


def moments(store: Store, *, begins: str = "2025-12-01", minutes: int = 1) -> dict[str, str]:
    """AT and LATER as SQL; the first row is at `begins` (UTC), each next row `minutes` later."""
    if store.sqlite:
        at = f"strftime('%Y-%m-%d %H:%M:%S.000000', '{begins}', '+' || (i * {minutes}) || ' minutes')"
        return {"AT": at, "LATER": "'2027-01-01 00:00:00.000000'"}
    return {
        "AT": f"(timestamptz '{begins}+00' + i * interval '{minutes} minute')",
        "LATER": "timestamptz '2027-01-01+00'",
    }


def grow(
    store: Store, first: int, end: int, rows: Mapping[str, str] = HISTORY, times: Mapping[str, str] | None = None
) -> None:
    """Writes the ended calls `first` to `end`, by default one a minute (`times`)."""
    fill(store, _statements(store, first, end, rows, times or moments(store)))
    if not store.sqlite:
        # The program must not use these ids again.
        used_up = [f"SELECT setval('{table}_id_seq', {end})" for table in rows]
        fill(store, [*used_up, f"ANALYZE {', '.join(rows)}"])


def fill(store: Store, statements: Iterable[str]) -> None:
    """Runs all statements in one transaction, without foreign key checks and without a time limit."""
    store.close()
    if store.sqlite:
        with closing(sqlite3.connect(store.engine.url.database or "", isolation_level=None)) as connection:
            for statement in ("PRAGMA synchronous = OFF", "BEGIN", *statements, "COMMIT"):
                connection.execute(statement)
        return
    with store.engine.begin() as connection:
        for statement in (
            "SET LOCAL statement_timeout = 0",
            "SET LOCAL session_replication_role = replica",
            *statements,
        ):
            connection.exec_driver_sql(statement.replace("%", "%%"))


def _statements(store: Store, first: int, end: int, rows: Mapping[str, str], times: Mapping[str, str]) -> Iterator[str]:
    numbers = f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {end})"
    if not store.sqlite:
        numbers = f"WITH n(i) AS (SELECT generate_series({first}, {end - 1}))"
    for table, row in rows.items():
        columns, _, values = row.partition(" :: ")
        for name, moment in times.items():
            values = re.sub(rf"\b{name}\b", moment, values)
        insert, select = f"INSERT INTO {table} ({columns})", f"SELECT {values} FROM n"
        yield f"{numbers} {insert} {select}"
