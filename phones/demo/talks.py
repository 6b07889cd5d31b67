"""The calls of two weeks, most of them in the last two days: who answered at which ring, what can be heard of it, how
the callers rated it, and how it was scored."""

import os
import random
import shutil
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sqlalchemy.orm import Session

from models.calls import calls
from models.calls import recordings as rows
from models.instance.instance import RunningInstance
from models.quality import scorings
from models.states.calls import EndedBy, RecordingKind, RecordingState, Ring
from models.states.quality import Mark
from models.surveys import surveys
from phones.demo.voice import DemoVoice
from recordings import audio, files, speech

AGENTS = ("7001", "7002", "7003", "7004")
SCORER = "7050"
_SEED = 7
"""The same days each time."""
_CALLS, _HOURS = 60, 48
_EARLIER_DAYS, _CALLS_OF_A_DAY = 12, 10
_ABOUT = ("repair", "urgent-repair", "complaint", "enquiry")
_DEEPER = 1.12
_PAUSE_S, _RATE = 0.4, 8000
_KEYS = ((3, 3, 4, 4, 5, None), (2, 4, 4, 5, 5, 5, None))
"""What callers key after a talk, in the earlier days and in the last two; None: nothing."""
_SCORED_OF_EACH = 4


@dataclass(frozen=True)
class Talked:
    """A call in which this agent talked, about this."""

    call: int
    agent: str
    about: str
    lifted: datetime
    over: datetime


def fill(instance: RunningInstance, numbers: Sequence[str], at: datetime) -> None:
    """Everything up to now; `numbers` are those of the callers. Raises StoreUnavailable."""
    chance = random.Random(_SEED)
    talked = instance.store.write(_calls, numbers, at, chance)
    instance.store.write(_keep, instance, list(_recorded(instance, talked)))
    instance.store.write(_rate, talked, at, chance)
    instance.store.write(_score, talked, instance, at, chance)


def _calls(session: Session, numbers: Sequence[str], at: datetime, chance: random.Random) -> list[Talked]:
    """Most are answered within three rings; some at the fourth, some not."""
    found = [_call(session, place, begun, numbers, chance) for place, begun in enumerate(_moments(at, chance))]
    return [one for one in found if one is not None]


def _moments(at: datetime, chance: random.Random) -> Iterator[datetime]:
    """When the calls begin, the oldest first."""
    last = at - timedelta(hours=_HOURS)
    for day in range(_EARLIER_DAYS, 0, -1):
        for number in range(_CALLS_OF_A_DAY):
            yield last - timedelta(days=day - number / _CALLS_OF_A_DAY, minutes=chance.randint(0, 60))
    for number in range(_CALLS):
        yield at - timedelta(hours=_HOURS * (1 - number / _CALLS), minutes=chance.randint(0, 20))


def _call(
    session: Session, place: int, begun: datetime, numbers: Sequence[str], chance: random.Random
) -> Talked | None:
    """None when nobody answered."""
    channel, agent, count = f"demo-{place}", chance.choice(AGENTS), chance.choice((1, 1, 2, 2, 2, 3, 4))
    answered, rang = chance.random() < 0.9, begun + timedelta(seconds=9)
    lifted = rang + timedelta(seconds=5 * count)
    whose = {"line": "8000", "mode": "hotline", "caller_number": chance.choice(numbers), "language": "zh"}
    call = calls.begin(session, channel_id=channel, **whose, at=begun)
    leg = {"staff_number": agent, "phone": agent, "channel_id": f"{channel}-leg"}
    ring = calls.begin_ring(session, call_id=call.id, ticket_id=None, stage="group", **leg, at=rang)
    calls.ringing(session, ring, rang)
    calls.end_ring(session, ring, outcome=Ring.CONNECTED if answered else Ring.CALLER_GONE, rings=count, at=lifted)
    if not answered:
        calls.end(session, call.id, by=EndedBy.CALLER, reason="hung up while ringing", at=lifted)
        return None
    legs = {"bridge_id": channel, "caller_channel": channel, "leg_channel": f"{channel}-leg"}
    talk = calls.begin_talk(session, call_id=call.id, staff_number=agent, **legs, at=lifted)
    over = lifted + timedelta(seconds=chance.randint(40, 400))
    calls.end_talk(session, talk, by=EndedBy.CALLER, at=over)
    calls.end(session, call.id, by=EndedBy.CALLER, reason="completed", at=over)
    return Talked(call.id, agent, chance.choice(_ABOUT), lifted, over)


