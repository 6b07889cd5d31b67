"""What the scheduler asks of Asterisk over ARI: single requests, without a connection that stays."""

import base64
import http.client
import json
from datetime import datetime
from typing import Any

from models.instance.home import Home
from models.instance.secrets import Secrets
from models.site import Site

_WITHIN_S = 5.0
_NOT_SHOWN = "Allocation failed"
"""Asterisk 22 says so of an ACL that it has accepted: an ACL has no form in JSON (res/ari/resource_asterisk.c)."""


class NotAnswered(Exception):
    """Asterisk does not answer, or has refused."""


def ask(home: Home, site: Site, method: str, path: str, body: Any = None) -> tuple[int, str]:
    """Status and text of the answer; `body` is sent as JSON. Raises NotAnswered without an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", site.http.port, timeout=_WITHIN_S)
    token = base64.b64encode(f"hotline:{Secrets.load_or_create(home, site).ari_password}".encode()).decode()
    headers = {"Authorization": f"Basic {token}"} | ({"Content-Type": "application/json"} if body is not None else {})
    try:
        connection.request(method, f"/ari/{path}", body=json.dumps(body) if body is not None else None, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise NotAnswered(f"Asterisk does not answer: {error}") from error
    finally:
        connection.close()


def began(home: Home, site: Site) -> datetime:
    """When this Asterisk was started. Raises NotAnswered."""
    status, text = ask(home, site, "GET", "asterisk/info?only=status")
    if status != 200:
        raise NotAnswered(f"Asterisk has refused: {status} {text}")
    return datetime.fromisoformat(json.loads(text)["status"]["startup_time"])


def bars(home: Home, site: Site, address: str) -> None:
    """From now on SIP from this address is answered 403, before any password is looked at. Raises NotAnswered."""
    body = {"fields": [{"attribute": "deny", "value": f"{address}/32"}]}
    status, text = ask(home, site, "PUT", _acl(address), body)
    if status != 200 and _NOT_SHOWN not in text:
        raise NotAnswered(f"Asterisk has not barred {address}: {status} {text}")


def admits(home: Home, site: Site, address: str) -> None:
    """The end of it; nothing if it was not barred. Raises NotAnswered."""
    status, text = ask(home, site, "DELETE", _acl(address))
    if status not in (204, 404):
        raise NotAnswered(f"Asterisk still bars {address}: {status} {text}")


def _acl(address: str) -> str:
    return f"asterisk/config/dynamic/res_pjsip/acl/ban-{address}"
