"""Each part of the service is asked for proof that it works, or its last heartbeat is read."""

import base64
import http.client
import json
from datetime import datetime, timedelta
from typing import Any

from dialplan.fallback import server as fallback
from hotline.terminal.opening import Opened
from models.database.store import Store
from models.health import canaries
from models.health.canaries import Canary
from models.health.parts import Part, beating
from models.instance import heartbeat
from models.instance.secrets import Secrets

PATIENCE_S = 2.0


def parts(this: Opened, now: datetime, store: Store | None) -> dict[str, Part]:
    """asterisk, ivr, scheduler, fallback, store: in the order in which a caller meets them; then console."""
    return {
        "asterisk": _asterisk(this, now),
        "ivr": beating(this.home, "ivr", now),
        "scheduler": beating(this.home, "scheduler", now),
        "fallback": _fallback(this, now),
        "store": _store(store, now),
        "console": beating(this.home, "console", now),
    }


def canary(store: Store, now: datetime) -> dict[str, Any] | None:
    """The last test call, and how many failed within a day; None before the first."""
    found: list[Canary] = store.read(canaries.recent, limit=1)
    if not found:
        return None
    last = found[0]
    failed = store.read(canaries.failed_since, now - timedelta(days=1))
    return {"at": last.at, "ok": last.ok, "ms": last.ms, "step": last.step, "failed_in_24_h": failed}


def _asterisk(this: Opened, now: datetime) -> Part:
    """It answers an ARI request, which proves more than an open port."""
    if not this.home.secrets_file.exists():
        return Part(False, why="has never been started here")
    try:
        state = ari(this, "asterisk/info?only=status")
        return Part(True, datetime.fromisoformat(state["status"]["startup_time"]), now)
    except (NoAnswer, ValueError, KeyError) as error:
        return Part(False, checked_at=now, why=str(error) or type(error).__name__)


class NoAnswer(Exception):
    """Asterisk does not answer, or refuses; the text says how."""


def ari(this: Opened, path: str) -> Any:
    """What Asterisk answers to GET /ari/PATH. Raises NoAnswer."""
    password = Secrets.load_or_create(this.home, this.site).ari_password
    token = base64.b64encode(f"hotline:{password}".encode()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", this.site.http.port, timeout=PATIENCE_S)
    try:
        connection.request("GET", f"/ari/{path}", headers={"Authorization": f"Basic {token}"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise NoAnswer(f"answers with status: {answer.status}")
        return json.load(answer)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer(str(error) or type(error).__name__) from error
    finally:
        connection.close()


def _fallback(this: Opened, now: datetime) -> Part:
    """Asked as the dialplan asks it for a caller."""
    secrets = Secrets.load_or_create(this.home, this.site) if this.home.secrets_file.exists() else None
    up = secrets is not None and fallback.answers(this.site.agi.port, secrets.agi_password, PATIENCE_S)
    beat = heartbeat.last(this.home, "fallback")
    return Part(up, beat.since if beat and up else None, now, "" if up else "does not answer")


def _store(store: Store | None, now: datetime) -> Part:
    if store is None:
        return Part(False, checked_at=now, why="out of reach")
    return Part(True, checked_at=now)
