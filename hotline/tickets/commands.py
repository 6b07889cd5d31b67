"""`hotline tickets` shows, `hotline ticket` acts; `tasks` and `escalations` are what is still to be done."""

from typing import Annotated

import typer

from hotline.terminal.options import (
    AsStaff,
    Json,
    Limit,
    Reveal,
    TaskNumber,
    TicketNumber,
    Yes,
    a_number,
    as_account,
    as_staff,
    end,
    opened,
    view,
)
from hotline.tickets import appointment_commands
from models.states.tickets import Cause, Reporter, Severity, Source, TicketKind, TicketState

tickets_app = typer.Typer(invoke_without_command=True, help="Tickets: list and show. 工单：列表、详情。")
ticket_app = typer.Typer(
    no_args_is_help=True, help="A ticket: new, show, move, dispatch, promise, merge and more. 办理工单。"
)
tasks_app = typer.Typer(invoke_without_command=True, help="What is to be done, such as call-backs. 待办，如回电。")

Text = Annotated[str, typer.Option("--text", help="Why, or what was done. 说明。")]
Told = Annotated[bool, typer.Option("--told", help="The customer has been informed. 已告知客户。")]
When = Annotated[str, typer.Argument(help='"明天 18:00", "2026-11-30 12:00", "+2d". 时间。')]
Name = Annotated[str | None, typer.Option("--name", help="The contact's name. 联系人姓名。")]
Phone = Annotated[str | None, typer.Option("--phone", help="The contact's telephone number. 联系电话。")]
Problem = Annotated[str | None, typer.Option("--problem", help="The fault or complaint. 问题、投诉内容。")]
Need = Annotated[str | None, typer.Option("--need", help="The customer's wish. 诉求。")]
Why = Annotated[Cause | None, typer.Option("--cause", help="Why it came to that (R17-4). 原因。")]
Building = Annotated[str | None, typer.Option("--building", help="楼栋。")]
Room = Annotated[str | None, typer.Option("--room", help="The unit or room. 房号。")]
By = Annotated[Reporter | None, typer.Option("--reporter", help="Who reports it (R03-7). 反映人。")]
Degree = Annotated[Severity | None, typer.Option("--severity", help="严重程度。")]


