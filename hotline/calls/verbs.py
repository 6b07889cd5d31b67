"""`hotline call-back` follows the call until it ends; a caller is blocked; what is done to a recording is logged."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session

from hotline.terminal import dates
from hotline.terminal.acting import Acting
from hotline.terminal.refusals import CannotWrite, NoSuchRow, NotDone
from models.calls import block_list, outgoing, recordings
from models.calls.outgoing import Attempt, CallToMake, CannotCall
from models.clock import SystemClock
from models.instance import exported
from models.language import Language
from models.states.calls import TO_MAKE_MOVES, ToMake
from models.tables import Recording
from models.text.masking import masked
from models.text.wording import moment, say, word
from models.tickets import impartial
from recordings import files

_LOOK_EVERY_S = 0.3
_TAKEN_UP_WITHIN_S = 15.0


def call_back(acting: Acting, task_id: int, staff: str | None) -> bool:
    """Whether the customer was reached. Raises CannotCall with the reason, StoreUnavailable."""
    this, language = acting.this, acting.view.language
    store = this.open_store()
    if staff is not None and staff not in {person.number for person in this.site.staff}:
        raise CannotCall(say(f"没有工号 {staff}", f"nobody of the staff has the number {staff}", language))
    at, site, policy = SystemClock().now(), this.site, this.policy
    try:
        asked = store.write(
            outgoing.ask_back, task_id, staff_number=staff, by=acting.who, at=at, site=site, policy=policy
        )
    except CannotCall as error:
        raise CannotCall(_why(str(error), task_id, language)) from None
    began, warned, printed = time.monotonic(), False, ""
    while True:
        call, attempts = store.read(outgoing.progress, asked.id)
        line = _progress(call, attempts, language)
        if line != printed:
            print(line, flush=True)
            printed = line
        if call.state not in TO_MAKE_MOVES:
            return call.state in (ToMake.CONNECTED, ToMake.NOT_NEEDED)
        if call.state is ToMake.WAITING and not warned and time.monotonic() - began > _TAKEN_UP_WITHIN_S:
            warned = True
            print(
                say(
                    "尚未受理：通话服务在运行吗？（.venv/bin/hotline status）该请求已保存，Ctrl-C 只结束等待",
                    "not taken up yet: is the hotline running? (.venv/bin/hotline status) The request is kept; "
                    "Ctrl-C only ends the waiting",
                    language,
                ),
                flush=True,
            )
        time.sleep(_LOOK_EVERY_S)


def _why(cannot: str, task_id: int, language: Language) -> str:
    if cannot == "no number":
        return say(
            f"任务 {task_id} 的来电未显示号码，无法回电", f"task {task_id}: the caller withheld the number", language
        )
    return say(f"没有待办任务 {task_id}", f"there is no open task {task_id}", language)


def _progress(call: CallToMake, attempts: list[Attempt], language: Language) -> str:
    last = attempts[-1] if attempts else None
    who = (last.staff_number if last else None) or call.extension or ""
    outcome = word(last.outcome if last else None, language)
    match call.state:
        case ToMake.WAITING:
            return say("等待受理", "waiting to be taken up", language)
        case ToMake.CLAIMED:
            return say(f"正在呼叫坐席 {who}".rstrip(), f"ringing a colleague {who}".rstrip(), language)
        case ToMake.DIALLING:
            return say(f"{who} 已确认，正在呼叫客户", f"{who} makes the call; the customer is being called", language)
        case ToMake.CONNECTED:
            en = f"connected with {who}; the task is done after the talk"
            return say(f"已接通，{who} 正在通话；通话后任务办结", en, language)
        case ToMake.NOT_REACHED:
            return say(f"未接通（{outcome}），任务保留", f"not reached ({outcome}); the task stays open", language)
        case ToMake.NO_AGENT:
            return say("没有坐席接听，任务保留", "no colleague answered; the task stays open", language)
        case ToMake.REFUSED:
            why = word(call.flag, language)
            return say(f"不予回电：{why}；任务保留", f"refused: {why}; the task stays open", language)
        case ToMake.NOT_NEEDED | ToMake.CANCELLED:
            return say("任务已办结，无需回电", "the task is done already; nobody was called", language)


# -- nuisance callers --------------------------------------------------------------------------------------------------


def block(acting: Acting, number: str, until: str, why: str) -> None:
    """Raises NoMoment, CannotBlock, StoreUnavailable."""
    this, at = acting.this, SystemClock().now()
    zone = this.site.time_zone
    end = dates.parse(until, at, zone, acting.view.language)
    who, site, policy = acting.who, this.site, this.policy
    row = this.open_store().write(block_list.block, number, until=end, why=why, by=who, at=at, site=site, policy=policy)
    shown, day = masked(row.number), moment(row.until, zone)
    acting.print(f"{shown} 已屏蔽，至 {day}", f"{shown} is not let in until {day}")


def lift(acting: Acting, number: str, *, yes: bool) -> None:
    """Asks first. Raises NotDone, CannotBlock, StoreUnavailable."""
    acting.confirm(f"解除屏蔽 {number}?", f"let {number} in again?", yes=yes)
    acting.this.open_store().write(block_list.lift, number, by=acting.who, at=SystemClock().now())
    acting.print(f"{number} 已解除屏蔽", f"{number} is let in again")


# -- recordings --------------------------------------------------------------------------------------------------------


def hold(acting: Acting, number: int, reason: str) -> None:
    """Keeps it beyond its date. Raises NoSuchRow, NotImpartial, StoreUnavailable."""
    if not _changed(acting, number, recordings.hold, reason):
        raise _none(number)
    acting.print(f"录音 {number} 已保留，不会被删除", f"recording {number} is held: it is not removed")


def let_go(acting: Acting, number: int, reason: str) -> None:
    """Its date counts again. Raises NoSuchRow, NotImpartial, StoreUnavailable."""
    if not _changed(acting, number, recordings.let_go, reason):
        raise NoSuchRow(f"录音 {number} 未被保留  recording {number} is not held")
    acting.print(f"录音 {number} 不再保留", f"recording {number} is no longer held")


def _changed(acting: Acting, number: int, change: Callable[..., bool], reason: str) -> bool:
    def write(session: Session) -> bool:
        row = session.get(Recording, number)
        if row is not None:
            impartial.check_heard(session, row, acting.who)
        return change(session, number, who=acting.who, reason=reason, at=SystemClock().now())

    return acting.this.open_store().write(write)


def play(acting: Acting, number: int) -> None:
    """Logs it, then prints the path and plays it where a player is installed. Raises NoSuchRow, NotImpartial."""
    path = _opened(acting, number, "listened")
    print(path)
    player = shutil.which("ffplay")
    if player and sys.stdout.isatty():
        subprocess.run([player, "-v", "error", "-nodisp", "-autoexit", str(path)], check=False)


def export(acting: Acting, number: int, target: Path) -> None:
    """Logs it, then copies the file. Raises NoSuchRow, NotImpartial, NotDone, CannotWrite."""
    path = _opened(acting, number, f"exported to {target}")
    if target.is_dir():
        target = target / path.name
    if target.exists():
        raise NotDone(f"{target} exists already: choose another name  {target} 已存在")
    try:
        exported.save(target.absolute(), path.read_bytes())
    except OSError as error:
        raise CannotWrite(target, error, acting.view.language) from error
    print(target)


def _opened(acting: Acting, number: int, what: str) -> Path:
    def write(session: Session) -> Recording | None:
        row = recordings.opened(session, number, who=acting.who, what=what, at=SystemClock().now())
        if row is not None:
            impartial.check_heard(session, row, acting.who)
        return row

    row = acting.this.open_store().write(write)
    if row is None:
        raise _none(number)
    path = files.of(acting.this.home, row)
    if not path.is_file():
        raise NoSuchRow(f"录音 {number} 没有文件  recording {number} has no file ({row.state}; {row.note or '-'})")
    return path


def _none(number: int) -> NoSuchRow:
    return NoSuchRow(f"没有录音 {number}:.venv/bin/hotline recordings 列出全部录音  there is no recording {number}")
