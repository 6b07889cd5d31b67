"""The telephones' log against the table of promises; what the hotline itself has written is not asked (R21-13).

A ring is *needed* until the guest has been thanked for his 1, or one of the staff, who was told his room, for his 2. It
is *extra* when the same telephone is rung already, or comes sooner after the last than the policy says; a kill between
the last ring and this one explains it. What was cut off by a kill and is rung again is needed, also where the guest had
pressed 1 and nobody lived to take it; where nobody had been killed, that is extra, and unexplained.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import quantiles

from tests.certainty.killer import Kill
from tests.certainty.log import LogEvent, What
from tests.certainty.promises import UNREGISTERED, WakeupPromise

LATE_S = 30.0
EXTRA_SHARE, LATE_SHARE = 0.01, 0.02
_STOPS_WITHIN_S = 3.0
"""So long after a word of the staff a telephone may still ring; what was just being dialled may begin to within 1 s."""
_BEING_DIALLED_S = 1.0
_AHEAD_S = 0.3
_SOONER_S = 1.0
_AT_WORK_AFTER_S = 10.0
"""So long after its start a program may need until it has looked at what was left behind."""
_THANKS_WITHIN_S = 3.0


@dataclass
class JudgedRing:
    """One call to a telephone, as it saw it."""

    phone: str
    at: float
    ended: float | None = None
    answered: bool = False
    keys: list[tuple[float, str]] = field(default_factory=list)
    heard: dict[str, float] = field(default_factory=dict)
    room: str = ""

    def key(self, key: str) -> float | None:
        """When it was taken; what is pressed to an apology is not."""
        sorry = self.heard.get("called-apology", float("inf"))
        return next((at for at, pressed in self.keys if pressed == key and at < sorry), None)


@dataclass
class Verdict:
    promises: int
    rings: int = 0
    kept_by_guest: int = 0
    kept_by_staff: int = 0
    lost: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    """Rung, or still ringing, when nobody was to be woken (any more)."""
    extra: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    """Of the extra ones."""
    again: int = 0
    """Cut off by a kill and rung again: needed."""
    in_vain: int = 0
    """Of those, in which he had pressed 1 when nobody was there to take it."""
    lateness: list[float] = field(default_factory=list)
    """Of the first ring of each whose telephone was registered, in seconds."""
    never: int = 0
    """Of these, not rung at all: late as well."""

    @property
    def late(self) -> int:
        return self.never + sum(one > LATE_S for one in self.lateness)

    @property
    def red(self) -> list[str]:
        """What is wrong; empty when all is as it must be."""
        found = []
        if self.lost:
            found.append(f"{len(self.lost)} of {self.promises} lost")
        if self.after:
            found.append(f"{len(self.after)} of {self.rings} rings when nobody was to be woken")
        if self.unexplained:
            found.append(f"{len(self.unexplained)} extra rings that nothing explains")
        if len(self.extra) > EXTRA_SHARE * self.promises:
            found.append(f"{len(self.extra)} extra rings for {self.promises}: more than {EXTRA_SHARE:.0%}")
        if self.late > LATE_SHARE * self.promises:
            found.append(f"{self.late} of {self.promises} late by more than {LATE_S:g} s: more than {LATE_SHARE:.0%}")
        return found

    def percentile(self, percent: int) -> float:
        if len(self.lateness) < 2:
            return sum(self.lateness)
        return quantiles(self.lateness, n=100, method="inclusive")[percent - 1]


def rings(events: Iterable[LogEvent]) -> list[JudgedRing]:
    """Every call, by time."""
    found: dict[str, JudgedRing] = {}
    for event in events:
        if event.what is What.INVITED:
            found[event.call] = JudgedRing(event.phone, event.at)
        if (ring := found.get(event.call)) is None:
            continue
        match event.what:
            case What.ANSWERED:
                ring.answered = True
            case What.KEY:
                ring.keys.append((event.at, event.detail))
            case What.HEARD:
                ring.heard.setdefault(event.detail, event.at)
            case What.NAMED:
                ring.room = ring.room or event.detail
            case What.ENDED:
                ring.ended = event.at
    return sorted(found.values(), key=lambda ring: ring.at)


class Judge:
    """`again_s` and `snooze_s`: the policy's, after which a guest is rung again."""

    def __init__(
        self,
        promises: list[WakeupPromise],
        events: Iterable[LogEvent],
        kills: list[Kill],
        *,
        again_s: float,
        snooze_s: float,
    ) -> None:
        self._kills, self._again_s, self._snooze_s = sorted(kills, key=lambda kill: kill.at), again_s, snooze_s
        self._promises: dict[str, list[WakeupPromise]] = defaultdict(list)
        for promise in sorted(promises, key=lambda one: one.due):
            self._promises[promise.room].append(promise)
        self._rings: dict[str, list[JudgedRing]] = defaultdict(list)
        self._told: dict[str, list[JudgedRing]] = defaultdict(list)
        for ring in rings(events):
            if ring.phone in self._promises:
                self._rings[ring.phone].append(ring)
            elif ring.room:
                self._told[ring.room].append(ring)

    def open(self) -> int:
        """How many promises nobody has kept yet."""
        return sum(not self._kept(promise) for ones in self._promises.values() for promise in ones)

    def verdict(self) -> Verdict:
        found = Verdict(sum(map(len, self._promises.values())), sum(map(len, self._rings.values())))
        for room, promises in self._promises.items():
            for promise in promises:
                self._judge_promise(promise, found)
            for place in range(len(self._rings[room])):
                self._judge_ring(room, place, found)
        return found

    # -- promises -----------------------------------------------------------------------------------------------------

    def _judge_promise(self, promise: WakeupPromise, found: Verdict) -> None:
        match self._kept(promise):
            case "guest":
                found.kept_by_guest += 1
            case "staff":
                found.kept_by_staff += 1
            case _:
                tried = sum(1 for _ in self._of(promise, self._rings)), sum(1 for _ in self._of(promise, self._told))
                found.lost.append(f"{_named(promise)}: rung {tried[0]} times, told {tried[1]} times, no key")
        if UNREGISTERED in promise.plan:
            return
        if (first := next(self._of(promise, self._rings), None)) is not None:
            found.lateness.append(max(0.0, first.at - promise.due))
        else:
            found.never += 1

    def _kept(self, promise: WakeupPromise) -> str:
        """By whom, by a key that was taken. When the next one of the room is due it is too late, unless he was being
        called for this one: a key ends both."""
        end = self._end(promise)
        if next(self._of(promise, self._rings), None) or next(self._of(promise, self._told), None):
            end = float("inf")
        keys = [(at, "guest") for ring in self._rings[promise.room] if (at := ring.key("1")) is not None]
        keys += [(at, "staff") for ring in self._told[promise.room] if (at := ring.key("2")) is not None]
        return min(((at, who) for at, who in keys if promise.due <= at < end), default=(0.0, ""))[1]

    def _of(self, promise: WakeupPromise, rings: dict[str, list[JudgedRing]]) -> Iterator[JudgedRing]:
        end = self._end(promise)
        return (ring for ring in rings[promise.room] if promise.due - _AHEAD_S <= ring.at < end)

    def _end(self, promise: WakeupPromise) -> float:
        ones = self._promises[promise.room]
        place = ones.index(promise) + 1
        return ones[place].due - _AHEAD_S if place < len(ones) else float("inf")

    # -- rings --------------------------------------------------------------------------------------------------------

    def _judge_ring(self, room: str, place: int, found: Verdict) -> None:
        ring, before = self._rings[room][place], self._rings[room][:place]
        told = f"room {room} at {ring.at:.1f}"
        due = self._last_due(room, ring.at + _AHEAD_S)
        if due is None:
            found.after.append(f"{told}: nobody was to be woken yet")
            return
        if settled := self._settled(room, due, ring):
            found.after.append(f"{told}: {settled}")
            return
        if self._rings_on(ring):
            found.after.append(f"{told}: rang on after one of the staff had said that the guest is awake")
        mine = [one for one in before if one.at >= due - _AHEAD_S]
        if not mine:
            # Another wake-up of the room, for which it is still being rung, is a promise of its own.
            return
        killed, pressed = self._killed(mine[-1].at, ring.at), mine[-1].key("1")
        if any(one.at < ring.at < self._ended(one) - _AHEAD_S for one in mine):
            found.extra.append(f"{told}: it was being rung already")
            if not killed:
                found.unexplained.append(found.extra[-1])
        elif pressed is not None and not self._killed(mine[-1].at, pressed + _THANKS_WITHIN_S):
            found.extra.append(f"{told}: 1 had been pressed, nobody was killed, and no thanks were heard")
            found.unexplained.append(found.extra[-1])
        elif killed:
            found.again += pressed is not None or not self._in_time(ring, mine[-1])
            found.in_vain += pressed is not None
        elif not self._in_time(ring, mine[-1]):
            found.extra.append(f"{told}: {ring.at - self._ended(mine[-1]):.1f} s after the last, sooner than agreed")
            found.unexplained.append(found.extra[-1])

    def _settled(self, room: str, due: float, ring: JudgedRing) -> str:
        for one in self._rings[room]:
            thanked = one.heard.get("wake-thanks")
            # From the key on: a database that has just died may delay the words.
            snoozed = one.key("2") if "wake-again" in one.heard else None
            if thanked is not None and due <= thanked < ring.at:
                return f"he had pressed 1 and been thanked {ring.at - thanked:.1f} s before"
            if snoozed is not None and due <= snoozed < ring.at < snoozed + self._snooze_s - _SOONER_S:
                return f"he had asked to sleep on {ring.at - snoozed:.1f} s before"
        for one in self._told[room]:
            seen = one.heard.get("knock-awake")
            if seen is not None and due <= seen and ring.at > seen + _BEING_DIALLED_S:
                return f"one of the staff had said that he is awake {ring.at - seen:.1f} s before"
        return ""

    def _rings_on(self, ring: JudgedRing) -> bool:
        """When Asterisk itself has died, nobody can tell the telephone."""
        if ring.answered:
            return False
        for one in self._told[ring.phone]:
            seen = one.heard.get("knock-awake")
            if seen is None or not ring.at < seen or self._ended(ring) < seen + _STOPS_WITHIN_S:
                continue
            if self._last_due(ring.phone, seen) == self._last_due(ring.phone, ring.at + _AHEAD_S):
                return True
        return False

    def _in_time(self, ring: JudgedRing, last: JudgedRing) -> bool:
        return ring.at - self._ended(last) >= self._again_s - _SOONER_S

    def _ended(self, ring: JudgedRing) -> float:
        """A call is over when its telephone or Asterisk is."""
        died = (kill.at for kill in self._kills if kill.victim == "asterisk" and kill.at > ring.at)
        return min(next(died, float("inf")), ring.ended if ring.ended is not None else float("inf"))

    def _killed(self, since: float, until: float) -> bool:
        return any(kill.at <= until and since <= kill.back + _AT_WORK_AFTER_S for kill in self._kills)

    def _last_due(self, room: str, at: float) -> float | None:
        dues = [promise.due for promise in self._promises[room]]
        place = bisect_right(dues, at)
        return dues[place - 1] if place else None


def _named(promise: WakeupPromise) -> str:
    return f"room {promise.room}, due at {promise.due:.1f} ({', then '.join(promise.plan)})"
