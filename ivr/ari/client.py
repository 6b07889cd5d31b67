"""Every command to Asterisk and every event from it passes through here, and only here.

Commands that Asterisk may hold back until a playback ends (answer, addChannel, ...) go over a pool of HTTP
connections; the others ride the event websocket, which is one strictly serial conversation. The pump reads events and
sorts them into the streams of those who listen; it never waits for anything but the socket.
"""

import asyncio
import base64
import itertools
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from urllib.parse import quote

import aiohttp
import orjson

from ivr.ari.errors import Disconnected, error_of
from ivr.ari.keys import Keys
from ivr.ari.objects import Bridge, Channel, Event, Params
from ivr.ari.sign import Sign

log = logging.getLogger(__name__)

DISCONNECTED: Event = {"type": "Disconnected"}
_COMMAND_LIMIT_S = 15.0
_CONNECT_LIMIT_S = 5.0
_HEARTBEAT_S = 4.0
_BACK_OFF_S = (0.1, 0.3, 1.0, 2.0, 5.0)
_POOL_SIZE = 32
_NOT_WANTED = ("ChannelVarset", "ChannelDialplan", "PlaybackStarted", "ChannelCreated", "DeviceStateChanged")
"""Events that no conversation looks at: about half of all. Asterisk forgets this list with the connection."""


class _Replaced(Exception):
    """Another program has connected as our application: Asterisk brings it the callers, and us no event any more."""


class Stream:
    """The events about some objects (channels, bridges, playbacks, recordings), in the order in which they came."""

    def __init__(self, ari: "Ari", ids: tuple[str, ...]) -> None:
        self._ari = ari
        self._ids: list[str] = []
        self._queue: asyncio.Queue[Event] = asyncio.Queue()
        for object_id in ids:
            self.add(object_id)

    def add(self, object_id: str) -> None:
        """Listens to one more object from now on, once."""
        if object_id in self._ids:
            return
        self._ids.append(object_id)
        self._ari.listeners.setdefault(object_id, []).append(self)

    def put(self, event: Event) -> None:
        self._queue.put_nowait(event)

    async def next(self) -> Event:
        """The next event. Raises `Disconnected` when the connection is lost: what was heard before no longer holds."""
        event = await self._queue.get()
        if event is DISCONNECTED:
            self.put(DISCONNECTED)
            raise Disconnected
        return event

    def close(self) -> None:
        for object_id in self._ids:
            listeners = self._ari.listeners.get(object_id, [])
            if self in listeners:
                listeners.remove(self)
            if not listeners:
                self._ari.listeners.pop(object_id, None)
        self._ids.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class Arrival:
    """A channel that has entered our application, with its events from the first on."""

    channel: Channel
    event: Event
    stream: Stream

    @property
    def args(self) -> list[str]:
        return list(self.event["args"])


