"""A stream is what one browser is sent: a bounded queue, which ends when its reader does not keep up."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

PATH = "/live"
LONGEST_QUEUE = 64
"""Events that wait for one browser."""


def event(name: str, data: Any) -> bytes:
    """One event of `text/event-stream` (WHATWG HTML, 9.2); its data is JSON, which has no line breaks."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


class Stream:
    """`still` tells whether its person is signed in as before; `sign_in` is the row that says so."""

    def __init__(self, sign_in: int, still: Callable[[Session, datetime], bool]) -> None:
        self.sign_in = sign_in
        self.still = still
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(LONGEST_QUEUE)

    def put(self, one: bytes) -> None:
        """Never waits: a full queue ends the stream, and its browser begins again with a snapshot."""
        try:
            self._queue.put_nowait(one)
        except asyncio.QueueFull:
            self.end()

    def end(self, last: bytes | None = None) -> None:
        """Nothing that waits is sent any more, only `last`."""
        while not self._queue.empty():
            self._queue.get_nowait()
        if last is not None:
            self._queue.put_nowait(last)
        self._queue.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (one := await self._queue.get()) is not None:
            yield one
