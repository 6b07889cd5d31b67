"""The policy file holds every number a rule or a manager may ask about, each with the rule it comes from."""

import hashlib
import re
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from models.errors import ConfigError, Problem
from models.policy.clocks import (
    GENERAL_MANAGER,
    TRUE_OR_FALSE,
    WEEKDAYS,
    WINDOWS,
    CalendarRules,
    Classes,
    ClockRule,
    Profile,
    Tickets,
    Weekdays,
    Windows,
    class_clocks,
    class_name,
    contradictions,
    hours_of,
)
from models.policy.escalation import EscalationPolicy
from models.policy.follow_up import FollowUp
from models.policy.reports import ReportsPolicy
from models.policy.roster import HandoverPolicy, Roster
from models.policy.tickets import FirstAsked, Promises
from models.policy.wakeups import WakeupPolicy
from models.policy.webhooks import Api, Webhooks
from models.settings import Strict, read_toml, shown, validated
from models.site import Site
from models.states.tickets import Severity, TicketKind
from models.time.calendar import WALL, Calendars, Season, Wall, WorkingTime
from models.time.days import Days

# How many rules each regulation R01 to R21 has (docs/regulations.md): a rule id beyond them is a slip of the pen.
RULES = (7, 3, 7, 3, 9, 5, 9, 11, 7, 5, 4, 1, 8, 3, 8, 4, 6, 2, 2, 5, 13)


def _whole(low: int, high: int, unit: str, unit_zh: str) -> Any:
    text = f"a whole number of {unit}, {low} to {high}|{unit_zh},{low} 至 {high} 的整数"
    return Field(ge=low, le=high, description=text)


def _seconds(low: float, high: float) -> Any:
    return Field(ge=low, le=high, description=f"seconds, {low} to {high}|秒数,{low} 至 {high}")


def is_source(text: object) -> bool:
    """Whether a value's source is one we know: a rule's id, "house", GB/T and number, or TS and number."""
    if not isinstance(text, str):
        return False
    rule = re.fullmatch(r"R([0-9]{2})-([1-9][0-9]?)", text)
    if rule:
        regulation, number = int(rule[1]), int(rule[2])
        return 1 <= regulation <= len(RULES) and number <= RULES[regulation - 1]
    return text == "house" or re.fullmatch(r"GB/T [0-9]{3,6}|TS ?[0-9][0-9. ]*", text) is not None


class AnswerPolicy(Strict):
    """[answer]: who rings for how long (R05-2, R20-4). One ring is a tone and a pause."""

    mode: Literal["menu-first", "human-first"] = Field(
        description='"menu-first" or "human-first"|"menu-first" 或 "human-first"'
    )
    rings: int = _whole(1, 20, "rings", "响铃次数")
    rings_widened: int = _whole(1, 20, "rings", "响铃次数")
    rings_supervisor: int = _whole(1, 20, "rings", "响铃次数")
    ring_tone_s: float = _seconds(0.1, 10)
    ring_pause_s: float = _seconds(0, 10)
    accept_within_s: int = _whole(3, 60, "seconds", "秒数")
    first_ring: Literal["longest-idle", "all"] = Field(description='"longest-idle" or "all"|"longest-idle" 或 "all"')


class Menu(Strict):
    """[menu]: how long a key may take, and how often the choice is told before a person answers."""

    key_wait_s: int = _whole(1, 60, "seconds", "秒数")
    tries: int = _whole(1, 5, "times", "次数")
    digit_wait_s: int = _whole(1, 30, "seconds", "秒数")


class Urgent(Strict):
    """[urgent]: everybody who can help rings at once (R08-2)."""

    rings: int = _whole(1, 60, "rings", "响铃次数")


class Queue(Strict):
    """[queue]: the caller who waits is told his place when it changes (R17-1)."""

    announce_every_s: int = _whole(5, 600, "seconds", "秒数")
    poll_s: int = _whole(1, 30, "seconds", "秒数")


Role = Literal["agent", "supervisor", "technician", "monitoring", "attendant", "manager", "general-manager"]
_Roles = Annotated[
    list[Role],
    Field(description='roles, such as ["agent", "technician"], or []|岗位,如 ["agent", "technician"],或 []'),
]


