"""What somebody of the staff can do with the telephone by a click, how far that is, and which colleagues are free."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from console.live.agent import PAGE, own
from console.live.boards import Audience, Board
from models.calls import at_a_phone, clicks, directory
from models.calls.clicks import Standing
from models.instance.instance import Instance
from models.people import people
from models.people.rights import Right
from models.states.calls import TRANSFER_MOVES
from models.tickets import tasks

MOST_CALL_BACKS = 5


def in_hand(session: Session, audience: Audience, at: datetime, instance: Instance) -> Mapping[str, Any]:
    number = audience.number or ""
    hands = clicks.standing(session, number, at=at)
    en, _, zh = ((hands.click and hands.click.refusal) or "").partition("\n")
    return {
        "hands": hands,
        "late": hands.click is not None and clicks.is_late(hands.click, policy=instance.policy, at=at),
        "refusal": zh if audience.language == "zh" else en,
        "transferring": _transferring(hands),
    }


def who_is_free(session: Session, audience: Audience, at: datetime, instance: Instance) -> Mapping[str, Any]:
    number = audience.number or ""
    hands, me = clicks.standing(session, number, at=at), people.staff(session, number)
    may_take = instance.policy.transfer.targets[me.role] if me else []
    owed = tasks.to_call_back(session, me.group or "", reader=number, limit=MOST_CALL_BACKS) if me else []
    return {
        "call_backs": [] if hands.talk else owed,
        "directory": [one for one in directory.colleagues(session, at=at) if one.number != number],
        "my_talk": hands.talk,
        "may_take": may_take if hands.alone and not _transferring(hands) else [],
        "group_names": {group.name: (group.zh, group.en) for group in instance.site.groups},
    }


def _transferring(hands: Standing) -> bool:
    return hands.transfer is not None and hands.transfer.state in TRANSFER_MOVES


_IN_HAND = (at_a_phone.stamps, clicks.stamps)
HANDS = Board("my-hands", Right.CALLS, "agent/hands.html", in_hand, own, every_s=5, stamps=_IN_HAND, page=PAGE)
COLLEAGUES = Board(
    "my-colleagues",
    Right.CALLS,
    "agent/colleagues.html",
    who_is_free,
    own,
    every_s=30,
    stamps=(*_IN_HAND, directory.stamps, tasks.owed_stamps),
    most_often_s=1.0,
    page=PAGE,
)
