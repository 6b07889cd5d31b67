"""`hotline tickets` looks, `hotline ticket` does; what a command needs is loaded when it's called."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.states.tickets import Reporter, Severity, Source, TicketKind, TicketState

if TYPE_CHECKING:
    from hotline.terminal.listing import ListView
    from hotline.terminal.opening import Opened
    from hotline.tickets.verbs import TicketTerminal

tickets_app = typer.Typer(invoke_without_command=True, help="Tickets: list and show. 工单:列表、详情。")
ticket_app = typer.Typer(
    no_args_is_help=True, help="A ticket: new, show, move, dispatch, promise, merge and more. 办理工单。"
)

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON with stable field names.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many. 最多条数。")]
Reveal = Annotated[bool, typer.Option("--reveal", help="Whole names and numbers (logged). 显示完整姓名和号码(留痕)。")]
Number = Annotated[int, typer.Argument(help="The ticket's number. 工单号。", metavar="N")]
As = Annotated[
    str | None,
    typer.Option("--as", metavar="STAFF", help="Who acts; default: HOTLINE_STAFF, or the login. 办理人工号。"),
]
Text = Annotated[str, typer.Option("--text", help="Why, or what was done. 说明。")]
Told = Annotated[bool, typer.Option("--told", help="The customer has been told of it. 已告知客户。")]
Yes = Annotated[bool, typer.Option("--yes", help="Without being asked again. 不再询问。")]
When = Annotated[str, typer.Argument(help='"明天 18:00", "2026-11-30 12:00", "+2d". 时间。')]
Name = Annotated[str | None, typer.Option("--name", help="Whom to ask. 联系人姓名。")]
Phone = Annotated[str | None, typer.Option("--phone", help="His telephone number. 联系电话。")]
Problem = Annotated[str | None, typer.Option("--problem", help="What is wrong, or complained of. 问题、投诉内容。")]
Need = Annotated[str | None, typer.Option("--need", help="What he wants. 诉求。")]
Building = Annotated[str | None, typer.Option("--building", help="楼栋。")]
Room = Annotated[str | None, typer.Option("--room", help="The unit or room. 房号。")]
By = Annotated[Reporter | None, typer.Option("--reporter", help="Who tells us of it (R03-7). 反映人。")]
Degree = Annotated[Severity | None, typer.Option("--severity", help="严重程度。")]


def search(
    context: typer.Context,
    as_json: Json = False,
    limit: Limit = 20,
    reveal: Reveal = False,
    text: Annotated[str | None, typer.Option("--text", help="In problem, need, notes, names. 内容。")] = None,
    state: Annotated[list[TicketState] | None, typer.Option("--state", help="Only these states. 仅这些状态。")] = None,
    kind: Annotated[list[TicketKind] | None, typer.Option("--kind", help="Only these kinds. 仅这些类别。")] = None,
    open_only: Annotated[bool, typer.Option("--open", help="What is not settled. 未结。")] = False,
    late: Annotated[bool, typer.Option("--late", help="What is past due. 超时。")] = False,
    phone: Annotated[str | None, typer.Option("--phone", help="The caller's number. 来电号码。")] = None,
    name: Annotated[str | None, typer.Option("--name", help="The owner's or contact's. 姓名。")] = None,
    building: Building = None,
    room: Room = None,
    department: Annotated[str | None, typer.Option("--department", help="Such as engineering. 部门。")] = None,
    assignee: Annotated[str | None, typer.Option("--assignee", help="Who has it. 处理人工号。")] = None,
    first: Annotated[str | None, typer.Option("--first-receiver", help="Who was asked first. 首问人工号。")] = None,
    about: Annotated[str | None, typer.Option("--about", help="Whom it complains of. 被投诉人工号。")] = None,
    source: Annotated[Source | None, typer.Option("--source", help="来源。")] = None,
    reporter: By = None,
    severity: Degree = None,
    since: Annotated[str | None, typer.Option("--from", help="Opened from this day or moment on. 自。")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Opened until then. 至。")] = None,
    older: Annotated[
        int | None, typer.Option("--older-than", metavar="N", help="Older than this ticket. 早于工单。")
    ] = None,
    reader: As = None,
) -> None:
    """Tickets by anything that is known of them, newest first. 查找工单。"""
    if context.invoked_subcommand:
        return
    from hotline.terminal import dates
    from hotline.tickets.lists import list_tickets
    from models.clock import SystemClock
    from models.tickets.search import TicketQuery

    this, now = _opened(context), SystemClock().now()
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
    list_tickets(this, _view(context, as_json, reveal), limit, wanted, reader=_reader(this, reader), older=older)


def show(context: typer.Context, number: Number, as_json: Json = False, reveal: Reveal = False, who: As = None) -> None:
    """Everything about one ticket. 工单详情。"""
    from hotline.tickets.lists import show_ticket

    this = _opened(context)
    show_ticket(this, _view(context, as_json, reveal), number, reader=_reader(this, who))


def explain(context: typer.Context, number: Number, as_json: Json = False) -> None:
    """How each deadline of a ticket came about, step by step. 时限说明。"""
    from hotline.tickets.explain import explain_ticket

    explain_ticket(_opened(context), _view(context, as_json, reveal=False), number)


@ticket_app.command()
def classify(
    context: typer.Context,
    number: Number,
    kind: Annotated[TicketKind, typer.Argument(help="What kind of matter it is. 类别。")],
    severity: Degree = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """What kind of matter it is, or how serious: its deadlines follow. 归类。"""
    _desk(context, who, as_json).classify(number, kind, severity)


@ticket_app.command()
def new(
    context: typer.Context,
    kind: Annotated[TicketKind, typer.Argument(help="What it is. 类别。")],
    source: Annotated[Source, typer.Option("--source", help="How it reached us (R02-2). 来源。")] = Source.VISIT,
    name: Name = None,
    phone: Phone = None,
    problem: Problem = None,
    need: Need = None,
    building: Building = None,
    room: Room = None,
    reporter: By = None,
    severity: Degree = None,
    about: Annotated[str | None, typer.Option("--about", help="Whom it complains of. 被投诉人工号。")] = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """A matter that has not come by telephone. 新建工单(来访、网站、邮件等)。"""
    from models.tickets.intake import Facts

    facts = Facts(name, phone, problem, need, reporter, severity, building, room)
    _desk(context, who, as_json).new(kind, source, facts, about)


@ticket_app.command("set")
def set_(
    context: typer.Context,
    number: Number,
    name: Name = None,
    phone: Phone = None,
    problem: Problem = None,
    need: Need = None,
    building: Building = None,
    room: Room = None,
    reporter: By = None,
    severity: Degree = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Fill in what has become known (R13-2). 补录。"""
    from models.tickets.intake import Facts

    facts = Facts(name, phone, problem, need, reporter, severity, building, room)
    _desk(context, who, as_json).fill_in(number, facts)


