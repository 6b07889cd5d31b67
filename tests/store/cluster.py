"""A private PostgreSQL server, reached by a socket only; stopping it removes all its files."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

_GONE_WITHIN_S = 20.0
# A tenth of the time of TRUNCATE for all tables, which makes new files also for those that are empty.
_EMPTY = """
DO $$
DECLARE
    name text;
    used boolean;
    filled text[] := '{}';
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO used;
        IF used THEN
            filled := filled || quote_ident(name);
        END IF;
    END LOOP;
    IF filled <> '{}' THEN
        EXECUTE 'TRUNCATE ' || array_to_string(filled, ', ') || ' CASCADE';
    END IF;
    PERFORM setval(quote_ident(sequencename)::regclass, start_value, false)
        FROM pg_sequences WHERE last_value IS NOT NULL;
END $$
"""


class Cluster:
    """PostgreSQL in a folder of its own. Its server refuses to run as root; then it runs as another user."""

    def __init__(self) -> None:
        self.binaries = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self.folder = Path(tempfile.mkdtemp(prefix="hotline-pg-"))
        self._who: dict[str, Any] = {}
        if os.geteuid() == 0:
            names = {entry.pw_name for entry in pwd.getpwall()}
            user = "postgres" if "postgres" in names else "nobody"
            account = pwd.getpwnam(user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self._who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        self._run("initdb", "-D", "data", "-U", "hotline", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        self.start()

    def start(self) -> None:
        """Starts the server, also after `kill`; returns when it takes connections."""
        # Tests need no durability when the machine stops: no waiting for the disk.
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off -c max_connections=50"
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def kill(self) -> None:
        """Kills the server without warning. What it has committed is kept; it can be started again afterwards."""
        pid = int((self.folder / "data" / "postmaster.pid").read_text(encoding="ascii").split()[0])
        os.kill(pid, signal.SIGKILL)
        # It does not start while a process with the old id exists, even a zombie.
        until = time.monotonic() + _GONE_WITHIN_S
        while Path("/proc", str(pid)).exists() and time.monotonic() < until:
            time.sleep(0.05)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://hotline@/{database}?host={self.folder}"

    def empty(self, database: str) -> None:
        """Removes all rows of that database, and begins its ids anew; its schema stays."""
        self.execute(_EMPTY, database)

    def execute(self, statement: str, database: str = "postgres") -> None:
        engine = create_engine(self.url(database), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def stop(self) -> None:
        self._run("pg_ctl", "-D", "data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=60, **self._who
        )
        assert done.returncode == 0, f"{program} failed; see {self.folder}/log"
