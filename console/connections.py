"""The HTTP server: nobody keeps a connection by sending slowly, and a new one pushes out the one that waits longest.

uvicorn limits neither the time of a request's head and body nor the connections of an address, and counts idle ones.
"""

import asyncio
from pathlib import Path

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from console.api.problems import Refused, answer
from console.live.streams import PATH as STREAM
from models.policy.webhooks import Api
from models.site import Site

HEADERS = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}
"""What a browser must not do with any answer."""
_LET_FINISH_S = 5
_LOOK_EVERY_S = 0.5


def server(app: ASGIApp, site: Site, limits: Api, certificate: Path | None = None) -> uvicorn.Server:
    """With `certificate`, a file that holds its key, too, by HTTPS. Logs no request: its URL may contain a customer's
    number."""
    config = Config(
        app,
        host=site.console.address,
        port=site.console.port,
        http=type("LimitedConnection", (_Connection,), {"limits": limits}),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        headers=list(HEADERS.items()),
        proxy_headers=False,
        ssl_certfile=certificate,
        timeout_graceful_shutdown=_LET_FINISH_S,
    )
    return uvicorn.Server(config)


class _Connection(H11Protocol):
    """One connection. `since` is when it began to wait for its client, by the clock of the loop."""

    limits: Api
    since: float
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.since = self.loop.time()
        if not self._has_place():
            self._end(_too_many())
            return
        self._timer = self.loop.call_later(_LOOK_EVERY_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """A stream has no end of its own to wait for; its browser begins again."""
        if self.cycle is not None and self.cycle.scope["path"] == STREAM and not self.cycle.response_complete:
            self.transport.abort()
        else:
            super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """To what is no request."""
        self._end(_no_request(msg))

    def on_response_complete(self) -> None:
        self.since = self.loop.time()
        super().on_response_complete()

    @property
    def _waits_for_client(self) -> bool:
        """For the rest of a request, for the next one, or for the client to take its answer."""
        return self.flow.write_paused or self.conn.their_state in (h11.IDLE, h11.SEND_BODY, h11.ERROR)

    def _has_place(self) -> bool:
        """True once there is one: over a limit, the connection of this address, or of all, that waits longest goes."""
        others = [one for one in self.connections if isinstance(one, _Connection) and one is not self]
        others = [one for one in others if not one.transport.is_closing()]
        neighbours = [one for one in others if one.client and self.client and one.client[0] == self.client[0]]
        if len(neighbours) >= self.limits.connections_of_address:
            rivals = neighbours
        elif len(others) >= self.limits.connections:
            rivals = others
        else:
            return True
        waiting = [one for one in rivals if one._waits_for_client]
        if waiting:
            min(waiting, key=lambda one: one.since)._end(_too_many())
        return bool(waiting)

    def _look(self) -> None:
        """Every half second: has it waited too long? A drop of data does not start the time again. Between two requests
        uvicorn's own time runs."""
        now = self.loop.time()
        if not self._waits_for_client or self.timeout_keep_alive_task is not None:
            self.since = now
        elif now - self.since >= self.limits.request_s:
            self._end(_too_slow(self.limits.request_s))
            return
        self._timer = self.loop.call_later(_LOOK_EVERY_S, self._look)

    def _end(self, why: Refused) -> None:
        """Says why, if an answer can still be sent, and closes."""
        if self.flow.write_paused or self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.abort()
            return
        response = answer(why)
        response.headers.update(HEADERS)
        status = response.status_code
        head = h11.Response(status_code=status, reason=STATUS_PHRASES[status], headers=response.raw_headers)
        for event in (head, h11.Data(data=bytes(response.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def _too_slow(seconds: float) -> Refused:
    return Refused(
        408,
        "too-slow",
        f"a request must have arrived whole within {seconds:g} seconds",
        f"请求须在 {seconds:g} 秒内发完",
        headers={"connection": "close"},
    )


def _too_many() -> Refused:
    return Refused(
        503,
        "too-many-connections",
        "too many connections are open: send the request at once, and try again",
        "连接过多：请建立连接后立即发送请求，稍后再试",
        headers={"connection": "close", "retry-after": "1"},
    )


def _no_request(why: str) -> Refused:
    return Refused(400, "no-request", why, "不是有效的 HTTP 请求", headers={"connection": "close"})
