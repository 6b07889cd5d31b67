"""`hotline status`: whether the hotline can be reached now, and what waits; the exit code says so to a program."""

import socket
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline.listing import print_json
from hotline.opening import Opened
from hotline.serve import running
from hotline.wording import say
from models.clock import SystemClock
from models.states import TICKET_OPEN, CallState, RecordingState, TaskState
from models.store import StoreUnavailable
from models.tables import Call, Recording, Task, Ticket

PATIENCE_S = 2.0


def show(this: Opened, *, as_json: bool) -> bool:
    """Prints the state; True when Asterisk, the supervisor and the store all answer."""
    state: dict[str, Any] = {
        "home": str(this.home.path),
        "policy_version": this.policy.version,
        "asterisk": _accepts(this.site.http.port),
        "serve": running(this.home),
        "store": _store(this),
    }
    well = state["asterisk"] and (state["serve"] or {}).get("ready", False) and "error" not in state["store"]
    state["well"] = well
    if as_json:
        print_json(state)
    else:
        _print(state, this)
    return bool(well)


def _accepts(port: int) -> bool:
    """Whether Asterisk's HTTP server takes a connection: it does so only after it has read all its configuration."""
    try:
        with socket.create_connection(("127.0.0.1", port), PATIENCE_S):
            return True
    except OSError:
        return False


def _store(this: Opened) -> dict[str, Any]:
    now = SystemClock().now()

    def count(session: Session) -> dict[str, Any]:
        def of(*conditions: Any) -> int:
            return session.scalar(select(func.count()).where(*conditions)) or 0

        unfinished = (RecordingState.RESERVED, RecordingState.RECORDED)
        return {
            "calls_active": of(Call.state == CallState.ACTIVE),
            "tickets_open": of(Ticket.state.in_(TICKET_OPEN)),
            "tickets_late": of(Ticket.next_due_at <= now),
            "tasks_open": of(Task.state == TaskState.OPEN),
            "tasks_late": of(Task.state == TaskState.OPEN, Task.due_at <= now),
            "recordings_unfinished": of(Recording.state.in_(unfinished)),
            "recordings_lost": of(Recording.state == RecordingState.LOST),
        }

    try:
        return this.store().read(count)
    except StoreUnavailable as error:
        return {"error": str(error)}


def _print(state: dict[str, Any], this: Opened) -> None:
    def line(zh: str, en: str, value: str) -> None:
        print(f"{say(zh, en, this.language)}: {value}")

    yes, no = say("正常", "answers", this.language), say("不可达", "does not answer", this.language)
    line("目录", "home", state["home"])
    line("Asterisk", "Asterisk", yes if state["asterisk"] else no)
    serve = state["serve"]
    if serve is None:
        line(
            "服务",
            "service",
            say("未运行(hotline serve 启动)", "not running (`hotline serve` starts it)", this.language),
        )
    else:
        for name, child in serve.get("children", {}).items():
            line(f"  {name}", f"  {name}", _child(child))
    store = state["store"]
    if "error" in store:
        line("数据库", "database", store["error"])
        return
    late = say("超时", "late", this.language)
    line("进行中的通话", "calls going on", str(store["calls_active"]))
    line("未结工单", "open tickets", f"{store['tickets_open']} ({store['tickets_late']} {late})")
    line("待办任务", "open tasks", f"{store['tasks_open']} ({store['tasks_late']} {late})")
    line("处理中的录音", "recordings being stored", str(store["recordings_unfinished"]))
    if store["recordings_lost"]:
        line("缺失的录音", "recordings lost", str(store["recordings_lost"]))


def _child(child: dict[str, Any]) -> str:
    """One process as the supervisor describes it: "up, pid 4711, restarts 1 (killed by SIGKILL)"."""
    parts = [str(child["state"])]
    if child["pid"]:
        parts.append(f"pid {child['pid']}")
    if child["restarts"]:
        parts.append(f"restarts {child['restarts']} ({child['last_end']})")
    return ", ".join(parts)
