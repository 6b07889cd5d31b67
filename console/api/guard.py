"""Refuses a request that is too long, and forbids caches to keep an answer, unless it says otherwise."""

from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.api.problems import Refused, answer

LONGEST_BODY = 64 * 1024
"""In bytes."""
Refuse = Callable[[Refused, Scope, Receive, Send], Awaitable[None]]


async def as_problem(why: Refused, scope: Scope, receive: Receive, send: Send) -> None:
    await answer(why)(scope, receive, send)


class Guard:
    """`longest`: how many bytes the body of this request may have, if that is more than of others; `refuse` answers
    one that is longer."""

    def __init__(
        self, app: ASGIApp, longest: Callable[[Scope], int] = lambda _: LONGEST_BODY, refuse: Refuse = as_problem
    ) -> None:
        self.app, self.longest, self.refuse = app, longest, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        seen, longest = 0, self.longest(scope)

        async def counted() -> Message:
            """Counts the bytes, whatever the length header says."""
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > longest:
                raise _too_long(longest)
            return message

        async def not_kept(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["cache-control"] = "no-store"
            await send(message)

        said = Headers(scope=scope).get("content-length", "0")
        if not said.isdecimal() or int(said) > longest:
            return await self.refuse(_too_long(longest), scope, receive, not_kept)
        await self.app(scope, counted, not_kept)


def _too_long(longest: int) -> Refused:
    return Refused(
        413,
        "too-long",
        f"a request may have at most {longest} bytes",
        f"请求不得超过 {longest} 字节",
        headers={"connection": "close"},
    )