def move(
    context: typer.Context,
    number: Number,
    state: Annotated[TicketState, typer.Argument(help="The new state. 新状态。")],
    text: Text = "",
    told: Told = False,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Change a ticket's state. 修改工单状态。"""
    _desk(context, who, as_json).move(number, state, text, told=told)


@ticket_app.command()
def dispatch(
    context: typer.Context,
    number: Number,
    department: Annotated[str, typer.Argument(help="The group, such as engineering. 部门。")],
    to: Annotated[str | None, typer.Option("--to", metavar="STAFF", help="Who of it. 处理人工号。")] = None,
    text: Text = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Send it to a department (R17-2). 派单。"""
    _desk(context, who, as_json).dispatch(number, department, to, text)


@ticket_app.command()
def assign(
    context: typer.Context,
    number: Number,
    staff: Annotated[str, typer.Argument(help="Who has it from now on. 处理人工号。")],
    text: Text = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Give it to somebody, and so to his department. 指派。"""
    _desk(context, who, as_json).assign(number, staff, text)


@ticket_app.command()
def refer(
    context: typer.Context,
    number: Number,
    to: Annotated[str, typer.Argument(help="The public utility. 外部单位,如 自来水公司。")],
    reference: Annotated[str, typer.Option("--reference", help="Its number for the matter. 对方编号。")] = "",
    text: Text = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Taken up with a public utility (R15-8). 转外部单位。"""
    _desk(context, who, as_json).refer(number, to, reference, text)


@ticket_app.command()
def merge(
    context: typer.Context,
    number: Number,
    into: Annotated[int, typer.Argument(help="The ticket in which it goes on. 并入的工单号。")],
    text: Text = "",
    yes: Yes = False,
    who: As = None,
    as_json: Json = False,
) -> None:
    """It is the same matter as another one. 合并工单。"""
    _desk(context, who, as_json).merge(number, into, text, yes=yes)


@ticket_app.command()
def receive(context: typer.Context, number: Number, who: As = None, as_json: Json = False) -> None:
    """Take a matter that nobody has been asked first (R15-1). 首问受理。"""
    _desk(context, who, as_json).take(number)


@ticket_app.command()
def promise(context: typer.Context, number: Number, when: When, who: As = None, as_json: Json = False) -> None:
    """The customer has been given this date (R15-2). 承诺时限。"""
    _desk(context, who, as_json).promise(number, when)


@ticket_app.command()
def postpone(
    context: typer.Context,
    number: Number,
    when: When,
    reason: Annotated[str, typer.Option("--reason", help="Why. 原因。")] = "",
    told: Told = False,
    yes: Yes = False,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Put a promise off, once (R15-3). 延期一次。"""
    _desk(context, who, as_json).postpone(number, when, reason, told=told, yes=yes)


@ticket_app.command()
def note(
    context: typer.Context,
    number: Number,
    text: Annotated[str, typer.Argument(help="内容。")],
    told: Told = False,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Add what there is to say; with --told, what the customer was told. 备注。"""
    _desk(context, who, as_json).note(number, text, told=told)


def about(
    context: typer.Context,
    number: Number,
    staff: Annotated[str, typer.Argument(help="The staff number of whom it is about. 被投诉人的工号。")],
    who: As = None,
    as_json: Json = False,
) -> None:
    """Whom a complaint is about: he neither handles nor reads it (R15-6). 登记被投诉人。"""
    _desk(context, who, as_json).about(number, staff)


@ticket_app.command()
def mine(
    context: typer.Context, who: As = None, limit: Limit = 20, reveal: Reveal = False, as_json: Json = False
) -> None:
    """What was first asked of you or assigned to you, and what you are told. 我的工单。"""
    _desk(context, who, as_json, reveal=reveal).mine(limit)


# Both ways of saying it are understood.
for verb in (show, explain, move, about):
    tickets_app.command()(verb)
    ticket_app.command()(verb)
tickets_app.callback()(search)
ticket_app.command("search", context_settings={"allow_extra_args": True})(search)


def _opened(context: typer.Context) -> "Opened":
    from hotline.terminal.opening import opened

    return opened(context.obj)


def _view(context: typer.Context, as_json: bool, reveal: bool) -> "ListView":
    from hotline.terminal.listing import ListView

    asked: Any = context.obj
    return ListView(as_json, reveal, asked.language)


def _desk(context: typer.Context, who: str | None, as_json: bool, *, reveal: bool = False) -> "TicketTerminal":
    from hotline.tickets.verbs import TicketTerminal

    return TicketTerminal.of(_opened(context), _view(context, as_json, reveal), who)


def _reader(this: "Opened", asked: str | None) -> str | None:
    """Who reads, if he has said so, or this terminal is his."""
    from hotline.tickets.verbs import NotDone, acting

    try:
        return acting(this, asked)
    except NotDone:
        if asked is not None:
            raise
        return None
