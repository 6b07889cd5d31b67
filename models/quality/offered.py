"""Which recorded calls are still to be scored; a few of them are offered at random, the same ones all day."""

import random
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from models.states.calls import RecordingKind, RecordingState
from models.tables import Call, Recording, Scoring, Talk
from models.tickets import impartial

HEARD = (RecordingState.KEPT, RecordingState.PARTIAL)
"""Recordings that can be played."""
_PLAYABLE = (Recording.kind == RecordingKind.TALK, Recording.state.in_(HEARD))
_MOST = 5000


def unscored(session: Session, staff: Collection[str], *, since: datetime, scorer: str) -> dict[str, list[int]]:
    """By staff number the calls with a recording that this scorer may score, the newest first; of the newest talks."""
    also = aliased(Talk)
    query = (
        select(Talk.staff_number, Call)
        .join(Call, Call.id == Talk.call_id)
        .where(Talk.staff_number.in_([one for one in staff if one != scorer]), Talk.started_at >= since)
        .where(exists().where(Recording.call_id == Call.id, *_PLAYABLE))
        .where(~exists().where(Scoring.call_id == Call.id, Scoring.staff_number == Talk.staff_number))
        .where(~exists().where(also.call_id == Call.id, also.staff_number == scorer))
        .order_by(Talk.started_at.desc(), Talk.id.desc())
        .limit(_MOST)
    )
    closed = {one: impartial.closed_to(session, one) for one in {*staff, scorer}}
    found: dict[str, list[int]] = defaultdict(list)
    for number, call in session.execute(query):
        assert number is not None, "asked for by number"
        hidden = closed[number].call(call) or closed[scorer].call(call)
        if not hidden and call.id not in found[number]:
            found[number].append(call.id)
    return dict(found)


def at_random(calls: Sequence[int], count: int, *, staff_number: str, day: date) -> list[int]:
    """So many of these calls. Nobody chooses whom it hits, nor asks again until it pleases: a day has one draw."""
    drawn = random.Random(f"{staff_number} {day}").sample(sorted(calls), min(count, len(calls)))
    return sorted(drawn, reverse=True)