class Targets(Strict):
    """[transfer.targets]: whom each role may put a caller through to, by role (R07-4)."""

    agent: _Roles
    supervisor: _Roles
    technician: _Roles
    monitoring: _Roles
    attendant: _Roles
    manager: _Roles
    general_manager: _Roles = Field(alias="general-manager")

    def __getitem__(self, role: str) -> list[str]:
        """Raises KeyError for no role."""
        roles: dict[str, list[str]] = self.model_dump(by_alias=True)
        return roles[role]


class Transfers(Strict):
    """[transfer]: nobody is put through to a colleague who has not said yes (R05-4, R07-4)."""

    rings: int = _whole(1, 20, "rings", "响铃次数")
    speak_every_s: int = _whole(5, 120, "seconds", "秒数")
    reason_longest_s: int = _whole(5, 180, "seconds", "秒数")
    reason_required: list[Literal["hotline", "supervision", "general-manager", "switchboard"]] = Field(
        description='flows of lines, such as ["general-manager"], or []|线路的 flow,如 ["general-manager"],或 []'
    )
    targets: Targets = Field(description="a [transfer.targets] section|[transfer.targets] 一节")


class MonitoringPolicy(Strict):
    """[monitoring]: who may listen to the talks of whom, by role, after giving his PIN (R04-1)."""

    roles: _Roles
    of_roles: _Roles
    pin_tries: int = _whole(1, 10, "times", "次数")


class MessagePolicy(Strict):
    """[message]: lengths of a message left; silence ends it."""

    longest_s: int = _whole(10, 900, "seconds", "秒数")
    silence_s: int = _whole(1, 60, "seconds", "秒数")
    shortest_s: int = _whole(0, 30, "seconds", "秒数")


class RecordingPolicy(Strict):
    """[recording]: how finished recordings are kept (R14-3)."""

    retention_days: int = _whole(1, 3650, "days", "天数")
    format: Literal["opus", "mp3"] = Field(description='"opus" or "mp3"|"opus" 或 "mp3"')
    bitrate_kbps: int = _whole(8, 128, "kbit/s", "kbit/s")
    target_dbfs: int = _whole(-40, 0, "dB below full scale", "分贝(满刻度以下)")
    least_room_mb: int = _whole(10, 10_000_000, "megabytes", "兆字节")


class GeneralManager(Strict):
    """[general_manager]: the hours of the general manager's hotline, by the site's clock (R03-1)."""

    windows: Windows = Field(description=WINDOWS)
    weekdays: Weekdays = Field(description=WEEKDAYS)
    open_on_make_up_days: bool = Field(description=TRUE_OR_FALSE)

    @property
    def hours(self) -> list[tuple[time, time]]:
        """Opening and closing of each window; closed from the second of closing on."""
        return hours_of(self.windows)

    def calendar(self, days: Days) -> WorkingTime:
        return WorkingTime(
            GENERAL_MANAGER,
            days,
            seasons=[Season((1, 1), self.hours)],
            weekdays=self.weekdays,
            closed_on_public_holidays=True,
            open_on_make_up_days=self.open_on_make_up_days,
        )


class Holidays(Strict):
    """[holidays]: when the manager is told that the public holidays of the next year are not known yet."""

    warn_days: int = _whole(1, 300, "days", "天数")


class Tasks(Strict):
    """[tasks]: work with an owner and a deadline (R17-1); a call back is done with a talk of so many seconds."""

    call_back_minutes: int = _whole(1, 1440, "minutes", "分钟数")
    talk_counts_from_s: int = _whole(0, 60, "seconds", "秒数")


class CallBack(Strict):
    """[call_back]: a colleague is rung, then the customer (R17-1); numbers that begin so are reported (R05-8)."""

    rings: int = _whole(1, 20, "rings", "响铃次数")
    flagged: list[Annotated[str, Field(pattern=r"^\+?[0-9]{2,15}$")]] = Field(
        description='beginnings of numbers, such as ["12590", "168"], or []|号码前缀,如 ["12590", "168"],或 []'
    )


class Outgoing(Strict):
    """[outgoing]: what we call by ourselves is looked for so often, and an attempt cut off is made again after a lease;
    so many calls at once, but for emergencies."""

    poll_s: float = _seconds(0.2, 30)
    lease_s: int = _whole(30, 600, "seconds", "秒数")
    at_once: int = _whole(1, 200, "calls", "通话数")

    @property
    def ahead_s(self) -> float:
        """What is to be done at its second is taken up so long before it."""
        return 2 * self.poll_s


