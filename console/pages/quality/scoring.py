"""A call is listened to and scored, the score published; the agent answers it once (R04-1, R13-7)."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Request, Response
from sqlalchemy.orm import Session

from console.pages.quality.overview import Judge, StaffNumber
from console.pages.rendering import page
from console.pages.tickets.timeline import sound
from console.pages.visitor import Visitor, may
from models.calls.calls import CallRecord
from models.people.rights import Right
from models.quality import scorings, training
from models.states.calls import RecordingKind
from models.states.quality import Mark
from models.tables import Scoring, Ticket
from models.tickets import sheet, tickets

router = APIRouter()
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]
Text = Annotated[str, Form(max_length=4000)]
_FIELD = "mark-"
_MARKS = frozenset(Mark)


@router.get("/quality/calls/{call}/{number}")
def form(visitor: Judge, call: Id, number: StaffNumber) -> Response:
    def read(session: Session) -> dict[str, Any]:
        record, before = scorings.to_score(session, call, number, who=visitor.who)
        found = scorings.get(session, before.id, reader=visitor.who) if before else None
        given = {line.key: line.mark for line in found.lines} if found else {}
        return {"before": before, "given": given, **_heard(session, visitor, record)}

    criteria = visitor.instance.policy.quality.form
    return page(visitor, "quality/form.html", number=number, criteria=criteria, marks=list(Mark), **visitor.read(read))


async def _marks(request: Request) -> Mapping[str, Mark]:
    """By criterion, as far as they are given."""
    typed = (await request.form()).items()
    return {key.removeprefix(_FIELD): Mark(value) for key, value in typed if key.startswith(_FIELD) and value in _MARKS}


@router.post("/quality/calls/{call}/{number}")
def score(
    visitor: Judge,
    call: Id,
    number: StaffNumber,
    marks: Annotated[Mapping[str, Mark], Depends(_marks)],
    comment: Text = "",
    publish: Annotated[str, Form(max_length=5)] = "",
) -> Response:
    given: dict[str, Any] = {"who": visitor.who, "at": visitor.at, "policy": visitor.instance.policy}

    def write(session: Session) -> Scoring:
        saved = scorings.save(session, call, number, marks, comment, **given)
        return scorings.publish(session, saved.id, **given) if publish else saved

    saved = visitor.write(write)
    if publish:
        return _published(visitor, saved)
    return visitor.done(
        f"/quality/scorings/{saved.id}", "评分已保存，尚未发布", "The score is saved, and not published yet"
    )


@router.get("/quality/scorings/{scoring}")
def shown(visitor: Judge, scoring: Id) -> Response:
    def read(session: Session) -> dict[str, Any]:
        found = scorings.get(session, scoring, reader=visitor.who)
        return {"found": found, **_heard(session, visitor, scorings.record(session, found.call))}

    return page(visitor, "quality/scoring.html", **visitor.read(read))


@router.post("/quality/scorings/{scoring}/publish")
def publish(visitor: Judge, scoring: Id) -> Response:
    rules: dict[str, Any] = {"who": visitor.who, "at": visitor.at, "policy": visitor.instance.policy}
    return _published(visitor, visitor.write(scorings.publish, scoring, **rules))


@router.post("/agent/results/{scoring}")
def answer(visitor: Annotated[Visitor, may(Right.CALLS)], scoring: Id, text: Text = "") -> Response:
    """The agent's own word about a published result."""
    visitor.write(scorings.remark, scoring, text, who=visitor.who, at=visitor.at)
    return visitor.done("/agent", "回复已保存", "Your answer is saved")


def _published(visitor: Visitor, scoring: Scoring) -> Response:
    number = scoring.staff_number
    due = number in visitor.read(training.open_for, [number])
    return visitor.done(
        f"/quality/staff/{number}",
        f"评分已发布给 {number}" + ("；已到培训线，待办已建" if due else ""),
        f"The score is published to {number}" + ("; training is due, a task says so" if due else ""),
    )


def _heard(session: Session, visitor: Visitor, record: CallRecord) -> dict[str, Any]:
    """What the scorer hears, and what was written about the call."""
    ticket = session.get(Ticket, record.call.ticket_id) if record.call.ticket_id else None
    if ticket is not None:
        row = sheet.fields(session, tickets.survivor(session, ticket), visitor.shown, reader=visitor.who)
    return {
        "record": record,
        "sounds": [sound(one) for one in record.recordings if one.kind is RecordingKind.TALK],
        "ticket": row if ticket is not None else None,
    }