def search(
    context: typer.Context,
    as_json: Json = False,
    limit: Limit = 20,
    reveal: Reveal = False,
    text: Annotated[str | None, typer.Option("--text", help="In problem, need, notes, names. 内容。")] = None,
    state: Annotated[list[TicketState] | None, typer.Option("--state", help="Only these states. 仅这些状态。")] = None,
    kind: Annotated[list[TicketKind] | None, typer.Option("--kind", help="Only these kinds. 仅这些类别。")] = None,
    open_only: Annotated[bool, typer.Option("--open", help="Open tickets. 未结。")] = False,
    late: Annotated[bool, typer.Option("--late", help="Past their deadline. 超时。")] = False,
    phone: Annotated[str | None, typer.Option("--phone", help="The caller's number. 来电号码。")] = None,
    name: Annotated[str | None, typer.Option("--name", help="The owner's or contact's name. 姓名。")] = None,
    building: Building = None,
    room: Room = None,
    department: Annotated[str | None, typer.Option("--department", help="Such as engineering. 部门。")] = None,
    assignee: Annotated[str | None, typer.Option("--assignee", help="Who is in charge. 处理人工号。")] = None,
    first: Annotated[str | None, typer.Option("--first-receiver", help="The first receiver. 首问人工号。")] = None,
    about: Annotated[str | None, typer.Option("--about", help="Who is complained about. 被投诉人工号。")] = None,
    source: Annotated[Source | None, typer.Option("--source", help="来源。")] = None,
    reporter: By = None,
    severity: Degree = None,
    since: Annotated[str | None, typer.Option("--from", help="Opened from this day or moment on. 自。")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Opened until then. 至。")] = None,
    older: Annotated[
        int | None,
        typer.Option("--older-than", metavar="N", help="Older than this ticket. 早于工单。", callback=a_number),
    ] = None,
    reader: AsStaff = None,
) -> None:
    """Find tickets by anything known about them, newest first. 查找工单。"""
    if context.invoked_subcommand:
        return
    from hotline.terminal import acting, dates
    from hotline.tickets.lists import list_tickets
    from models.clock import SystemClock
    from models.tickets.search import TicketQuery

    this, now = opened(context), SystemClock().now()
    zone, language = this.site.time_zone, this.language
    wanted = TicketQuery(
        text=text or " ".join(context.args) or None,
        caller=phone,
        name=name,
        building=building,
        room=room,
        kinds=tuple(kind or ()),
        states=tuple(state or ()),
        open_only=open_only,
        department=department,
        assignee=assignee,
        first_receiver=first,
        about_staff=about,
        severity=severity,
        source=source,
        reporter=reporter,
        late_at=now if late else None,
        opened_from=dates.parse(since, now, zone, language, end_of_day=False) if since else None,
        opened_before=dates.parse(until, now, zone, language) if until else None,
    )
    shown_to = acting.reader(this, reader)
    list_tickets(this, view(context, as_json, reveal), limit, wanted, reader=shown_to, older=older)


def show(
    context: typer.Context, number: TicketNumber, as_json: Json = False, reveal: Reveal = False, who: AsStaff = None
) -> None:
    """Everything on file about one ticket. 工单详情。"""
    from hotline.terminal import acting
    from hotline.tickets.lists import show_ticket

    this = opened(context)
    show_ticket(this, view(context, as_json, reveal), number, reader=acting.reader(this, who))


def explain(context: typer.Context, number: TicketNumber, as_json: Json = False) -> None:
    """How each deadline of a ticket was computed, step by step. 时限说明。"""
    from hotline.tickets.explain import explain_ticket

    explain_ticket(opened(context), view(context, as_json), number)


@ticket_app.command()
def classify(
    context: typer.Context,
    number: TicketNumber,
    kind: Annotated[TicketKind, typer.Argument(help="The kind. 类别。")],
    severity: Degree = None,
    who: AsStaff = None,
    as_json: Json = False,
) -> None:
    """Change kind or severity: the deadlines follow. 归类。"""
    from hotline.tickets import verbs

    verbs.classify(as_staff(context, who, as_json), number, kind, severity)


@ticket_app.command()
def new(
    context: typer.Context,
    kind: Annotated[TicketKind, typer.Argument(help="The kind. 类别。")],
    source: Annotated[Source, typer.Option("--source", help="How it reached us (R02-2). 来源。")] = Source.VISIT,
    name: Name = None,
    phone: Phone = None,
    problem: Problem = None,
    need: Need = None,
    building: Building = None,
    room: Room = None,
    reporter: By = None,
    severity: Degree = None,
    about: Annotated[str | None, typer.Option("--about", help="Who is complained about. 被投诉人工号。")] = None,
    who: AsStaff = None,
    as_json: Json = False,
) -> None:
    """A request that did not come by telephone. 新建工单(来访、网站、邮件等)。"""
    from hotline.tickets import verbs
    from models.tickets.intake import Facts

    facts = Facts(name, phone, problem, need, reporter, severity, building, room)
    verbs.new(as_staff(context, who, as_json), kind, source, facts, about)


@ticket_app.command("set")
def set_(
    context: typer.Context,
    number: TicketNumber,
    name: Name = None,
    phone: Phone = None,
    problem: Problem = None,
    need: Need = None,
    building: Building = None,
    room: Room = None,
    reporter: By = None,
    severity: Degree = None,
    cause: Why = None,
    who: AsStaff = None,
    as_json: Json = False,
) -> None:
    """Add details that became known later (R13-2). 补录。"""
    from hotline.tickets import verbs
    from models.tickets.intake import Facts

    facts = Facts(name, phone, problem, need, reporter, severity, building, room, cause)
    verbs.fill_in(as_staff(context, who, as_json), number, facts)


def move(
    context: typer.Context,
    number: TicketNumber,
    state: Annotated[TicketState, typer.Argument(help="The new state. 新状态。")],
    text: Text = "",
    told: Told = False,
    cause: Why = None,
    who: AsStaff = None,
    as_json: Json = False,
) -> None:
    """Change a ticket's state. 修改工单状态。"""
    from hotline.tickets import verbs

    verbs.move(as_staff(context, who, as_json), number, state, text, told=told, cause=cause)


@ticket_app.command()
def dispatch(
    context: typer.Context,
    number: TicketNumber,
    department: Annotated[str, typer.Argument(help="The group, such as engineering. 部门。")],
    to: Annotated[str | None, typer.Option("--to", metavar="STAFF", help="A member of it. 处理人工号。")] = None,
    text: Text = "",
    who: AsStaff = None,
    as_json: Json = False,
) -> None:
    """Send it to a department (R17-2). 派单。"""
    from hotline.tickets import verbs

    verbs.dispatch(as_staff(context, who, as_json), number, department, to, text)


@ticket_app.command()
def assign(
    context: typer.Context,
    number: TicketNumber,
    staff: Annotated[str, typer.Argument(help="The member of staff who takes it over. 处理人工号。")],
    text: Text = "",
    who: AsStaff = None,
    as_json: Json = False,
) -> None:
    """Give it to a member of staff, and to that person's department. 指派。"""
    from hotline.tickets import verbs

    verbs.assign(as_staff(context, who, as_json), number, staff, text)


@ticket_app.command()
def refer(
    context: typer.Context,
    number: TicketNumber,
    to: Annotated[str, typer.Argument(help="The public utility. 外部单位，如 自来水公司。")],
    reference: Annotated[str, typer.Option("--reference", help="The utility's own number. 对方编号。")] = "",
    text: Text = "",
    who: AsStaff = None,
    as_json: Json = False,
) -> None:
    """Refer it to a public utility (R15-8). 转外部单位。"""
    from hotline.tickets import verbs

    verbs.refer(as_staff(context, who, as_json), number, to, reference, text)


@ticket_app.command()
def merge(
    context: typer.Context,
    number: TicketNumber,
    into: Annotated[int, typer.Argument(help="The ticket that continues. 并入的工单号。", callback=a_number)],
    text: Text = "",
    yes: Yes = False,
    who: AsStaff = None,
    as_json: Json = False,
) -> None:
    """Merge it into another ticket about the same request. 合并工单。"""
    from hotline.tickets import verbs

    verbs.merge(as_staff(context, who, as_json), number, into, text, yes=yes)


@ticket_app.command()
def receive(context: typer.Context, number: TicketNumber, who: AsStaff = None, as_json: Json = False) -> None:
    """Become first receiver of a ticket that has none (R15-1). 首问受理。"""
    from hotline.tickets import verbs

    verbs.take(as_staff(context, who, as_json), number)


@ticket_app.command()
def promise(
    context: typer.Context, number: TicketNumber, when: When, who: AsStaff = None, as_json: Json = False
) -> None:
    """Record the date promised to the customer (R15-2). 承诺时限。"""
    from hotline.tickets import verbs

    verbs.promise(as_staff(context, who, as_json), number, when)


@ticket_app.command()
def postpone(
    context: typer.Context,
    number: TicketNumber,
    when: When,
    reason: Annotated[str, typer.Option("--reason", help="Why. 原因。")] = "",
    told: Told = False,
    yes: Yes = False,
    who: AsStaff = None,
    as_json: Json = False,
) -> None:
    """Postpone a promise, once (R15-3). 延期一次。"""
    from hotline.tickets import verbs

    verbs.postpone(as_staff(context, who, as_json), number, when, reason, told=told, yes=yes)


@ticket_app.command()
def note(
    context: typer.Context,
    number: TicketNumber,
    text: Annotated[str, typer.Argument(help="内容。")],
    told: Told = False,
    who: AsStaff = None,
    as_json: Json = False,
) -> None:
    """Add a note; with --told, what the customer was told. 备注。"""
    from hotline.tickets import verbs

    verbs.note(as_staff(context, who, as_json), number, text, told=told)


def about(
    context: typer.Context,
    number: TicketNumber,
    staff: Annotated[str, typer.Argument(help="The staff number complained about. 被投诉人的工号。")],
    who: AsStaff = None,
    as_json: Json = False,
) -> None:
    """The member of staff complained about, who neither handles nor reads it (R15-6). 登记被投诉人。"""
    from hotline.tickets import verbs

    verbs.about(as_staff(context, who, as_json), number, staff)


@ticket_app.command()
def mine(
    context: typer.Context, who: AsStaff = None, limit: Limit = 20, reveal: Reveal = False, as_json: Json = False
) -> None:
    """Tickets you received first or are assigned to, and your reminders. 我的工单。"""
    from hotline.tickets.lists import list_mine

    list_mine(as_staff(context, who, as_json, reveal=reveal), limit)


@tasks_app.callback()
def tasks(
    context: typer.Context, as_json: Json = False, limit: Limit = 20, reveal: Reveal = False, who: AsStaff = None
) -> None:
    if context.invoked_subcommand:
        return
    from hotline.terminal import acting
    from hotline.tickets.lists import list_tasks

    this = opened(context)
    list_tasks(this, view(context, as_json, reveal), limit, reader=acting.reader(this, who))


@tasks_app.command()
def done(
    context: typer.Context,
    number: TaskNumber,
    text: Annotated[str, typer.Option("--text", help="What was done. 说明。")] = "",
) -> None:
    """Close a task. 任务完成。"""
    from hotline.tickets import verbs

    end(verbs.close_task(as_account(context), number, text))


def escalations(context: typer.Context, as_json: Json = False, limit: Limit = 100) -> None:
    """Late tickets about which staff are being called; those that nobody accepted first. 电话催办。"""
    from hotline.tickets.lists import list_escalations

    list_escalations(opened(context), view(context, as_json), limit)


ticket_app.add_typer(appointment_commands.app, name="appointment")
# Under both names.
for verb in (show, explain, move, about):
    tickets_app.command()(verb)
    ticket_app.command()(verb)
tickets_app.callback()(search)
ticket_app.command("search", context_settings={"allow_extra_args": True})(search)
