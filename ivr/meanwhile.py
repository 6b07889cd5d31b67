"""What a caller hears while telephones ring for him: words, then ringing, then who has lifted."""

from ivr.ari.objects import Event, Playback
from ivr.call import Call
from ivr.house import House
from recordings import speech

NOTICE = "recording-notice"
_MAY_TAKE_S = 60.0


def first_words(call: Call, house: House) -> tuple[str, ...]:
    """What every caller hears out before a talk, as far as he has not: who we are (R15-5), and that it is recorded."""
    progress = call.progress
    return (() if progress.greeted else (house.greeting,)) + (() if progress.notified else (NOTICE,))


async def say_first_words(call: Call, house: House, *then: str) -> None:
    """The first words, and what follows them."""
    await call.play(*first_words(call, house), *then)
    call.progress.greeted = call.progress.notified = True


class Meanwhile:
    """The caller hears something else, such as music."""

    async def begin(self) -> None:
        """Telephones are about to ring. Raises `CallEnded` when the caller is gone, as all of these do."""

    async def goes_on(self, event: Event) -> None:
        """Something has happened to the call."""

    async def introduces(self, number: str) -> None:
        """This one of the staff has the call: the caller hears who serves him (R11-1)."""

    async def rings_again(self) -> None:
        """Who had the call has hung up, and other telephones ring."""

    async def finish(self) -> None:
        """All words are heard out."""


MUSIC = Meanwhile()


class Words(Meanwhile):
    """The first words, then `words`, which end when somebody has the call; then ringing. No telephone waits for it. A
    caller who was not answered yet hears ringing, and his first words when somebody has lifted."""

    def __init__(self, call: Call, house: House, *words: str, heard_out: tuple[str, ...] = ()) -> None:
        """`heard_out` belongs to the first words."""
        self._call = call
        self._house = house
        self._first: tuple[str, ...] = ()
        self._heard_out = heard_out
        self._words = words
        self._playing: Playback | None = None
        self._in_first_words = False
        self._taken = False

    async def begin(self) -> None:
        if self._call.progress.answered:
            self._first = first_words(self._call, self._house) + self._heard_out
            await self._go_on()
        else:
            await self._call.ring_back()

    async def goes_on(self, event: Event) -> None:
        if self._playing and event["type"] == "PlaybackFinished" and event["playback"]["id"] == self._playing.id:
            self._is_heard()
            await self._go_on()

    async def introduces(self, number: str) -> None:
        self._taken, self._words = True, tuple(speech.serves_you(number))
        await self._cut()
        if self._playing is None:
            await self._house.answer(self._call)
            await self._call.stop_ring_back()
            self._first = first_words(self._call, self._house)
            await self._go_on()

    async def rings_again(self) -> None:
        if self._taken:
            self._taken = False
            if self._playing is None:
                await self._go_on()

    async def finish(self) -> None:
        while self._playing and (event := await self._call.next(_MAY_TAKE_S)) is not None:
            await self.goes_on(event)

    async def _cut(self) -> None:
        """Ends the words; the first words are heard out."""
        if self._playing and not self._in_first_words:
            await self._playing.stop()
            self._playing = None

    async def _go_on(self) -> None:
        self._in_first_words = bool(self._first)
        if self._in_first_words:
            words, self._first = self._first, ()
        else:
            words, self._words = self._words, ()
        if words:
            self._playing = await self._call.start(*words)
        elif not self._taken:
            await self._call.ring_back()

    def _is_heard(self) -> None:
        self._playing = None
        if self._in_first_words:
            self._call.progress.greeted = self._call.progress.notified = True