class CallPolicy(Strict):
    """[call]: no call holds a line longer; who serves the caller is told before (R05-3)."""

    longest_minutes: int = _whole(1, 1440, "minutes", "分钟数")
    warn_minutes: int = _whole(1, 999, "minutes", "分钟数")


class CanaryPolicy(Strict):
    """[canary]: a test call proves that the line answers (R17-5); how often, and how long its history is kept."""

    every_minutes: float = Field(
        ge=0.05, le=1440, description="minutes, 0.05 to 1440, such as 5|分钟数,0.05 至 1440,如 5"
    )
    keep_days: int = _whole(1, 3650, "days", "天数")


class Backup(Strict):
    """[backup]: when the database is copied, by the site's clock, and how many copies are kept (R13-8, R14-3)."""

    at: str = Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description='a time such as "03:30"|时刻,如 "03:30"')
    keep: int = _whole(1, 1000, "copies", "份数")

    @property
    def time_of_day(self) -> time:
        return time.fromisoformat(self.at)


class RecoveryPolicy(Strict):
    """[recovery]: how often our rows are compared with Asterisk's channels (docs/architecture.md, "Crash rules")."""

    every_s: int = _whole(1, 3600, "seconds", "秒数")


class Policy(Strict):
    """The policy in force, typed and checked, with the source of each value."""

    answer: AnswerPolicy = Field(description="an [answer] section|[answer] 一节")
    menu: Menu = Field(description="a [menu] section|[menu] 一节")
    urgent: Urgent = Field(description="an [urgent] section|[urgent] 一节")
    queue: Queue = Field(description="a [queue] section|[queue] 一节")
    transfer: Transfers = Field(description="a [transfer] section|[transfer] 一节")
    monitoring: MonitoringPolicy = Field(description="a [monitoring] section|[monitoring] 一节")
    message: MessagePolicy = Field(description="a [message] section|[message] 一节")
    recording: RecordingPolicy = Field(description="a [recording] section|[recording] 一节")
    general_manager: GeneralManager = Field(description="a [general_manager] section|[general_manager] 一节")
    holidays: Holidays = Field(description="a [holidays] section|[holidays] 一节")
    tickets: Tickets = Field(description="a [tickets] section|[tickets] 一节")
    promises: Promises = Field(description="a [promises] section|[promises] 一节")
    first_asked: FirstAsked = Field(description="a [first_asked] section|[first_asked] 一节")
    calendar_rules: dict[str, CalendarRules] = Field(
        alias="calendars", description="a [calendars.NAME] section|至少一节 [calendars.名称]"
    )
    classes: Classes = Field(description="a [classes] section|[classes] 一节")
    profiles: dict[str, Profile] = Field(description="a [profiles] section|[profiles] 一节")
    tasks: Tasks = Field(description="a [tasks] section|[tasks] 一节")
    call_back: CallBack = Field(description="a [call_back] section|[call_back] 一节")
    outgoing: Outgoing = Field(description="an [outgoing] section|[outgoing] 一节")
    escalation: EscalationPolicy = Field(description="an [escalation] section|[escalation] 一节")
    follow_up: FollowUp = Field(description="a [follow_up] section|[follow_up] 一节")
    call: CallPolicy = Field(description="a [call] section|[call] 一节")
    canary: CanaryPolicy = Field(description="a [canary] section|[canary] 一节")
    backup: Backup = Field(description="a [backup] section|[backup] 一节")
    recovery: RecoveryPolicy = Field(description="a [recovery] section|[recovery] 一节")
    roster: Roster = Field(description="a [roster] section|[roster] 一节")
    handover: HandoverPolicy = Field(description="a [handover] section|[handover] 一节")
    reports: ReportsPolicy = Field(description="a [reports] section|[reports] 一节")
    api: Api = Field(description="an [api] section|[api] 一节")
    webhooks: Webhooks = Field(description="a [webhooks] section|[webhooks] 一节")
    wake_up: WakeupPolicy = Field(description="a [wake_up] section|[wake_up] 一节")

    _version: str = PrivateAttr(default="")
    _sources: dict[str, str] = PrivateAttr(default_factory=dict)
    _clocks: dict[str, tuple[ClockRule, ...]] = PrivateAttr(default_factory=dict)
    _calendars: Calendars | None = PrivateAttr(default=None)

    @classmethod
    def load(cls, path: Path, site: Site | None = None) -> "Policy":
        """Reads and checks the file, for a site whose days its calendars go by. Raises ConfigError with every problem
        at once."""
        tables = read_toml(path)
        values, sources, problems = _without_sources(tables, path)
        policy, more = validated(cls, values, path)
        told = {problem.key for problem in problems}
        problems += [problem for problem in more if problem.key not in told]
        if policy is not None:
            problems += policy._contradictions(path)
        if policy is None or problems:
            raise ConfigError(problems)
        policy._version = version_of(path)
        policy._sources = sources
        policy._clocks = class_clocks(policy.tickets, policy.classes, policy.profiles, sources)
        if site is not None:
            policy._calendars = policy._made(site.days)
        return policy

    @property
    def version(self) -> str:
        """The first 12 hex digits of the file's SHA-256: a ticket stores it beside its deadlines."""
        return self._version

    def source(self, key: str) -> str:
        """The rule a value comes from: source("answer.rings") is "R05-2". Raises KeyError for no such value."""
        return self._sources[key]

    @property
    def calendars(self) -> Calendars:
        """By name: "wall", "general-manager", and those of [calendars]. Only of a policy that was loaded for a site."""
        assert self._calendars is not None, "a calendar goes by the days of a site: Policy.load(path, site)"
        return self._calendars

    def clocks(self, kind: TicketKind, severity: Severity) -> tuple[ClockRule, ...]:
        """What must have happened by when in such a matter, in the order in which it happens."""
        return self._clocks[class_name(kind, severity)]

    def ring_seconds(self, rings: int) -> float:
        """So many rings in seconds, from the moment the phone reports ringing."""
        return rings * (self.answer.ring_tone_s + self.answer.ring_pause_s)

    def _made(self, days: Days) -> Calendars:
        named = {name: rules.calendar(name, days) for name, rules in self.calendar_rules.items()}
        return {WALL: Wall(days), GENERAL_MANAGER: self.general_manager.calendar(days), **named}

    def _contradictions(self, file: Path) -> list[Problem]:
        return contradictions(self.tickets, self.calendar_rules, self.classes, self.profiles, file)


