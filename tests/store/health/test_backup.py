"""The database is copied every day, and the copy can be opened; a copy that fails is a fault (R13-8)."""

import dataclasses
import shutil
import sqlite3
import stat
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from models.health import findings
from models.instance.backups import copies, place
from models.states.health import FindingKind
from models.tables import Ticket
from scheduler.scans.backup import backup, make
from scheduler.scope import Scope

pytestmark = pytest.mark.store


@pytest.fixture
def here(scope: Scope, url: str) -> Scope:
    """A scope whose database is that of the site file."""
    database = scope.site.database.model_copy(update={"url": url})
    return dataclasses.replace(scope, site=scope.site.model_copy(update={"database": database}))


def forward(scope: Scope, **by: float) -> None:
    scope.clock.forward(**by)  # type: ignore[attr-defined]


def callers_in(copy: Path) -> list[str]:
    if copy.suffix == ".db":
        with closing(sqlite3.connect(copy)) as opened:
            return [row[0] for row in opened.execute("SELECT caller_number FROM calls")]
    dumped = subprocess.run(
        ["pg_restore", "--data-only", "--table=calls", "-f", "-", copy], capture_output=True, text=True, check=True
    ).stdout
    return [number for number in ("13800138000",) if number in dumped]


def test_one_copy_a_day_can_be_opened_and_only_its_owner_reads_it(here: Scope, begin_call: Callable[..., Any]) -> None:
    begin_call(caller_number="13800138000")
    assert backup(here) == 1
    assert backup(here) == 0, "one a day"
    (copy,) = copies(here.home)
    assert callers_in(copy) == ["13800138000"]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert "2026-03-02" in copy.name
    forward(here, days=1)
    assert backup(here) == 1


def test_a_backup_waits_for_its_time_and_keeps_as_many_copies_as_the_policy_says(here: Scope) -> None:
    forward(here, hours=15)  # 03:00 of the next day at the site
    assert backup(here) == 0
    forward(here, minutes=31)
    assert backup(here) == 1
    for _ in range(16):
        forward(here, days=1)
        backup(here)
    assert len(copies(here.home)) == here.policy.backup.keep == 14


def test_a_copy_that_cannot_be_made_is_a_fault_until_one_is_made(here: Scope) -> None:
    here.home.backups.write_text("a file where the folder should be")
    assert backup(here) == 0
    assert backup(here) == 0
    (finding,) = here.store.read(findings.still_open, limit=5)
    assert finding.kind is FindingKind.NO_BACKUP
    assert len(here.store.read(lambda session: session.scalars(select(Ticket)).all())) == 1, (
        "one ticket, not one a minute"
    )
    here.home.backups.unlink()
    assert backup(here) == 1
    assert here.store.read(findings.still_open, limit=5) == []


def test_without_pg_dump_the_backup_of_postgresql_is_a_fault(
    here: Scope, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    made = backup(here)
    kinds = [finding.kind for finding in here.store.read(findings.still_open, limit=5)]
    assert (made, kinds) == ((1, []) if backend == "sqlite" else (0, [FindingKind.NO_BACKUP]))


def test_three_that_are_made_at_once_are_each_whole(here: Scope) -> None:
    """Three people ask at once, or one while the scheduler makes the daily copy."""
    target = place(here.home, here.site, here.clock.now())
    with ThreadPoolExecutor(3) as people:
        for made in [people.submit(make, here.home, here.site, target) for _ in range(3)]:
            made.result(60)
    assert list(here.home.backups.iterdir()) == [target]
