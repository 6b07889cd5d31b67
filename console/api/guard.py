"""Refuses a request that is too long, and forbids caches to keep an answer, unless it says otherwise."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.api.problems import Refused, answer

LONGEST_BODY = 64 * 1024
"""In bytes."""


class Guard:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        seen = 0

        async def counted() -> Message:
            """Counts the bytes, whatever the length header says."""
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > LONGEST_BODY:
                raise _too_long()
            return message

        async def not_kept(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("cache-control", "no-store")
            await send(message)

        said = Headers(scope=scope).get("content-length", "0")
        if not said.isdecimal() or int(said) > LONGEST_BODY:
            return await answer(_too_long())(scope, receive, not_kept)
        await self.app(scope, counted, not_kept)


def _too_long() -> Refused:
    return Refused(
        413,
        "too-long",
        f"a request may have at most {LONGEST_BODY} bytes",
        f"请求不得超过 {LONGEST_BODY} 字节",
        headers={"connection": "close"},
    )