# -- what can be heard -------------------------------------------------------------------------------------------------


def _recorded(instance: RunningInstance, talked: Sequence[Talked]) -> Iterator[tuple[Talked, Path, audio.Sound]]:
    """A few seconds of each, put together from the delivered prompts and stored as the scan stores a recording; the
    same words are stored once and copied."""
    home, kept = instance.home, instance.policy.recording
    how = {"format": kept.format, "bitrate_kbps": kept.bitrate_kbps, "target_dbfs": kept.target_dbfs}
    place = partial(files.stored, home, time_zone=instance.site.time_zone, format=kept.format)
    there: dict[tuple[str, str], tuple[Path, audio.Sound]] = {}
    with TemporaryDirectory() as folder:
        for one in talked:
            path, words = place(f"demo-{one.call}", at=one.lifted), (one.agent, one.about)
            if words in there:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                shutil.copyfile(there[words][0], path)
            else:
                spoken = _written(Path(folder) / f"{one.agent}-{one.about}.wav", one)
                there[words] = path, audio.store([spoken], path, **how)  # type: ignore[arg-type]
            for made in (*reversed(path.relative_to(home.recordings).parents), path.relative_to(home.recordings)):
                _owned_as(home.recordings, home.recordings / made)
            yield one, path, there[words][1]


def _written(file: Path, one: Talked) -> Path:
    """The agent says who serves, the caller what it is about and where, the agent thanks."""
    agent, caller = partial(DemoVoice, language="zh"), partial(DemoVoice, language="zh", slower=_DEEPER)
    said = (
        agent(tuple(speech.serves_you(one.agent))),
        caller((*speech.kind(one.about), *speech.room("3", "1201"))),
        agent(("goodbye",)),
    )
    pause = np.zeros(round(_PAUSE_S * _RATE))
    samples = np.concatenate([part for voice in said for part in (voice.samples(), pause)])
    with wave.open(str(file), "wb") as sound:
        sound.setparams((1, 2, _RATE, 0, "NONE", ""))
        sound.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return file


def _owned_as(folder: Path, made: Path) -> None:
    """The console's account reads it, though root fills the home."""
    owner = folder.stat()
    os.chown(made, owner.st_uid, owner.st_gid)


def _keep(session: Session, instance: RunningInstance, stored: Sequence[tuple[Talked, Path, audio.Sound]]) -> None:
    kind, policy = RecordingKind.TALK, instance.policy
    for one, path, sound in stored:
        rows.begin(session, path.stem, kind, call_id=one.call, ticket_id=None, at=one.lifted, policy=policy)
        recording = rows.by_name(session, path.stem)
        assert recording is not None
        rows.finish(
            session,
            recording.id,
            state=RecordingState.KEPT,
            at=one.over,
            path=path.relative_to(instance.home.path).as_posix(),
            format=path.suffix[1:],
            seconds=sound.seconds,
            expected_seconds=sound.seconds,
            level=sound.level,
        )


# -- what is said of it ------------------------------------------------------------------------------------------------


def _rate(session: Session, talked: Sequence[Talked], at: datetime, chance: random.Random) -> None:
    """Most callers are asked, and most of these press a key (R07-6)."""
    for one in talked:
        lately = one.over > at - timedelta(hours=_HOURS)
        if chance.random() < 0.7:
            asked = surveys.offer(session, one.call, language="zh", at=one.over, from_s=0)
            assert asked is not None
            surveys.rated(session, asked, chance.choice(_KEYS[lately]), at=one.over + timedelta(seconds=20))


def _score(
    session: Session, talked: Sequence[Talked], instance: RunningInstance, at: datetime, chance: random.Random
) -> None:
    """A few calls of each agent; the last one is not published yet."""
    form, policy = instance.policy.quality.form, instance.policy
    for agent in AGENTS:
        own = [one for one in talked if one.agent == agent and one.over < at - timedelta(hours=6)]
        chosen = sorted(chance.sample(own, min(_SCORED_OF_EACH, len(own))), key=lambda one: one.over)
        for one in chosen:
            marks = {key: chance.choice((Mark.MET, Mark.MET, Mark.MET, Mark.MET, Mark.PARTLY)) for key in form}
            given = {"who": SCORER, "at": one.over + timedelta(hours=2), "policy": policy}
            scoring = scorings.save(session, one.call, agent, marks, "", **given)  # type: ignore[arg-type]
            if one is not chosen[-1]:
                scorings.publish(session, scoring.id, **given)  # type: ignore[arg-type]