def version_of(path: Path) -> str:
    """The version of the policy in this file, whether it is right or not."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _without_sources(tables: dict[str, Any], file: Path) -> tuple[dict[str, Any], dict[str, str], list[Problem]]:
    """The plain values, the source of each by its key, and the entries that aren't { value, rule }."""
    sources: dict[str, str] = {}
    problems: list[Problem] = []

    def walk(table: dict[str, Any], prefix: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, entry in table.items():
            key = f"{prefix}{name}"
            if isinstance(entry, dict) and entry and not {"value", "rule"} & entry.keys():
                values[name] = walk(entry, f"{key}.")
                continue
            problems.extend(_entry_problems(entry, key, file))
            values[name] = entry.get("value") if isinstance(entry, dict) else entry
            if isinstance(entry, dict) and is_source(entry.get("rule")):
                sources[key] = entry["rule"]
        return values

    return walk(tables, ""), sources, problems


def _entry_problems(entry: Any, key: str, file: Path) -> list[Problem]:
    form, form_zh = 'written { value = ..., rule = "R05-2" }', '写作 { value = ..., rule = "R05-2" }'
    if not isinstance(entry, dict):
        return [
            Problem(file, key, f"is {shown(entry)} without its source", form, f"{shown(entry)} 没有注明出处", form_zh)
        ]
    found = []
    if "value" not in entry:
        found.append(Problem(file, key, "has no value", form, "缺少 value", form_zh))
    if not is_source(entry.get("rule")):
        wrong = f"is {shown(entry['rule'])}" if "rule" in entry else "is missing"
        wrong_zh = f"现为 {shown(entry['rule'])}" if "rule" in entry else "缺少这一项"
        right = 'a rule\'s id such as "R05-2", "GB/T 33358" or "house"'
        right_zh = '制度条款编号如 "R05-2"、"GB/T 33358" 或 "house"'
        found.append(Problem(file, f"{key}.rule", wrong, right, wrong_zh, right_zh))
    found += [
        Problem(file, f"{key}.{name}", "is not a known key", form, "没有这个键", form_zh)
        for name in entry
        if name not in ("value", "rule")
    ]
    return found