class Ari:
    """The connection to one Asterisk, as one ARI application. `run()` keeps it up."""

    def __init__(self, url: str, app: str, user: str, password: str, *, signature: str = "") -> None:
        """`signature`: how signs of life of this program begin; others that live with it, it knows to be dead ones'."""
        self.app = app
        self.stands_by = False
        """While another program serves our application."""
        self.connected = asyncio.Event()
        self.lost = asyncio.Event()
        """Set while there is no connection."""
        self.served_until: float | None = None
        """When the last sign of life was left before this connection, by this program or an earlier one, in the time of
        event loops; None: this Asterisk has none."""
        self.listeners: dict[str, list[Stream]] = {}
        self.leaving: dict[str, float] = {}
        """Channels that were sent away and have not come back, with the time: something may still hold them up."""
        self._url = url.rstrip("/")
        self._sign = Sign(self._url, app, signature)
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}"}
        self._arrivals: asyncio.Queue[Arrival] = asyncio.Queue()
        self._answers: dict[str, asyncio.Future[Event]] = {}
        self._numbers = itertools.count()
        self._keys = Keys()
        self._http: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    # -- connection ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Connects, reads events, and connects again after any end of the connection, until cancelled.

        While another program serves the same application, or has replaced us without looking, this one stands by, and
        takes over when that one is gone: two that took it from each other would cut off every caller again and again.
        """
        failures = 0
        while True:
            # Commands, too, get new connections: of those that were open nobody knows whether they still lead anywhere.
            connector = aiohttp.TCPConnector(limit=_POOL_SIZE)
            async with aiohttp.ClientSession(connector=connector, headers=self._headers) as self._http:
                self._sign.http, replaced = self._http, False
                try:
                    if await self._sign.another_serves():
                        raise _Replaced
                    await self._connect_and_pump()
                except _Replaced:
                    replaced = True
                except (aiohttp.ClientError, OSError, TimeoutError) as error:
                    log.warning("no connection to Asterisk: %s", error or type(error).__name__)
                finally:
                    had_connection = self.connected.is_set()
                    self._disconnected()
                if replaced:
                    self.stands_by = True
                    await self._sign.stands_still()
                    self.stands_by = False
            failures = 0 if had_connection else failures + 1
            await asyncio.sleep(_BACK_OFF_S[min(failures, len(_BACK_OFF_S) - 1)])

    async def _connect_and_pump(self) -> None:
        assert self._http is not None
        address = f"{self._url}/events?app={quote(self.app)}"
        async with asyncio.timeout(_CONNECT_LIMIT_S):
            connection = await self._http.ws_connect(
                address, heartbeat=_HEARTBEAT_S, max_msg_size=0, timeout=aiohttp.ClientWSTimeout(ws_close=1.0)
            )
        async with connection as socket:
            await self._leave_out(_NOT_WANTED)
            self.served_until = await self._sign.left_at()
            self._socket = socket
            self.lost.clear()
            self.connected.set()
            log.info("connected to Asterisk as application %s", self.app)
            signs = asyncio.create_task(self._sign.renew())
            try:
                await self._pump(socket)
            finally:
                signs.cancel()
        log.warning("the connection to Asterisk has ended")

    async def _pump(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            try:
                self._sort(orjson.loads(message.data))
            except (LookupError, TypeError, ValueError):
                log.exception("an event of Asterisk is passed over: %.400s", message.data)

    def _sort(self, event: Event) -> None:
        if event["type"] == "RESTResponse":
            self._answered(event)
        elif event["type"] == "ApplicationReplaced":
            raise _Replaced
        else:
            self.dispatch(event)

    async def _leave_out(self, types: tuple[str, ...]) -> None:
        """Asterisk sends no events of these types; a list of what it may send would hold back its answers, too."""
        assert self._http is not None
        address = f"{self._url}/applications/{quote(self.app)}/eventFilter"
        async with asyncio.timeout(_COMMAND_LIMIT_S):
            unwanted = {"disallowed": [{"type": name} for name in types]}
            async with self._http.put(address, json=unwanted) as answer:
                answer.raise_for_status()

    def _answered(self, event: Event) -> None:
        future = self._answers.pop(event["request_id"], None)
        if future is not None and not future.done():
            future.set_result(event)

    def _disconnected(self) -> None:
        self._socket = None
        self.connected.clear()
        self.lost.set()
        for future in self._answers.values():
            if not future.done():
                future.set_exception(Disconnected())
        self._answers.clear()
        while not self._arrivals.empty():
            self._arrivals.get_nowait().stream.close()
        for stream in {id(s): s for streams in self.listeners.values() for s in streams}.values():
            stream.put(DISCONNECTED)

    # -- events -------------------------------------------------------------------------------------------------------

    def listen(self, *object_ids: str) -> Stream:
        """A stream of all events about these objects. Open it before the command that causes them."""
        return Stream(self, object_ids)

    async def arrivals(self) -> AsyncIterator[Arrival]:
        """Channels that enter the application and that nobody has been waiting for: new calls."""
        while True:
            yield await self._arrivals.get()

    def dispatch(self, event: Event) -> None:
        """Sorts one event into the streams of those who listen to any of its objects."""
        if event["type"] == "StasisStart":
            self.leaving.pop(event["channel"]["id"], None)
        if event["type"] == "StasisStart" and event["channel"]["id"] not in self.listeners:
            channel = self.channel(event["channel"]["id"])
            self._arrivals.put_nowait(Arrival(channel, event, self.listen(channel.id)))
            return
        if event["type"] == "ChannelDtmfReceived" and self._keys.has(event):
            return
        for stream in {id(s): s for object_id in _objects(event) for s in self.listeners.get(object_id, ())}.values():
            stream.put(event)

    # -- commands -----------------------------------------------------------------------------------------------------

    async def request(
        self,
        method: str,
        path: str,
        params: Params | None = None,
        *,
        may_block: bool = False,
        variables: dict[str, str] | None = None,
    ) -> Any:
        """One command to Asterisk; its decoded answer.

        `may_block`: Asterisk may delay the answer until a playback has ended; that must not hold up the websocket.
        `variables` of a channel that is called go only with such a command.
        Raises `Gone`, `Conflict`, another `CommandRefused`, or `Disconnected` (also after 15 s without an answer).
        """
        query = {name: str(value) for name, value in (params or {}).items() if value is not None}
        try:
            async with asyncio.timeout(_COMMAND_LIMIT_S):
                if may_block:
                    return await self._over_http(method, path, query, {"variables": variables} if variables else None)
                return await self._over_websocket(method, path, query)
        except TimeoutError:
            raise Disconnected(f"no answer to {method} {path} within {_COMMAND_LIMIT_S:.0f} s") from None

    async def _over_http(self, method: str, path: str, query: dict[str, str], body: Event | None) -> Any:
        if self._http is None or not self.connected.is_set():
            raise Disconnected
        try:
            async with self._http.request(method, f"{self._url}/{path}", params=query, json=body) as answer:
                content = await answer.read()
        except (aiohttp.ClientError, OSError) as error:
            raise Disconnected(f"{method} {path}: {error}") from error
        if answer.status >= 400:
            raise error_of(answer.status, content)
        return orjson.loads(content) if content else None

    async def _over_websocket(self, method: str, path: str, query: dict[str, str]) -> Any:
        if self._socket is None:
            raise Disconnected
        request_id = str(next(self._numbers))
        message: Event = {"type": "RESTRequest", "request_id": request_id, "method": method, "uri": path}
        if query:
            message["query_strings"] = [{"name": k, "value": v} for k, v in query.items()]
        future: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._answers[request_id] = future
        try:
            await self._socket.send_str(orjson.dumps(message).decode())
            answer = await future
        except (ConnectionError, aiohttp.ClientError) as error:
            raise Disconnected(f"{method} {path}: {error}") from error
        finally:
            self._answers.pop(request_id, None)
        content = answer.get("message_body", "")
        if answer["status_code"] >= 400:
            raise error_of(answer["status_code"], content)
        return orjson.loads(content) if content else None

    # -- objects ------------------------------------------------------------------------------------------------------

    def channel(self, channel_id: str) -> Channel:
        return Channel(self, channel_id)

    def bridge(self, bridge_id: str) -> Bridge:
        return Bridge(self, bridge_id)

    async def channels(self) -> list[Event]:
        """All channels that live in Asterisk, ours or not."""
        return list(await self.request("GET", "channels"))

    async def bridges(self) -> list[Event]:
        return list(await self.request("GET", "bridges"))

    async def running_since(self) -> datetime:
        """When this Asterisk began: no channel is older."""
        status = (await self.request("GET", "asterisk/info", {"only": "status"}))["status"]
        return datetime.fromisoformat(status["startup_time"])

    async def own_channels(self) -> set[str]:
        """Ids of the channels that are in our application at this moment."""
        return set((await self.request("GET", f"applications/{quote(self.app)}"))["channel_ids"])

    async def phones(self) -> dict[str, Event]:
        """Every SIP endpoint by name: `state` ("online", "offline", "unknown") and `channel_ids` (its calls)."""
        return {e["resource"]: e for e in await self.request("GET", "endpoints/PJSIP")}


def _objects(event: Event) -> list[str]:
    """The ids of what an event is about; a playback or recording belongs to its channel or bridge as well.

    The `peer` of a telephone's PeerStatusChange is no channel, and has no id.
    """
    ids = [event[key]["id"] for key in ("channel", "peer", "bridge", "playback") if "id" in event.get(key, {})]
    for key in ("playback", "recording"):
        if key in event:
            ids.append(event[key]["target_uri"].partition(":")[2])
    if "recording" in event:
        ids.append(event["recording"]["name"])
    return ids
