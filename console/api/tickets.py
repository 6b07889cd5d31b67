"""Opens a ticket once, however often the request is repeated; finds and shows what the token may see; adds notes."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Response
from sqlalchemy.orm import Session

from console.api.bearers import Asker, who_may
from console.api.forms import NewTicket, Note, Search
from console.api.problems import Refused, Wrong, documented, no_such_ticket
from console.api.shown import Page, Standing, WholeTicket
from models.people import tokens
from models.states.people import May
from models.tables import FIRST_NUMBER, Ticket
from models.tickets import intake, promises, reach, required, sheet, tickets
from models.tickets import search as ticket_search
from models.tickets.intake import Facts
from models.tickets.search import TicketQuery

router = APIRouter(prefix="/tickets", tags=["tickets"])

Number = Annotated[int, Path(ge=1, le=999_999_999, description="the ticket's number", examples=[1001])]
Key = Annotated[
    str,
    Header(
        min_length=8,
        max_length=200,
        description="chosen by you, new for each ticket and the same when you try again: it opens one ticket",
        examples=["0b1c9f6e-5f0e-4c57-9a3f-2f8f6c1f7a11"],
    ),
]
_FIELDS = {
    required.NAME: "contact_name",
    required.TELEPHONE: "contact_number",
    required.PROBLEM: "problem",
    required.NEED: "need",
}


@router.post("", status_code=201, summary="Open a ticket 新建工单", responses=documented(413))
def open_ticket(
    asker: Annotated[Asker, who_may(May.OPEN)], form: NewTicket, idempotency_key: Key, response: Response
) -> Standing:
    """Opens a ticket for a request that has reached you (R01-4, R02-2, R06-4). Name, number, problem and need are
    required (R13-2): `errors` lists what is missing."""
    instance, at = asker.instance, asker.at
    body = form.model_dump_json().encode()
    facts = Facts(**form.model_dump(include=set(Facts.__dataclass_fields__)))

    def write(session: Session) -> tuple[Standing, bool]:
        known = tokens.asked_before(session, asker.bearer.id, idempotency_key, body)
        if known is not None:
            return standing(session, session.get_one(Ticket, known)), True
        ticket = intake.new(
            session,
            kind=form.kind,
            source=form.source,
            facts=facts,
            who=asker.who,
            at=at,
            policy=instance.policy,
            language=form.language or instance.site.language,
            about_staff=form.about_staff,
        )
        if lacking := required.missing(session, ticket):
            raise _incomplete(lacking)
        tokens.remember(session, asker.bearer.id, idempotency_key, body, ticket_id=ticket.id, at=at)
        return standing(session, ticket), False

    try:
        opened, again = instance.store.write(write)
    except tokens.KeyReused:
        raise Refused(
            422,
            "key-reused",
            "this Idempotency-Key was used for another ticket: choose a new key for each",
            "该 Idempotency-Key 已用于另一事项：每个事项请用新的",
        ) from None
    response.headers["location"] = f"tickets/{opened.number}"
    if again:
        response.headers["idempotent-replayed"] = "true"
    return opened


@router.get("", summary="Find tickets 查找工单", responses=documented())
def find_tickets(asker: Annotated[Asker, who_may(May.READ)], search: Annotated[Search, Query()]) -> Page:
    """The newest first (R01-3). A page may be shorter than `limit`, or empty, and still have a `next`: words are
    searched in the texts, a limited number of tickets a page. `phone` and `name` need the right `personal`. A complaint
    about the token's person is not found by what that person is not shown (R15-6)."""
    if asker.department is not None and search.department not in (None, asker.department):
        return Page(tickets=[], next=None)
    same = search.model_dump(exclude={"phone", "kind", "state", "open", "late", "department", "limit", "cursor"})
    wanted = TicketQuery(
        **same,
        department=asker.department or search.department,
        caller=search.phone,
        kinds=tuple(search.kind),
        states=tuple(search.state),
        open_only=search.open,
        late_at=asker.at if search.late else None,
    )
    asker.log(f"tickets: {ticket_search.described(wanted)}")

    def read(session: Session) -> tuple[list[dict[str, Any]], int | None]:
        page = ticket_search.search(
            session, wanted, shown=asker.shown, reader=asker.reader, limit=search.limit, older_than=search.cursor
        )
        shown = [sheet.fields(session, one, asker.shown, reader=asker.reader) for one in page.found]
        return shown, page.older_than

    found, more = asker.instance.store.read(read)
    return Page.model_validate({"tickets": found, "next": more})


@router.get("/{number}", summary="Show a ticket 工单详情", responses=documented(404))
def show_ticket(asker: Annotated[Asker, who_may(May.READ)], number: Number) -> WholeTicket:
    """With its clocks, promises and events (R10-4)."""
    asker.log(f"ticket {number}")

    def read(session: Session) -> dict[str, Any]:
        record = tickets.get(session, number - FIRST_NUMBER)
        if record is None or not reach.sees(record.ticket, asker):
            raise no_such_ticket(number)
        return sheet.whole(session, record, asker.shown, reader=asker.reader)

    return WholeTicket.model_validate(asker.instance.store.read(read))


@router.post("/{number}/notes", status_code=201, summary="Add a note 备注", responses=documented(404, 409, 413))
def add_note(asker: Annotated[Asker, who_may(May.NOTE)], number: Number, form: Note) -> Standing:
    """Adds a note, or what the customer was informed of (R16-2). Of a merged ticket it goes to the one that goes on,
    whose number is in the answer."""

    def write(session: Session) -> Standing:
        if reach.find(session, number, asker) is None:
            raise no_such_ticket(number)
        add = intake.tell if form.told else tickets.note
        noted = add(session, number - FIRST_NUMBER, form.text, who=asker.who, at=asker.at)
        return standing(session, noted)

    return asker.instance.store.write(write)


def standing(session: Session, ticket: Ticket) -> Standing:
    """The ticket as a customer may see it."""
    promise = promises.open_of(session, ticket.id)
    return Standing(
        number=ticket.number,
        kind=ticket.kind,
        state=ticket.state,
        opened_at=ticket.opened_at,
        promised_for=promise.due_at if promise else None,
    )


def _incomplete(lacking: list[str]) -> Refused:
    zh, en = required.listed(lacking)
    wrong = tuple(Wrong(where="body", name=_FIELDS[name], wrong="must be known (R13-2)") for name in lacking)
    return Refused(422, "incomplete", f"missing: {en} (R13-2)", f"缺少：{zh}（R13-2）", errors=wrong)
