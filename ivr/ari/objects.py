"""Asterisk's channels, bridges, playbacks and recordings, each with the commands it understands."""

import asyncio
import zlib
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import quote

from ivr.ari.errors import CommandRefused, Conflict, Gone

if TYPE_CHECKING:
    from ivr.ari.client import Ari

CALLED, SORRY = "called", "sorry"
"""Contexts of the dialplan for people whom we call: the first when they answer, which leads into our application with
that word; the second when we have lost them."""

OVER = "over"
"""The context of the dialplan for a caller beyond a ceiling, which leads into our application with that word."""
FAR_END = ";2"
"""How Asterisk ends the id of a Local channel's half that runs in the dialplan."""
_DIALS = "Local/s@calls/n"
"""The dialplan dials what the variable CALLS names."""
_PLACES = 64
"""The number of Asterisk variables in which the ends of our calls are kept; they are used in turn."""

Event = dict[str, Any]
Params = dict[str, str | int | None]


async def ignoring_gone(command: Awaitable[Any]) -> None:
    """Awaits a command whose object may be gone already, which is as good as done."""
    with suppress(Gone, Conflict):
        await command


@dataclass(frozen=True)
class _Playable:
    """What can hear a prompt and be recorded: a channel or a bridge."""

    COLLECTION: ClassVar[str]

    ari: "Ari"
    id: str

    @property
    def path(self) -> str:
        return f"{self.COLLECTION}/{quote(self.id)}"

    async def play(self, media: list[str], playback_id: str, language: str) -> "Playback":
        """Starts playing; the end comes as `PlaybackFinished`. The media follow each other without a gap."""
        params: Params = {"media": ",".join(media), "lang": language}
        await self.ari.request("POST", f"{self.path}/play/{quote(playback_id)}", params)
        return Playback(self.ari, playback_id)

    async def record(
        self, name: str, *, longest_s: int = 0, silence_s: int = 0, terminate_on: str = "none"
    ) -> "LiveRecording":
        """Starts recording to `name`.wav in the spool; the end comes as `RecordingFinished` or `RecordingFailed`."""
        params: Params = {
            "name": name,
            "format": "wav",
            "maxDurationSeconds": longest_s,
            "maxSilenceSeconds": silence_s,
            "terminateOn": terminate_on,
            "ifExists": "fail",
        }
        await self.ari.request("POST", f"{self.path}/record", params, may_block=True)
        return LiveRecording(self.ari, name)

    async def start_music(self) -> None:
        await self.ari.request("POST", f"{self.path}/moh", may_block=True)

    async def stop_music(self) -> None:
        await ignoring_gone(self.ari.request("DELETE", f"{self.path}/moh", may_block=True))


