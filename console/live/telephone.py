"""What somebody of the staff can do with the telephone by a click, how far that is, and which colleagues are free."""

from collections.abc import Hashable, Mapping
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


def _in_hand_stamps(session: Session) -> Mapping[str, Hashable]:
    telephones, made = at_a_phone.stamps(session), clicks.stamps(session)
    return {number: (telephones.get(number), made.get(number)) for number in telephones.keys() | made.keys()}


def _who_is_free_stamps(session: Session) -> Mapping[str, Hashable]:
    hands, owed = _in_hand_stamps(session), tasks.owed_call_backs(session)
    return {number: (everybody, owed, hands.get(number)) for number, everybody in directory.stamps(session).items()}


HANDS = Board("my-hands", Right.CALLS, "agent/hands.html", in_hand, own, every_s=5, stamps=_in_hand_stamps, page=PAGE)
COLLEAGUES = Board(
    "my-colleagues",
    Right.CALLS,
    "agent/colleagues.html",
    who_is_free,
    own,
    every_s=30,
    stamps=_who_is_free_stamps,
    most_often_s=1.0,
    page=PAGE,
)
