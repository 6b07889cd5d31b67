"""`hotline status`: whether callers can reach the hotline now, and what is open; exit code 1 when they may not."""

from dataclasses import asdict
from typing import Any

from hotline.health import trunks
from hotline.health.checks import canary, parts
from hotline.health.configuration import unknown_holidays, unknown_years
from hotline.terminal.listing import print_json
from hotline.terminal.opening import Opened
from models.clock import SystemClock
from models.database.store import StoreUnavailable
from models.health import alarms
from models.health.alarms import HealthState
from models.health.open_work import counted
from models.health.parts import Part
from models.instance.serving import running
from models.text.wording import moment, say, word, words


def show(this: Opened, *, as_json: bool) -> bool:
    """Prints the state; False when callers may not get through."""
    now = SystemClock().now()
    try:
        store = this.open_store()
        counts, flown = store.read(counted, now), canary(store, now)
        raised = store.read(alarms.raised, this, now)
    except StoreUnavailable as error:
        store, counts, flown, raised = None, {"error": str(error)}, None, [alarms.STORE_AWAY]
    checked = parts(this, now, store)
    state: dict[str, Any] = {
        "trunks": [] if store is None else trunks.listed(this, store),
        "home": str(this.home.path),
        "policy_version": this.policy.version,
        "asterisk": checked["asterisk"].up,
        "serve": running(this.home),
        "parts": {name: part.as_dict() for name, part in checked.items()},
        "canary": flown,
        "store": counts,
        "unknown_holiday_years": unknown_years(this),
    }
    health = alarms.state_of(raised)
    state |= {
        "well": health is HealthState.WELL,
        "health": health,
        "alarms": [asdict(alarm) for alarm in raised],
    }
    if as_json:
        print_json(state)
    else:
        print(word(f"health-{health}", this.language))
        for alarm in raised:
            print("  " + " ".join((alarm.text(this.language), moment(alarm.since, this.site.time_zone))).rstrip())
        _print(state, checked, this)
    return health is not HealthState.FAULT


def _print(state: dict[str, Any], checked: dict[str, Part], this: Opened) -> None:
    def line(zh: str, en: str, value: str) -> None:
        print(f"{say(zh, en, this.language)}: {value}")

    line("目录", "home", state["home"])
    serve = state["serve"]
    if serve is None:
        line(
            "服务",
            "service",
            say("未运行（make run 启动）", "not running (`make run` starts it)", this.language),
        )
    children = (serve or {}).get("children", {})
    for name, part in checked.items():
        line(f"  {name}", f"  {name}", ", ".join(_part(part, this) + _child(children.get(name), this)))
    line("  拨测", "  test call", _canary(state["canary"], this))
    if state["trunks"]:
        line("  中继", "  trunks", ", ".join(trunks.in_short(one, this.language) for one in state["trunks"]))
    for warning in unknown_holidays(this):
        line("注意！", "ATTENTION", warning)
    store = state["store"]
    if "error" in store:
        line("数据库", "database", store["error"])
        return
    late = say("超时", "late", this.language)
    line("进行中的通话", "calls going on", str(store["calls_active"]))
    line("未结工单", "open tickets", f"{store['tickets_open']} ({store['tickets_late']} {late})")
    line("待办任务", "open tasks", f"{store['tasks_open']} ({store['tasks_late']} {late})")
    if store["escalations_open"]:
        climbing = str(store["escalations_open"])
        if store["escalations_unaccepted"]:
            unaccepted = store["escalations_unaccepted"]
            climbing += say(
                f"，其中 {unaccepted} 件无人接单！", f", {unaccepted} of them ACCEPTED BY NOBODY", this.language
            )
        line("电话催办中", "escalations by telephone", f"{climbing} (.venv/bin/hotline escalations)")
    line("处理中的录音", "recordings being stored", str(store["recordings_unfinished"]))
    if store["findings_open"]:
        where = ".venv/bin/hotline recordings --mismatches"
        line("待查（录音、磁盘）", "to be checked (recordings, disk)", f"{store['findings_open']} ({where})")
    for key, zh, en, where in (
        ("roster_gaps", "值班空档", "gaps in the roster", ".venv/bin/hotline roster check"),
        ("roster_requests", "待批换班和请假", "swaps and absences to be decided", ".venv/bin/hotline roster requests"),
        ("handovers_open", "未接收的交接班", "handovers not taken over", ".venv/bin/hotline handover show"),
    ):
        if store[key]:
            line(zh, en, f"{store[key]} ({where})")
    if store["recordings_lost"]:
        line("缺失的录音", "recordings lost", str(store["recordings_lost"]))


def _part(part: Part, this: Opened) -> list[str]:
    """ "answers, since 11-24 08:00:00, checked 11-24 12:00:03" """
    facts = [say("正常", "answers", this.language) if part.up else say("不可达", "does not answer", this.language)]
    if part.why:
        facts.append(words(part.why, this.language))
    if part.since:
        facts.append(say("自 ", "since ", this.language) + moment(part.since, this.site.time_zone))
    if part.checked_at:
        facts.append(say("检查于 ", "checked ", this.language) + moment(part.checked_at, this.site.time_zone))
    return facts


def _child(child: dict[str, Any] | None, this: Opened) -> list[str]:
    """One process as the supervisor describes it: "pid 4711, restarts 1 (killed by SIGKILL)"."""
    if child is None:
        return []
    parts = [f"pid {child['pid']}"] if child["pid"] else [word(child["state"], this.language)]
    if child["restarts"]:
        again = say("重启次数", "restarts", this.language)
        parts.append(f"{again} {child['restarts']} ({words(child['last_end'], this.language)})")
    return parts


def _canary(flown: dict[str, Any] | None, this: Opened) -> str:
    """The last test call through the whole line (R17-5)."""
    if flown is None:
        return say("尚无", "none yet", this.language)
    how = say("接通", "answered", this.language) if flown["ok"] else word(f"canary-{flown['step']}", this.language)
    facts = [how, moment(flown["at"], this.site.time_zone)]
    if flown["ms"] is not None:
        facts.append(f"{flown['ms']} ms")
    if flown["failed_in_24_h"]:
        failed = flown["failed_in_24_h"]
        facts.append(say(f"24 小时内失败 {failed} 次", f"{failed} failed within 24 h", this.language))
    return ", ".join(facts)
