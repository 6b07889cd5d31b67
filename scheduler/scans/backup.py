"""Copies the database once a day while the service runs, and checks that the copy opens.

SQLite copies itself; PostgreSQL is copied by `pg_dump`. Copies contain callers' names: only the service's account can
read them.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.orm import Session

from models.health import findings
from models.instance.backups import copies, place
from models.instance.home import Home
from models.instance.lock import alone
from models.site import Site
from models.states.health import FindingKind
from models.tickets import tickets
from scheduler.scope import Scope

KINDS = (FindingKind.NO_BACKUP,)
LONGEST_S = 3600


class BackupFailed(Exception):
    """The text says why, and what to do."""


def backup(scope: Scope) -> int:
    """Returns 1 when it has made a copy (R14-3, R13-8)."""
    now = scope.clock.now()
    local = now.astimezone(scope.site.time_zone)
    target = place(scope.home, scope.site, now)
    if target.exists() or local.time() < scope.policy.backup.time_of_day:
        return 0
    try:
        make(scope.home, scope.site, target)
    except BackupFailed as error:
        scope.report("backup", str(error))
        scope.store.write(_settle, scope, now, str(error))
        return 0
    scope.store.write(_settle, scope, now, None)
    for old in copies(scope.home)[scope.policy.backup.keep :]:
        old.unlink(missing_ok=True)
    return 1


def make(home: Home, site: Site, target: Path) -> None:
    """Writes a complete copy under this name, or none; after any other that is being made. Raises BackupFailed."""
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(target.parent):
            _make(home, site, target, target.with_suffix(".part"))
    except OSError as error:
        raise BackupFailed(f"备份失败，请检查磁盘空间：{error} / is there room on the disk?") from error


def _make(home: Home, site: Site, target: Path, part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        if target.suffix == ".db":
            _copy_sqlite(Path(make_url(home.database_url(site)).database or ""), part)
        else:
            _dump_postgresql(home.database_url(site), part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _copy_sqlite(source: Path, part: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as live,
            closing(sqlite3.connect(part)) as copy,
        ):
            # In one step, on one snapshot: with WAL nobody waits for it, and no other write makes it start again.
            live.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            verdict = copy.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.Error as error:
        raise BackupFailed(f"the database can't be copied: {error} / 数据库无法备份") from error
    if verdict != "ok":
        raise BackupFailed(f"the copy is damaged: {verdict}; check the disk / 备份损坏，请检查磁盘")


def _dump_postgresql(url: str, part: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise BackupFailed("pg_dump is missing: install postgresql-client / 缺少 pg_dump，请安装 postgresql-client")
    parsed = make_url(url)
    connection = parsed.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    # Not among the arguments: anyone who can list processes would see the password.
    environment = os.environ | ({"PGPASSWORD": str(parsed.password)} if parsed.password else {})
    command = [program, "--format=custom", f"--file={part}", connection]
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LONGEST_S
    )
    if done.returncode != 0:
        raise BackupFailed(f"pg_dump has failed: {done.stderr.strip()[-300:]} / 数据库备份失败")


def _settle(session: Session, scope: Scope, now: datetime, why: str | None) -> None:
    found = {(KINDS[0], "database"): None} if why else {}
    for finding in findings.settle(session, KINDS, found, at=now):
        ticket = tickets.open_fault(
            session, at=now, policy=scope.policy, language=scope.site.language, text=f"{finding.kind}: {why}"
        )
        finding.ticket_id = ticket.id
