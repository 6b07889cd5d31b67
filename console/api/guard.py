"""Before a request is read: it is not too long; after it is answered: nobody in between keeps the answer."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.api.problems import Refused, answer

LONGEST_BODY = 64 * 1024
"""Bytes."""


class Guard:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        seen = 0

        async def counted() -> Message:
            """Whatever length was said before, or none at all."""
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > LONGEST_BODY:
                raise _too_long()
            return message

        async def not_kept(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["cache-control"] = "no-store"
            await send(message)

        said = Headers(scope=scope).get("content-length", "0")
        if not said.isdecimal() or int(said) > LONGEST_BODY:
            return await answer(_too_long())(scope, receive, not_kept)
        await self.app(scope, counted, not_kept)


def _too_long() -> Refused:
    return Refused(
        413,
        "too-long",
        f"no more than {LONGEST_BODY} bytes at a time",
        f"请求不得超过 {LONGEST_BODY} 字节",
        headers={"connection": "close"},
    )
