"""The REST API as another program sees it: one request, its status and its answer."""

import http.client
import json
from typing import Any, NamedTuple

from tests.attack.world import World

ROOT = "/api/v1"


class Answer(NamedTuple):
    """Status 0: no answer. `body` is empty for anything but JSON."""

    status: int
    body: dict[str, Any]
    text: str


def ask(
    world: World,
    method: str,
    path: str,
    token: str = "",
    form: object = None,
    *,
    raw: bytes | None = None,
    headers: dict[str, str] | None = None,
    within_s: float = 10.0,
    source: str = "127.0.0.1",
) -> Answer:
    """`raw` is sent as it is, `form` as JSON."""
    port = world.hotline.ports.console
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=within_s, source_address=(source, 0))
    sent = raw if raw is not None else None if form is None else json.dumps(form).encode()
    with_headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in (with_headers | (headers or {})).items():
            connection.putheader(name, value)
        if sent is not None:
            connection.putheader("Content-Length", str(len(sent)))
        connection.endheaders(sent)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        status = answer.status
    except (OSError, http.client.HTTPException):
        return Answer(0, {}, "")
    finally:
        connection.close()
    try:
        body = json.loads(text)
    except ValueError:
        body = {}
    return Answer(status, body if isinstance(body, dict) else {"items": body}, text)


def token(world: World, name: str, *rights: str, staff: str = "") -> str:
    """The secret of a new token. Raises RuntimeError with what the command said."""
    made = world.command("token", "add", name, "--may", ",".join(rights), *(("--staff", staff) if staff else ()))
    words = [word.strip("\"'") for word in made.stdout.split()]
    secret = next((word for word in words if word.startswith("htl_")), "")
    if not secret:
        raise RuntimeError(f"no token: {made.stdout} {made.stderr}")
    return secret
