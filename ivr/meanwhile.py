"""What a caller hears while telephones ring for him: some words once, then ringing."""

from ivr.ari.objects import Event, Playback
from ivr.call import Call

_MAY_TAKE_S = 60.0


class Meanwhile:
    """Words to a caller. They keep no telephone waiting, and no person."""

    def __init__(self, call: Call, words: tuple[str, ...]) -> None:
        self._call = call
        self._words = words
        self._playing: Playback | None = None

    async def begin(self) -> None:
        """Raises `CallEnded` when the caller is gone."""
        if self._words:
            self._playing = await self._call.start(*self._words)

    async def goes_on(self, event: Event) -> None:
        """After the words the caller hears ringing."""
        if self._playing and event["type"] == "PlaybackFinished" and event["playback"]["id"] == self._playing.id:
            self._playing = None
            await self._call.ring_back()

    async def stop(self) -> None:
        """Somebody has taken the call."""
        if self._playing:
            await self._playing.stop()
            self._playing = None

    async def finish(self) -> None:
        """Nobody is ringing any more: the words are heard out."""
        while self._playing and (event := await self._call.next(_MAY_TAKE_S)) is not None:
            await self.goes_on(event)
