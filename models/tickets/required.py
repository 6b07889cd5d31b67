"""The facts that must be recorded for a ticket (R13-2), and what a change of its state needs."""

from sqlalchemy.orm import Session

from models.errors import MoveRefused
from models.states.tickets import Cause, TicketKind, TicketState
from models.tables import Owner, Ticket
from models.text.signs import written
from models.text.wording import word

NAME, TELEPHONE, PROBLEM, NEED = "name", "telephone", "problem", "need"
_ZH = {NAME: "姓名", TELEPHONE: "电话", PROBLEM: "问题（投诉内容）", NEED: "诉求"}


def missing(session: Session, ticket: Ticket) -> list[str]:
    """Which of name, telephone, problem (fault or complaint) and need are not recorded; the time always is."""
    if ticket.kind is TicketKind.FAULT:
        return []
    owner = session.get(Owner, ticket.owner_id) if ticket.owner_id is not None else None
    known = {
        NAME: ticket.contact_name or (owner and owner.name),
        TELEPHONE: ticket.contact_number or ticket.caller_number,
        PROBLEM: ticket.problem,
        NEED: ticket.need,
    }
    return [name for name, value in known.items() if not value]


def listed(names: list[str]) -> tuple[str, str]:
    """The missing facts in Chinese and in English."""
    return "、".join(_ZH[name] for name in names), ", ".join(names)


def for_move(session: Session, ticket: Ticket, to: TicketState, *, text: str, told: bool) -> None:
    """Raises MoveRefused when what this state requires is missing."""
    number = ticket.number
    match to:
        case TicketState.DISPATCHED if not (ticket.department or ticket.assignee):
            raise MoveRefused(
                f"ticket {number} is dispatched to a department: say to which (R17-2)",
                f"请说明工单 {number} 派给哪个部门（R17-2）",
            )
        case TicketState.MERGED if ticket.merged_into is None:
            raise MoveRefused(
                f"say into which ticket {number} is merged",
                f"请说明工单 {number} 并入哪张工单",
            )
        case TicketState.REFERRED if not ticket.referred_to:
            raise MoveRefused(
                f"say to which authority ticket {number} is referred (R15-8)",
                f"请说明工单 {number} 转给哪个单位（R15-8）",
            )
        case TicketState.WAITING if not (written(text) and told):
            raise MoveRefused(
                f"ticket {number} can wait only with a reason, and after the customer was informed of it (R08-7)",
                f"工单 {number} 等待须说明原因，并已告知客户（R08-7）",
            )
        case TicketState.CLOSED:
            _close(session, ticket, text)


def _close(session: Session, ticket: Ticket, text: str) -> None:
    number = ticket.number
    if ticket.kind is TicketKind.COMPLAINT and ticket.cause is None:
        raise MoveRefused(
            f"complaint {number} is not closed without its cause (R17-4): give it, one of "
            f"{', '.join(word(cause, 'en') for cause in Cause)}",
            f"投诉 {number} 还没有记录原因（R17-4），不能关闭。请同时给出原因："
            f"{'、'.join(word(cause, 'zh') for cause in Cause)}",
        )
    if written(text):
        return
    if lacking := missing(session, ticket):
        zh, en = listed(lacking)
        raise MoveRefused(
            f"ticket {number} is closed without {en} (R13-2): fill it in first, or say why it can't be known",
            f"工单 {number} 还缺：{zh}（R13-2）。请先补录，或说明无法补录的原因",
        )
    if ticket.state is TicketState.DONE:
        raise MoveRefused(
            f"the customer has not confirmed ticket {number}: move it to confirmed after that, "
            "or say why it is closed without that (R15-4)",
            f"客户尚未确认工单 {number}：客户确认后改为已确认；未经确认而关闭的，请说明原因（R15-4）",
        )
