"""Posts a message to another program, signed by Standard Webhooks 1.0.0; the only module that uses httpx."""

import asyncio
import base64
import functools
import hashlib
import hmac
import socket
import ssl
import threading
from datetime import datetime
from typing import NamedTuple

import httpx

from models.events.destinations import Destinations
from models.events.webhooks import ToSend

_LOOK_S = 0.2
_ITS_OWN_TROUBLE = {408, 429}
"""These answers do not reject the message itself; nor does any 5xx or a missing answer."""


class PostResult(NamedTuple):
    """`taken`: any 2xx. `elsewhere`: the other side is in trouble, and would not take another message either."""

    taken: bool
    elsewhere: bool
    text: str


class _NotReachable(Exception):
    """The host is no address of another program; the text says why."""


def post(
    message: ToSend, to: Destinations, *, at: datetime, limit_s: float, stopping: threading.Event
) -> PostResult | None:
    """Posts once: no redirect is followed, and only the status of the answer is read.

    Takes at most `limit_s`, however slowly the other side answers; None when `stopping` is set before the answer.
    """
    return asyncio.run(_post_or_stop(message, to, at, limit_s, stopping))


async def _post_or_stop(
    message: ToSend, to: Destinations, at: datetime, limit_s: float, stopping: threading.Event
) -> PostResult | None:
    posting = asyncio.create_task(_post(message, to, at, limit_s))
    while not posting.done():
        await asyncio.wait({posting}, timeout=_LOOK_S)
        if stopping.is_set() and not posting.done():
            posting.cancel()
            return None
    return posting.result()


async def _post(message: ToSend, to: Destinations, at: datetime, limit_s: float) -> PostResult:
    content, signed = message.body.encode(), headers(message, at)
    try:
        async with (
            asyncio.timeout(limit_s),
            # No proxy and no .netrc of the account: only our rows decide what is sent where.
            httpx.AsyncClient(verify=_trusted(), trust_env=False, follow_redirects=False, timeout=limit_s) as client,
        ):
            url = httpx.URL(message.url)
            # The connection goes to the address that was looked at: a name may mean another one a moment later.
            address = await _address(url, to)
            async with client.stream(
                "POST",
                url.copy_with(host=address),
                content=content,
                headers=signed | {"host": url.netloc.decode("ascii")},
                extensions={"sni_hostname": url.raw_host.decode("ascii")},
            ) as answer:
                status = answer.status_code
                elsewhere = status >= 500 or status in _ITS_OWN_TROUBLE
                return PostResult(answer.is_success, elsewhere, str(status))
    except (TimeoutError, httpx.TimeoutException):
        return PostResult(False, True, f"no answer within {limit_s:g} s")
    except _NotReachable as error:
        return PostResult(False, True, str(error))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        return PostResult(False, True, f"{type(error).__name__}: {error}")


async def _address(url: httpx.URL, to: Destinations) -> str:
    """The first address of the host that a message may go to. Raises _NotReachable, OSError."""
    host = url.raw_host.decode("ascii")
    found = await asyncio.get_running_loop().getaddrinfo(host, url.port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    reachable = next(filter(to.reachable, addresses), None)
    if reachable is None:
        raise _NotReachable(
            f"{addresses[0]} is not public: [webhooks] inside of site.toml does not name it / "
            "内网地址，site.toml 未允许"
        )
    return reachable


def headers(message: ToSend, at: datetime) -> dict[str, str]:
    """`at` is the moment of this try: a receiver refuses old messages, so a recorded one cannot be replayed."""
    timestamp = str(int(at.timestamp()))
    return {
        "content-type": "application/json",
        "user-agent": "hotline",
        "webhook-id": message.message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(message.secret, message.message_id, timestamp, message.body.encode()),
    }


def signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Standard Webhooks, "Signature scheme": HMAC-SHA256 over id, timestamp and body, with the key behind `whsec_`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed).decode()}"


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The authorities that this machine trusts, including the company's own where it is installed."""
    return ssl.create_default_context()