@dataclass(frozen=True)
class Channel(_Playable):
    """One leg of a call."""

    COLLECTION = "channels"

    async def answer(self) -> None:
        await self.ari.request("POST", f"{self.path}/answer", may_block=True)

    async def limit(self, seconds: int) -> None:
        """Asterisk hangs up this number of seconds from now."""
        await self._set("TIMEOUT(absolute)", seconds)

    async def speak(self, language: str) -> None:
        """What the dialplan says to the channel, once it has left us, is in this language."""
        await self._set("CHANNEL(language)", language)

    async def _set(self, variable: str, value: str | int) -> None:
        params: Params = {"variable": variable, "value": value}
        await self.ari.request("POST", f"{self.path}/variable", params, may_block=True)

    async def ring(self) -> None:
        """Lets the caller hear ringing: 180 before the answer, the national ringing tone after it."""
        await self.ari.request("POST", f"{self.path}/ring")

    async def stop_ringing(self) -> None:
        await ignoring_gone(self.ari.request("DELETE", f"{self.path}/ring"))

    async def hang_up(self, reason: str = "normal") -> None:
        await ignoring_gone(self.ari.request("DELETE", self.path, {"reason": reason}))

    async def leave_to(self, context: str) -> None:
        """Sends the channel out of the application, to `context`,s,1 of the dialplan."""
        params: Params = {"context": context, "extension": "s", "priority": 1}
        self.ari.leaving[self.id] = asyncio.get_running_loop().time()
        await self.ari.request("POST", f"{self.path}/continue", params, may_block=True)

    async def prepare(self, endpoint: str, caller_id: str, originator: "Channel | None") -> None:
        """Makes this channel for `endpoint`; it enters our application at once, and after that it can be dialled.

        Not originated: Asterisk follows a telephone that forwards its calls (SIP 302) to any channel that it names
        (main/dial.c), but not one that is dialled from an application (res/stasis/control.c). Raises `Conflict` when
        the id lives already: nothing is rung twice. The codecs of `originator` are preferred.
        """
        params: Params = {
            "endpoint": endpoint,
            "app": self.ari.app,
            "appArgs": "leg",
            "channelId": self.id,
            "originator": originator.id if originator else None,
        }
        shown = {"CALLERID(all)": caller_id, "CONNECTEDLINE(all)": caller_id}
        await self.ari.request("POST", f"{self.COLLECTION}/create", params, may_block=True, variables=shown)

    async def dial(self) -> None:
        """Rings the telephone for which it was created, until it is hung up; who answers is `Up`."""
        await self.ari.request("POST", f"{self.path}/dial", may_block=True)

    async def call_out(self, endpoint: str, caller_id: str, within_s: int) -> None:
        """Rings `endpoint` as this channel for at most this long; the answer comes to us by way of the dialplan.

        The dialplan has an apology for the person if we have died meanwhile, and dials: Dial does not follow a
        telephone that forwards its calls, as originating would. Only `watch` lets us hear that it rings; a channel that
        ended before that has left its `cause`. Raises `Conflict` when the id lives already: nothing is rung twice.
        """
        params: Params = {
            "endpoint": _DIALS,
            "context": CALLED,
            "extension": "s",
            "priority": 1,
            "callerId": caller_id,
            "timeout": within_s,
        }
        variables = {"CHANNEL(hangup_handler_push)": f"gone,s,1({self._place})", "CALLS": endpoint}
        await self.ari.request("POST", self.path, params, may_block=True, variables=variables)

    async def trunk(self) -> str | None:
        """The trunk over which it is called at this moment, as the dialplan notes it where there are several ways."""
        try:
            found = await self.ari.request("GET", f"{self.path}/variable", {"variable": "SHARED(TRUNK)"})
        except CommandRefused:
            return None
        return found["value"] or None

    async def cause(self) -> int:
        """Why a channel that was called out has ended (Q.850), in the moment after that; 0 when that is not known."""
        try:
            word = (await self.ari.request("GET", "asterisk/variable", {"variable": self._place}))["value"]
        except Gone:
            return 0
        channel_id, _, cause = word.partition(" ")
        return int(cause) if channel_id == self.id else 0

    @property
    def _place(self) -> str:
        return f"HOTLINE_GONE_{zlib.crc32(self.id.encode()) % _PLACES}"

    async def watch(self) -> str:
        """Its events come to us from now on; returns its state. Raises `CommandRefused` when it has ended already."""
        params: Params = {"eventSource": f"channel:{self.id}"}
        await self.ari.request("POST", f"applications/{quote(self.ari.app)}/subscription", params)
        return str((await self.ari.request("GET", self.path))["state"])

    async def dial_ourselves(self, endpoint: str) -> None:
        """Dials as this channel, which enters our application when it is answered."""
        params: Params = {"endpoint": endpoint, "app": self.ari.app, "appArgs": "leg", "timeout": 30}
        await self.ari.request("POST", self.path, params, may_block=True)

    async def press(self, key: str) -> None:
        """A key, as this channel's telephone would send it."""
        await self.ari.request("POST", f"{self.path}/dtmf", {"dtmf": key}, may_block=True)

    async def prompter(self, channel_id: str) -> "Channel":
        """A channel that enters our application, and whatever is played to it is heard on this one, and only on it,
        together with what is being heard there already."""
        params: Params = {"whisper": "out", "app": self.ari.app, "appArgs": "prompter"}
        await self.ari.request("POST", f"{self.path}/snoop/{quote(channel_id)}", params, may_block=True)
        return Channel(self.ari, channel_id)

    async def ear(self, channel_id: str, heard: Literal["none", "out", "both"]) -> None:
        """A channel that enters our application, hears all that is heard and said on this one, and ends with it.

        A voice at the ear is heard by nobody ("none"), on this channel alone ("out"), or as if it spoke on it, too
        ("both").
        """
        params: Params = {"spy": "both", "whisper": heard, "app": self.ari.app, "appArgs": "ear"}
        await self.ari.request("POST", f"{self.path}/snoop/{quote(channel_id)}", params, may_block=True)


@dataclass(frozen=True)
class Bridge(_Playable):
    """Where channels hear each other."""

    COLLECTION = "bridges"

    async def create(self) -> None:
        """With keys: without `dtmf_events` two telephones of one codec would be joined past Asterisk's ear."""
        await self.ari.request("POST", self.path, {"type": "mixing,dtmf_events", "name": self.id})

    async def members(self) -> set[str]:
        """The ids of the channels in it."""
        return set((await self.ari.request("GET", self.path))["channels"])

    async def add(self, channel: Channel, *, keys_are_ours: bool = False) -> None:
        """`keys_are_ours`: the others do not hear what this one keys.

        Otherwise a key may still be under way to them when this one is taken out of the bridge (seen on a loaded
        machine: the caller heard that key, and then nothing more).
        """
        params: Params = {"channel": channel.id, "absorbDTMF": "true" if keys_are_ours else None}
        await self.ari.request("POST", f"{self.path}/addChannel", params, may_block=True)

    async def remove(self, channel: Channel) -> None:
        """The channel stays in our application, and hears only what is played to it."""
        params: Params = {"channel": channel.id}
        await self.ari.request("POST", f"{self.path}/removeChannel", params, may_block=True)

    async def destroy(self) -> None:
        await ignoring_gone(self.ari.request("DELETE", self.path, may_block=True))


@dataclass(frozen=True)
class Playback:
    ari: "Ari"
    id: str

    async def stop(self) -> None:
        await ignoring_gone(self.ari.request("DELETE", f"playbacks/{quote(self.id)}"))


@dataclass(frozen=True)
class LiveRecording:
    ari: "Ari"
    name: str

    async def stop(self) -> None:
        """Ends and keeps the recording."""
        await ignoring_gone(self.ari.request("POST", f"recordings/live/{quote(self.name)}/stop", may_block=True))
