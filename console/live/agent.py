"""What each of the staff watches of his or her own: how one stands, the call at the telephone, the call to write up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy.orm import Session

from console.live.boards import Audience, Board
from console.pages.visitor import Visitor
from models.calls import at_a_phone
from models.calls.at_a_phone import AtPhone
from models.calls.calls import OUTGOING, STEP
from models.instance.instance import Instance
from models.people import people, presence, standing
from models.people.rights import Right
from models.site import Site
from models.states.tickets import Cause, Severity, TicketKind
from models.text import wording
from models.tickets import caller, wrap_ups
from models.tickets.caller import Caller

PAGE = "/agent"
TAKEN_SHOWN = timedelta(seconds=15)
"""How long the card says that a colleague has taken the call."""
TO_WRITE_UP = timedelta(hours=24)
MOST_TO_WRITE_UP = 20

Doing = Literal["ringing", "talking", "taken"]


@dataclass(frozen=True)
class Card:
    """A call as the one at the telephone sees it; `since` is None before the telephone rings."""

    doing: Doing
    since: datetime | None
    staff: tuple[str, ...]
    outgoing: bool
    by: str | None
    """Who transfers it."""
    keys: list[str]
    first_words: str
    caller: Caller


def own(visitor: Visitor, argument: str) -> Audience:
    return Audience(visitor.language, number=visitor.who, argument=argument)


def bar(session: Session, audience: Audience, at: datetime, instance: Instance) -> Mapping[str, Any]:
    staff = people.staff(session, audience.number or "")
    return {"standing": standing.of(session, staff, at=at) if staff else None}


def at_the_telephone(session: Session, audience: Audience, at: datetime, instance: Instance) -> Mapping[str, Any]:
    number = audience.number or ""
    found = at_a_phone.now(session, number, taken_since=at - TAKEN_SHOWN)
    return {
        "cards": [_card(session, one, number, instance) for one in found],
        "ring_s": instance.policy.ring_seconds(1),
        "rings": instance.policy.answer.rings,
    }


def announced(session: Session, audience: Audience, at: datetime, instance: Instance) -> Mapping[str, Any]:
    """Only that it rings, or how long one has talked."""
    found = at_a_phone.now(session, audience.number or "", taken_since=at)
    return {
        "ringing": next((one.ring for one in found if one.ring is not None), None),
        "talk": next((one.talk for one in found if one.talk is not None), None),
        "ring_s": instance.policy.ring_seconds(1),
        "rings": instance.policy.answer.rings,
    }


def _card(session: Session, one: AtPhone, number: str, instance: Instance) -> Card:
    doing: Doing = "talking" if one.talk else "taken" if one.taken_by else "ringing"
    since = one.talk.started_at if one.talk else one.ring.ringing_at if one.ring else None
    outgoing = one.call.mode in OUTGOING
    return Card(
        doing=doing,
        since=since,
        staff=one.others,
        outgoing=outgoing,
        by=one.transfer.by_staff if one.transfer else None,
        keys=[key for key in one.call.menu_path.split(STEP) if key],
        first_words=first_words(instance.site, number, one.call.language, outgoing=outgoing),
        caller=caller.of(session, one.call, reader=number, policy=instance.policy),
    )


def first_words(site: Site, number: str, language: str, *, outgoing: bool) -> str:
    """What the agent says first (R04-3, R15-5), with who he or she is (R11-1), in the caller's language."""
    if language == "en":
        end = "You asked us to call you back." if outgoing else "How can I help you?"
        return f"Hello, {site.name_en} property service, agent {number} speaking. {end}"
    end = "您之前来过电话，现在给您回电。" if outgoing else "请问有什么可以帮您？"
    return f"您好，{site.name_zh}物业，工号 {number} 为您服务。{end}"


def to_write_up(session: Session, audience: Audience, at: datetime, instance: Instance) -> Mapping[str, Any]:
    """The call that was chosen by its number, or that goes on, or else the oldest."""
    since, number = at - TO_WRITE_UP, audience.number or ""
    waiting = wrap_ups.to_write(session, number, since=since, limit=MOST_TO_WRITE_UP)
    chosen = [one for one in waiting if str(one.call.id) == audience.argument]
    going_on = [one for one in waiting if one.goes_on]
    site, language = instance.site, audience.language

    def choices(words: type[StrEnum]) -> list[tuple[str, str]]:
        return [(one.value, wording.word(one.value, language)) for one in words]

    return {
        "waiting": waiting,
        "one": next(iter([*chosen, *going_on, *waiting]), None),
        "kinds": [kind for kind in choices(TicketKind) if kind[0] != TicketKind.FAULT],
        "severities": choices(Severity),
        "causes": choices(Cause),
        "groups": [(group.name, wording.say(group.zh, group.en, language)) for group in site.groups],
        "colleagues": [(person.number, f"{person.number} {person.name}") for person in site.staff],
    }


BAR = Board("my-state", Right.CALLS, "agent/bar.html", bar, own, every_s=30, stamps=(presence.stamps,), page=PAGE)
CARD = Board(
    "my-call", Right.CALLS, "agent/call.html", at_the_telephone, own, every_s=5, stamps=(at_a_phone.stamps,), page=PAGE
)
PILL = Board("my-telephone", Right.CALLS, "agent/pill.html", announced, own, stamps=(at_a_phone.stamps,))
WRAP_UP = Board(
    "my-wrap-up",
    Right.CALLS,
    "agent/wrap_up.html",
    to_write_up,
    own,
    every_s=10,
    stamps=(at_a_phone.stamps,),
    page=PAGE,
)
