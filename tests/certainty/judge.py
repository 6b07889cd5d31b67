"""Compares the telephones' log with the wake-ups ordered; the hotline's own rows are not consulted (R21-13).

A ring is *needed* until the guest has pressed 1 and been thanked, or a member of staff, after hearing the room, has
pressed 2 and been thanked. It is *extra* when the same telephone is already ringing, or rings again sooner than the
policy says; a kill between the two rings explains it. A ring that follows one cut off by a kill is needed, also where
the guest had pressed 1 and the program that should take the key was dead; without a kill it is extra, and unexplained.
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
"""How long a telephone may still ring after the staff's report; a call being dialled may begin to within 1 s."""
_BEING_DIALLED_S = 1.0
_AHEAD_S = 0.3
_SOONER_S = 1.0
_AT_WORK_AFTER_S = 10.0
"""How long a program may need after its start until it has looked at what was left behind."""
_THANKS_WITHIN_S = 3.0


@dataclass
class JudgedRing:
    """One call to a telephone, as the telephone saw it."""

    phone: str
    at: float
    ended: float | None = None
    answered: bool = False
    keys: list[tuple[float, str]] = field(default_factory=list)
    heard: dict[str, float] = field(default_factory=dict)
    room: str = ""

    def key(self, key: str) -> float | None:
        """When this key was taken; a key pressed during an apology is not."""
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
    """Rung, or still ringing, when no wake-up was due (any more)."""
    extra: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    """Those of the extra rings."""
    again: int = 0
    """Cut off by a kill and rung again: needed."""
    in_vain: int = 0
    """Those of them in which the guest had pressed 1 when no program was there to take it."""
    lateness: list[float] = field(default_factory=list)
    """Of the first ring of each wake-up whose telephone was registered, in seconds."""
    never: int = 0
    """Those of them that were not rung at all: late as well."""

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
            found.append(f"{len(self.after)} of {self.rings} rings when no wake-up was due")
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
    """`again_s` and `snooze_s`: the policy's times after which a guest is rung again."""

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
        self._reported: dict[str, list[JudgedRing]] = defaultdict(list)
        for ring in rings(events):
            if ring.phone in self._promises:
                self._rings[ring.phone].append(ring)
            elif ring.room:
                self._reported[ring.room].append(ring)

    def open(self) -> int:
        """The number of wake-ups not yet kept."""
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
                tried = [sum(1 for _ in self._of(promise, calls)) for calls in (self._rings, self._reported)]
                found.lost.append(f"{_named(promise)}: rung {tried[0]} times, reported {tried[1]} times, no key")
        if UNREGISTERED in promise.plan:
            return
        if (first := next(self._of(promise, self._rings), None)) is not None:
            found.lateness.append(max(0.0, first.at - promise.due))
        else:
            found.never += 1

    def _kept(self, promise: WakeupPromise) -> str:
        """Whose accepted key kept it. A key after the room's next wake-up is due is too late, unless the room had
        already been rung or reported for this one: one key ends both."""
        end = self._end(promise)
        if next(self._of(promise, self._rings), None) or next(self._of(promise, self._reported), None):
            end = float("inf")
        keys = [(at, "guest") for ring in self._rings[promise.room] if (at := ring.key("1")) is not None]
        keys += [(at, "staff") for ring in self._reported[promise.room] if (at := ring.key("2")) is not None]
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
        ring_name = f"room {room} at {ring.at:.1f}"
        due = self._last_due(room, ring.at + _AHEAD_S)
        if due is None:
            found.after.append(f"{ring_name}: no wake-up was due yet")
            return
        if settled := self._settled(room, due, ring):
            found.after.append(f"{ring_name}: {settled}")
            return
        if self._rings_on(ring):
            found.after.append(f"{ring_name}: rang on after the staff had reported the guest awake")
        mine = [one for one in before if one.at >= due - _AHEAD_S]
        if not mine:
            # Another wake-up of the room, still being rung for, is judged by itself.
            return
        killed, pressed = self._killed(mine[-1].at, ring.at), mine[-1].key("1")
        if any(one.at < ring.at < self._ended(one) - _AHEAD_S for one in mine):
            found.extra.append(f"{ring_name}: it was ringing already")
            if not killed:
                found.unexplained.append(found.extra[-1])
        elif pressed is not None and not self._killed(mine[-1].at, pressed + _THANKS_WITHIN_S):
            found.extra.append(f"{ring_name}: 1 had been pressed, nothing was killed, and no thanks were heard")
            found.unexplained.append(found.extra[-1])
        elif killed:
            found.again += pressed is not None or not self._in_time(ring, mine[-1])
            found.in_vain += pressed is not None
        elif not self._in_time(ring, mine[-1]):
            found.extra.append(
                f"{ring_name}: {ring.at - self._ended(mine[-1]):.1f} s after the last, sooner than agreed"
            )
            found.unexplained.append(found.extra[-1])

    def _settled(self, room: str, due: float, ring: JudgedRing) -> str:
        for one in self._rings[room]:
            thanked = one.heard.get("wake-thanks")
            # Counted from the key: after a database's death the announcement may be late.
            snoozed = one.key("2") if "wake-again" in one.heard else None
            if thanked is not None and due <= thanked < ring.at:
                return f"the guest had pressed 1 and been thanked {ring.at - thanked:.1f} s before"
            if snoozed is not None and due <= snoozed < ring.at < snoozed + self._snooze_s - _SOONER_S:
                return f"the guest had asked for a snooze {ring.at - snoozed:.1f} s before"
        for one in self._reported[room]:
            seen = one.heard.get("knock-awake")
            if seen is not None and due <= seen and ring.at > seen + _BEING_DIALLED_S:
                return f"the staff had reported the guest awake {ring.at - seen:.1f} s before"
        return ""

    def _rings_on(self, ring: JudgedRing) -> bool:
        """After Asterisk itself has died, nothing can stop the telephone's ringing."""
        if ring.answered:
            return False
        for one in self._reported[ring.phone]:
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
