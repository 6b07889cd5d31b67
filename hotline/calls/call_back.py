"""`hotline call-back TASK`: asks for the call, and tells how far it has come until it is over."""

import time

from hotline.terminal.opening import Opened, operator
from hotline.terminal.wording import say, word
from models.calls import outgoing
from models.calls.outgoing import Attempt, CallToMake, CannotCall
from models.clock import SystemClock
from models.language import Language
from models.states.calls import TO_MAKE_MOVES, ToMake

_LOOK_EVERY_S = 0.3
_TAKEN_UP_WITHIN_S = 15.0


def call_back(this: Opened, task_id: int, staff: str | None) -> bool:
    """Whether the customer was reached. Raises CannotCall in words, StoreUnavailable."""
    store, language = this.open_store(), this.language
    if staff is not None and staff not in {person.number for person in this.site.staff}:
        raise CannotCall(say(f"没有工号 {staff}", f"nobody of the staff has the number {staff}", language))
    flagged = this.policy.call_back.flagged
    try:
        asked = store.write(
            outgoing.ask_back, task_id, staff_number=staff, by=operator(), at=SystemClock().now(), flagged=flagged
        )
    except CannotCall as error:
        raise CannotCall(_why(str(error), task_id, language)) from None
    if asked.flag is not None:
        print(say("提示:该号码将列入报告(R05-8)", "note: this number is marked for the report (R05-8)", language))
    began, warned, told = time.monotonic(), False, ""
    while True:
        call, attempts = store.read(outgoing.progress, asked.id)
        line = _told(call, attempts, language)
        if line != told:
            print(line, flush=True)
            told = line
        if call.state not in TO_MAKE_MOVES:
            return call.state in (ToMake.CONNECTED, ToMake.NOT_NEEDED)
        if call.state is ToMake.WAITING and not warned and time.monotonic() - began > _TAKEN_UP_WITHIN_S:
            warned = True
            print(
                say(
                    "尚未受理:通话服务在运行吗?(hotline status)该请求已保存,Ctrl-C 只结束等待",
                    "not taken up yet: is the hotline running? (hotline status) The request is kept; "
                    "Ctrl-C only ends the waiting",
                    language,
                ),
                flush=True,
            )
        time.sleep(_LOOK_EVERY_S)


def _why(cannot: str, task_id: int, language: Language) -> str:
    if cannot == "no number":
        return say(
            f"任务 {task_id} 的来电未显示号码,无法回电", f"task {task_id}: the caller withheld his number", language
        )
    return say(f"没有待办任务 {task_id}", f"there is no open task {task_id}", language)


def _told(call: CallToMake, attempts: list[Attempt], language: Language) -> str:
    last = attempts[-1] if attempts else None
    who = (last.staff_number if last else None) or call.extension or ""
    outcome = word(last.outcome if last else None, language)
    match call.state:
        case ToMake.WAITING:
            return say("等待受理", "waiting to be taken up", language)
        case ToMake.CLAIMED:
            return say(f"正在呼叫坐席 {who}".rstrip(), f"ringing a colleague {who}".rstrip(), language)
        case ToMake.DIALLING:
            return say(f"{who} 已确认,正在呼叫客户", f"{who} makes the call; the customer is being called", language)
        case ToMake.CONNECTED:
            return say(
                f"已接通,{who} 正在通话;通话后任务办结", f"connected with {who}; their talk settles the task", language
            )
        case ToMake.NOT_REACHED:
            return say(f"未接通({outcome}),任务保留", f"not reached ({outcome}); the task stays open", language)
        case ToMake.NO_AGENT:
            return say("没有坐席接听,任务保留", "no colleague has taken it; the task stays open", language)
        case ToMake.NOT_NEEDED | ToMake.CANCELLED:
            return say("任务已办结,无需回电", "the task is done already; nobody was called", language)
