"""Whatever somebody watches is read soon after a commit, rendered once for its audience, and sent to all of it."""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Collection, Hashable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from console.live.boards import Audience, Board, Onlooker, Stamps
from console.live.streams import Stream, event
from console.pages.rendering import fragment
from models.database.doorbell import Doorbell
from models.database.store import StoreUnavailable
from models.instance.instance import RunningInstance
from models.language import Language
from models.text import wording

BEAT_EVERY_S = 10.0
_AGAIN_AFTER_S = 1.0
_NEVER = math.inf

log = logging.getLogger(__name__)

Watched = tuple[str, Board, Audience]
"""What a browser asks for: its own word for it (`calls`, `rooms?12`), and what that is."""


@dataclass(eq=False)
class _View:
    """A board for one audience. `due_at` and `read_at` are times of the loop; `html` is None until it is read, and
    `as_of` says since when it is so."""

    key: str
    board: Board
    audience: Audience
    streams: list[Stream] = field(default_factory=list)
    due_at: float = -_NEVER
    read_at: float = -_NEVER
    html: str | None = None
    as_of: str = ""
    stamp: Hashable = None
    again_at: float = -_NEVER
    """Then it is read in any case."""

    @property
    def event(self) -> bytes:
        return event("board", [self.key, self.html, self.as_of])


class Hub:
    """Everything but rendering happens in the event loop, so that nothing is locked."""

    def __init__(self, instance: RunningInstance) -> None:
        self.renderings = 0
        self._instance = instance
        self._views: dict[Watched, _View] = {}
        self._streams: list[Stream] = []
        self._woken = asyncio.Event()
        self._beat_at = 0.0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()

        def ring() -> None:
            loop.call_soon_threadsafe(self._rung)

        with Doorbell(self._instance.store, ring) as doorbell:
            reader = asyncio.create_task(self._keep_reading(doorbell))
            yield
            reader.cancel()
            with suppress(asyncio.CancelledError):
                await reader

    @property
    def streams(self) -> int:
        return len(self._streams)

    @contextmanager
    def watching(self, stream: Stream, watched: Collection[Watched]) -> Iterator[None]:
        """The stream is sent a snapshot of each, then every change. Of too many of one sign-in, the oldest ends."""
        mine = [one for one in self._streams if one.sign_in == stream.sign_in]
        if len(mine) >= self._instance.policy.console.streams_of_sign_in:
            mine[0].end()
        self._streams.append(stream)
        stream.put(self._beat())
        try:
            for one in watched:
                view = self._views.setdefault(one, _View(*one))
                view.streams.append(stream)
                if view.html is not None:
                    stream.put(view.event)
            self._woken.set()
            yield
        finally:
            self._streams.remove(stream)
            for one in watched:
                self._views[one].streams.remove(stream)
                if not self._views[one].streams:
                    del self._views[one]

    def _rung(self) -> None:
        now = asyncio.get_running_loop().time()
        for view in self._views.values():
            view.due_at = min(view.due_at, max(now, view.read_at + view.board.most_often_s))
        self._woken.set()

    async def _keep_reading(self, doorbell: Doorbell) -> None:
        while True:
            try:
                await self._read_for_ever(doorbell)
            except Exception:
                log.exception("the boards could not be read; once more")
                await asyncio.sleep(_AGAIN_AFTER_S)

    async def _read_for_ever(self, doorbell: Doorbell) -> None:
        """A reading that hangs holds up the beats, too: what is stale says so."""
        loop = asyncio.get_running_loop()
        while True:
            await self._wait_until(min([self._beat_at, *(view.due_at for view in self._views.values())]))
            due = [view for view in self._views.values() if view.due_at <= loop.time()]
            stamps = await self._stamps({one for view in due for one in view.board.stamps})
            for view in due:
                if not self._is_as_before(view, stamps):
                    await self._refresh(view)
            if self._beat_at <= loop.time():
                self._beat_at = loop.time() + BEAT_EVERY_S
                if doorbell.sure(timedelta(seconds=BEAT_EVERY_S)):
                    await self._beat_to_all()

    async def _wait_until(self, moment: float) -> None:
        """Or until it is woken."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(moment):
                await self._woken.wait()
        self._woken.clear()

    async def _stamps(self, wanted: set[Stamps]) -> dict[Stamps, Mapping[str, Hashable]]:
        found: dict[Stamps, Mapping[str, Hashable]] = {}
        for one in wanted:
            with suppress(StoreUnavailable):
                found[one] = await asyncio.to_thread(self._instance.store.read, one)
        return found

    def _is_as_before(self, view: _View, stamps: Mapping[Stamps, Mapping[str, Hashable]]) -> bool:
        now, of, number = asyncio.get_running_loop().time(), view.board.stamps, view.audience.number or ""
        if not of or not stamps.keys() >= set(of):
            return False
        before, view.stamp = view.stamp, tuple(stamps[one].get(number) for one in of)
        if view.html is None or view.stamp != before or view.again_at <= now:
            return False
        view.read_at, view.due_at = now, view.again_at
        return True

    async def _refresh(self, view: _View) -> None:
        view.read_at = asyncio.get_running_loop().time()
        view.due_at = view.again_at = view.read_at + (view.board.every_s or _NEVER)
        at = self._instance.clock.now()
        try:
            html = await asyncio.to_thread(self._rendered, view, at)
        except StoreUnavailable:
            view.due_at = view.again_at = view.read_at + _AGAIN_AFTER_S
            return
        if html != view.html:
            view.html, view.as_of = html, self._as_of(view.audience.language, at)
            for stream in view.streams:
                stream.put(view.event)

    def _as_of(self, language: Language, at: datetime) -> str:
        return f"{wording.say('更新于', 'as of', language)} {at.astimezone(self._instance.site.time_zone):%H:%M:%S}"

    def _rendered(self, view: _View, at: datetime) -> str:
        """Raises StoreUnavailable."""
        instance, audience = self._instance, view.audience
        onlooker = Onlooker(**vars(audience), at=at, zone=instance.site.time_zone, path=view.board.page)
        self.renderings += 1
        try:
            shown = instance.store.read(view.board.read, audience, at, instance)
            return fragment(onlooker, view.board.template, **shown)
        except StoreUnavailable:
            raise
        except Exception:
            # One board that is broken takes no other one along, and shows no old figures.
            log.exception("the board %s cannot be shown", view.key)
            return fragment(onlooker, "live/broken.html")

    async def _beat_to_all(self) -> None:
        at = self._instance.clock.now()
        streams = list(self._streams)
        try:
            still = await asyncio.to_thread(
                self._instance.store.read, lambda session: [stream.still(session, at) for stream in streams]
            )
        except StoreUnavailable:
            return
        for stream, goes_on in zip(streams, still, strict=True):
            if goes_on:
                stream.put(self._beat())
            else:
                stream.end(event("gone", "signed out"))

    def _beat(self) -> bytes:
        """With the server's time, in ms since 1970: ages are counted by it."""
        return event("beat", round(self._instance.clock.now().timestamp() * 1000))
