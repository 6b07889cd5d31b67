"""Sixteen places between the order and the thanks at which the application dies, once for each wake-up.

The crashes exist only in a copy of the project. `HOTLINE_CRASH_AT` names the place.
"""

import os
from pathlib import Path

from models.instance.home import PROJECT_ROOT
from tests.certainty.killer import Kill
from tests.certainty.promises import WakeupPromise
from tests.chaos.broken import Change

AT = "HOTLINE_CRASH_AT"
EVERY_S = 20.0
"""Between two wake-ups: the supervisor waits up to 10 s before it restarts what dies repeatedly."""
_DEAD_S = 15.0

_DIES = '''"""In this copy the application dies at one of its places, once for each wake-up."""

import os
import signal
from pathlib import Path


def crash(place: str, channel: str | None) -> None:
    if place != os.environ["HOTLINE_CRASH_AT"] or not (channel or "").startswith("wake-"):
        return
    try:
        (Path(__file__).parents[1] / "var" / "crashed" / channel.split("-")[1]).touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
'''

_OUTBOX, _FLOW, _DIALLING = "ivr/outbox.py", "ivr/flows/wakeup.py", "ivr/dialling.py"
_RINGING, _CLAIM = "self._call.channel.id", "claim.name"
_PLACES: dict[str, tuple[str, str, str, bool]] = {
    # a file, a line of it, the channel's name there, whether the application dies before (or after) the line
    "claimed": (_OUTBOX, "                    call = self._call(claim)\n", _CLAIM, True),
    "conversation-written": (
        _OUTBOX, "                await self._write_conversation(call, claim)\n", _CLAIM, False,
    ),
    "at-its-second": (
        _FLOW, "    until, rules = house.leased_until(), house.policy.wake_up\n", _CLAIM,
        True,
    ),
    "intent-written": (
        _FLOW, "    outcome, rings = await ring_room(call, house, attempt.room, house.policy.wake_up.rings)\n", _CLAIM,
        True,
    ),
    "dialled": (
        _DIALLING, "        await call.channel.call_out(*where, within_s=round(longest_s))\n", "call.channel.id", False,
    ),
    "watched": (_DIALLING, "        await self._begins_if(state == \"Ringing\")\n", _RINGING, False),
    "rings": (
        _DIALLING, "            self.since, self._until = self._now(), self._now() + self._rings_s\n", _RINGING, False,
    ),
    "lifted": (_DIALLING, "                    call.progress.answered = True\n", _RINGING, False),
    "not-answered": (_FLOW, "        return await is_not_awake(house, claim, outcome, rings)\n", _CLAIM, True),
    "answer-written": (
        _FLOW, "    await write(house, wakeup_attempts.answered, claim.subject_id, rings=rings)\n", _CLAIM, False,
    ),
    "greeting": (_FLOW, "        key = await in_both_languages(call, house, attempt, text, before)\n", _CLAIM, True),
    "between-languages": (_FLOW, '        call.language = "zh" if own == "en" else "en"\n', "call.channel.id", True),
    "key-pressed": (_FLOW, "            await write(house, wakeup_attempts.awake, claim)\n", _CLAIM, True),
    "awake-not-committed": (
        "models/guests/wakeup_attempts.py",
        "    confirm(session, room, by=GUEST, how=Confirmed.KEY, at=at)\n",
        "claim.channel_id",
        False,
    ),
    "awake-committed": (_FLOW, '            await call.play("wake-thanks")\n', _CLAIM, True),
    "thanked": (_FLOW, '            await call.play("wake-thanks")\n', _CLAIM, False),
}  # fmt: skip
NAMES = tuple(_PLACES)
_FIRST = {"not-answered": "no answer", "between-languages": "silent"}


def changes(name: str) -> tuple[Change, ...]:
    """The changes for a copy that dies at this place."""
    file, line, channel, before = _PLACES[name]
    dies = f'{line[: len(line) - len(line.lstrip())]}__import__("models.crash").crash.crash("{name}", {channel})\n'
    return ((file, line, dies + line if before else line + dies),)


def prepare(folder: Path) -> None:
    """What else the copy needs."""
    (folder / "models" / "crash.py").write_text(_DIES, encoding="utf-8")
    (folder / "var" / "crashed").mkdir()


def table(name: str, numbers: list[str], first: float) -> list[WakeupPromise]:
    """Guests whose wake-ups reach this place."""
    plan = (*([_FIRST[name]] if name in _FIRST else []), "awake")
    return [WakeupPromise(number, first + place * EVERY_S, plan) for place, number in enumerate(numbers)]


def kills() -> list[Kill]:
    """The kills that happened in this copy."""
    died = sorted(mark.stat().st_mtime for mark in (PROJECT_ROOT / "var" / "crashed").iterdir())
    return [Kill(os.environ[AT], at, at + _DEAD_S) for at in died]
