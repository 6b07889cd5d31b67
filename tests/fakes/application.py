"""Our ARI client, connected to the fake Asterisk: all of it is real except the socket."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from ivr.ari.client import Ari
from ivr.ari.errors import Disconnected
from ivr.ari.objects import Event, Params
from tests.fakes.calling import channel_one, create, dial, originate, watch
from tests.fakes.local_calls import NearEnd
from tests.fakes.parts import FakeBridge, FakeChannel, FakePlayback, Snoop, Tape
from tests.fakes.switch import FakeSwitch, refusal

_COMMAND_LIMIT_S = 15.0
_BACK_OFF_S = 0.1

Query = dict[str, str]
Handler = Callable[[FakeSwitch, str, Query], Awaitable[Any]]


class FakeAri(Ari):
    """`run()` connects to the switch again and again; events come in order, a moment after they happen."""

    def __init__(self, switch: FakeSwitch, app: str = "hotline") -> None:
        super().__init__("http://fake", app, "hotline", "secret")
        self._switch = switch
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._connection = 0

    async def run(self) -> None:
        while True:
            await self._switch.reachable.wait()
            self._events = asyncio.Queue()
            self._switch.app = self
            self.served_until = self._switch.served_until
            self.lost.clear()
            self.connected.set()
            try:
                while (event := await self._events.get()) is not None:
                    await asyncio.sleep(self._switch.latency())
                    self.dispatch(event)
            finally:
                self._switch.served_until = asyncio.get_running_loop().time()
                self.break_off()
                self._disconnected()
            await asyncio.sleep(_BACK_OFF_S)

    def hear(self, event: Event) -> None:
        self._events.put_nowait(event)

    def break_off(self) -> None:
        """The connection breaks: messages on their way are lost."""
        if self._switch.app is self:
            self._switch.app = None
            self._connection += 1
            while not self._events.empty():
                self._events.get_nowait()
            self._events.put_nowait(None)

    async def request(
        self,
        method: str,
        path: str,
        params: Params | None = None,
        *,
        may_block: bool = False,
        variables: dict[str, str] | None = None,
    ) -> Any:
        connection = self._connection
        query = {name: str(value) for name, value in (params or {}).items() if value is not None} | (variables or {})
        if self._switch.app is not self:
            raise Disconnected
        try:
            async with asyncio.timeout(_COMMAND_LIMIT_S):
                await asyncio.sleep(self._switch.latency())
                answer = await self._carry_out(method, path, query, may_block)
                if self._switch.answer_is_lost(f"{method} {path}"):
                    await asyncio.Event().wait()
                await asyncio.sleep(self._switch.latency())
        except TimeoutError:
            raise Disconnected(f"no answer to {method} {path}") from None
        if connection != self._connection:
            raise Disconnected
        return answer

    async def _carry_out(self, method: str, path: str, query: Query, may_block: bool) -> Any:
        for pattern, handler in ROUTES.items():
            if found := re.fullmatch(pattern, f"{method} {path}"):
                assert may_block or handler not in BLOCKING, f"{method} {path} can hold up the websocket"
                return await handler(self._switch, found[1] if found.groups() else "", query)
        raise AssertionError(f"the fake does not know {method} {path}")


# -- what is found -------------------------------------------------------------------------------------------------


def the_channel(switch: FakeSwitch, id: str) -> FakeChannel:
    """A channel in our application. Refused: 404 when it is gone, 409 when it is elsewhere, 412 while it rings."""
    channel = switch.channels.get(id)
    if channel is None:
        raise refusal(404, "Channel not found")
    if not channel.in_app:
        raise refusal(409, "Channel not in Stasis application")
    if channel.state in ("Down", "Ringing"):
        raise refusal(412, "Channel in invalid state")
    return channel


def the_bridge(switch: FakeSwitch, id: str) -> FakeBridge:
    if id not in switch.bridges:
        raise refusal(404, "Bridge not found")
    return switch.bridges[id]


# -- commands ------------------------------------------------------------------------------------------------------


async def channels(switch: FakeSwitch, _: str, query: Query) -> Any:
    return [channel.json() for channel in switch.channels.values()]


async def bridges(switch: FakeSwitch, _: str, query: Query) -> Any:
    return [bridge.json() for bridge in switch.bridges.values()]


async def bridge_one(switch: FakeSwitch, id: str, query: Query) -> Any:
    return the_bridge(switch, id).json()


async def info(switch: FakeSwitch, _: str, query: Query) -> Any:
    return {"status": {"startup_time": switch.began.isoformat(timespec="milliseconds")}}


async def cause_left(switch: FakeSwitch, _: str, query: Query) -> Any:
    if query["variable"] not in switch.causes_left:
        raise refusal(404, "Provided variable was not found")
    return {"value": switch.causes_left[query["variable"]]}


async def application(switch: FakeSwitch, app: str, query: Query) -> Any:
    return {"name": app, "channel_ids": [c.id for c in switch.channels.values() if c.owned], "bridge_ids": []}


async def endpoints(switch: FakeSwitch, _: str, query: Query) -> Any:
    return [
        {
            "technology": "PJSIP",
            "resource": phone.number,
            "state": "online" if phone.online else "offline",
            "channel_ids": [c.id for c in switch.channels.values() if c.person is phone and not isinstance(c, Snoop)],
        }
        for phone in switch.phones.values()
    ]


async def press(switch: FakeSwitch, id: str, query: Query) -> Any:
    near = the_channel(switch, id).person
    assert isinstance(near, NearEnd), "only the near end of a canary presses keys by command"
    near.far.press(query["dtmf"])


async def hang_up(switch: FakeSwitch, id: str, query: Query) -> Any:
    if id not in switch.channels:
        raise refusal(404, "Channel not found")
    switch.channels[id].hang_up()


async def answer(switch: FakeSwitch, id: str, query: Query) -> Any:
    channel = the_channel(switch, id)

    async def pick_up() -> None:
        if channel.state != "Up":
            channel.rings_back = False
            channel.becomes("Up")

    await channel.order_and_wait(pick_up, "Failed to answer channel")


async def variable(switch: FakeSwitch, id: str, query: Query) -> Any:
    channel = the_channel(switch, id)
    if query["variable"] == "CHANNEL(language)":
        channel.language = str(query["value"])
    else:
        assert query["variable"] == "TIMEOUT(absolute)"
        asyncio.get_running_loop().call_later(float(query["value"]), channel.hang_up)


async def ring(switch: FakeSwitch, id: str, query: Query) -> Any:
    set_later(the_channel(switch, id), "rings_back", True)


async def ring_stop(switch: FakeSwitch, id: str, query: Query) -> Any:
    set_later(the_channel(switch, id), "rings_back", False)


async def music(switch: FakeSwitch, id: str, query: Query) -> Any:
    set_later(the_channel(switch, id), "music", True)


async def music_stop(switch: FakeSwitch, id: str, query: Query) -> Any:
    set_later(the_channel(switch, id), "music", False)


def set_later(channel: FakeChannel, what: str, value: bool) -> None:
    async def change() -> None:
        setattr(channel, what, value)
        channel.switch.something_happened()

    channel.order(change)


async def leave_to(switch: FakeSwitch, id: str, query: Query) -> Any:
    channel = the_channel(switch, id)

    async def go() -> None:
        channel.leave()
        channel.go_to(query["context"])

    channel.order(go)


async def play(switch: FakeSwitch, ids: str, query: Query) -> Any:
    id, _, playback_id = ids.partition("/play/")
    channel = the_channel(switch, id)
    assert channel.bridge is None, "a prompt would cut the leg off from its bridge"
    sound = new_sound(switch, f"channel:{id}", playback_id, query)
    switch.play_to(channel, sound)
    return sound.json("queued")


def new_sound(switch: FakeSwitch, target: str, playback_id: str, query: Query) -> FakePlayback:
    assert playback_id not in switch.sounds, "one that is being played has this id"
    prompts = [media.removeprefix("sound:hotline/") for media in query["media"].split(",")]
    switch.sounds[playback_id] = sound = FakePlayback(playback_id, target, prompts, query["lang"])
    return sound


async def play_stop(switch: FakeSwitch, id: str, query: Query) -> Any:
    if id not in switch.sounds:
        raise refusal(404, "Playback not found")
    switch.sounds[id].stopped.set()


def new_tape(switch: FakeSwitch, target: str, query: Query) -> Tape:
    name = query["name"]
    if name in switch.recorded or name in switch.tapes:
        raise refusal(409, f"Recording '{name}' already exists and can not be overwritten")
    if switch.refuses_to_record:
        raise refusal(500, "Internal Server Error")
    now = asyncio.get_running_loop().time()
    tape = Tape(name, target, now, float(query["maxSilenceSeconds"]), query["terminateOn"])
    switch.tapes[name] = tape
    return tape


async def record(switch: FakeSwitch, id: str, query: Query) -> Any:
    channel = the_channel(switch, id)
    if channel.bridge is not None:
        raise refusal(409, "Channel is currently in a bridge")
    tape = new_tape(switch, f"channel:{id}", query)
    if channel.set_aside:
        del switch.tapes[tape.name]
        switch.send_event("RecordingFailed", recording=tape.json("failed"))
        return tape.json("queued")
    switch.record_from(channel, tape, float(query["maxDurationSeconds"]))
    return tape.json("queued")


async def record_stop(switch: FakeSwitch, name: str, query: Query) -> Any:
    if name not in switch.tapes:
        raise refusal(404, "Recording not found")
    switch.tapes[name].stopped.set()


async def bridge_create(switch: FakeSwitch, id: str, query: Query) -> Any:
    if id in switch.bridges:
        raise refusal(409, f"Bridge with id '{id}' already exists")
    switch.bridges[id] = FakeBridge(id)
    switch.send_event("BridgeCreated", bridge=switch.bridges[id].json())
    return switch.bridges[id].json()


async def bridge_destroy(switch: FakeSwitch, id: str, query: Query) -> Any:
    bridge = the_bridge(switch, id)
    for channel in list(bridge.members):
        switch.part(channel)
    if bridge.sound is not None:
        bridge.sound.stopped.set()
    if bridge.tape is not None:
        bridge.tape.stopped.set()
    del switch.bridges[id]
    switch.send_event("BridgeDestroyed", bridge=bridge.json())


async def bridge_add(switch: FakeSwitch, id: str, query: Query) -> Any:
    bridge = the_bridge(switch, id)
    if query["channel"] not in switch.channels:
        raise refusal(400, "Channel not found")
    channel = the_channel(switch, query["channel"])
    channel.keys_are_ours = query.get("absorbDTMF") == "true"

    async def join() -> None:
        switch.part(channel)
        switch.join(channel, bridge)

    await channel.order_and_wait(join, "Failed to add channel to bridge")


async def bridge_remove(switch: FakeSwitch, id: str, query: Query) -> Any:
    bridge = the_bridge(switch, id)
    if query["channel"] not in switch.channels:
        raise refusal(400, "Channel not found")
    channel = the_channel(switch, query["channel"])
    if channel.bridge is not bridge:
        raise refusal(422, "Channel not in this bridge")

    async def go() -> None:
        switch.part(channel)

    await channel.order_and_wait(go, "Failed to remove channel from bridge")


async def bridge_play(switch: FakeSwitch, ids: str, query: Query) -> Any:
    id, _, playback_id = ids.partition("/play/")
    bridge = the_bridge(switch, id)
    sound = new_sound(switch, f"bridge:{id}", playback_id, query)
    switch.play_in(bridge, sound)
    return sound.json("queued")


async def bridge_music(switch: FakeSwitch, id: str, query: Query) -> Any:
    the_bridge(switch, id).music = True
    switch.something_happened()


async def bridge_music_stop(switch: FakeSwitch, id: str, query: Query) -> Any:
    bridge = the_bridge(switch, id)
    if not bridge.music:
        raise refusal(409, "Bridge isn't playing music")
    bridge.music = False
    switch.something_happened()


async def snoop(switch: FakeSwitch, ids: str, query: Query) -> Any:
    id, _, snoop_id = ids.partition("/snoop/")
    channel = the_channel(switch, id)
    if snoop_id in switch.channels:
        raise refusal(409, "Channel with given unique ID already exists")
    sound = {"spy": query.get("spy", "none"), "whisper": query.get("whisper", "none")}
    return Snoop(channel, snoop_id, query["appArgs"].split(","), **sound).json()


async def bridge_record(switch: FakeSwitch, id: str, query: Query) -> Any:
    bridge = the_bridge(switch, id)
    bridge.tape = new_tape(switch, f"bridge:{id}", query)
    switch.background(switch.record(bridge.tape, lambda: bridge.people, float(query["maxDurationSeconds"])))
    return bridge.tape.json("queued")


ROUTES: dict[str, Handler] = {
    "GET channels": channels,
    "GET bridges": bridges,
    "GET bridges/([^/]+)": bridge_one,
    "GET asterisk/info": info,
    "GET asterisk/variable": cause_left,
    "GET applications/(.+)": application,
    "GET endpoints/PJSIP": endpoints,
    "GET channels/([^/]+)": channel_one,
    "POST channels/create": create,
    "POST channels/([^/]+)": originate,
    "POST channels/([^/]+)/dial": dial,
    "POST applications/[^/]+/subscription": watch,
    "DELETE channels/([^/]+)": hang_up,
    "POST channels/([^/]+)/answer": answer,
    "POST channels/([^/]+)/dtmf": press,
    "POST channels/([^/]+)/variable": variable,
    "POST channels/([^/]+)/ring": ring,
    "DELETE channels/([^/]+)/ring": ring_stop,
    "POST channels/([^/]+)/moh": music,
    "DELETE channels/([^/]+)/moh": music_stop,
    "POST channels/([^/]+)/continue": leave_to,
    "POST channels/([^/]+/play/[^/]+)": play,
    "POST channels/([^/]+)/record": record,
    "POST channels/([^/]+/snoop/[^/]+)": snoop,
    "DELETE playbacks/(.+)": play_stop,
    "POST recordings/live/(.+)/stop": record_stop,
    "POST bridges/([^/]+)": bridge_create,
    "DELETE bridges/([^/]+)": bridge_destroy,
    "POST bridges/([^/]+)/addChannel": bridge_add,
    "POST bridges/([^/]+)/removeChannel": bridge_remove,
    "POST bridges/([^/]+)/record": bridge_record,
    "POST bridges/([^/]+/play/[^/]+)": bridge_play,
    "POST bridges/([^/]+)/moh": bridge_music,
    "DELETE bridges/([^/]+)/moh": bridge_music_stop,
}

BLOCKING = {answer, press, bridge_add, bridge_remove, create, dial, originate, variable}
"""The commands that Asterisk carries out before it answers, however long a prompt is still playing."""
