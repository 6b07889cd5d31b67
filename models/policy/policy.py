"""The policy in force: the whole file, loaded and checked, with the source of every value."""

import hashlib
import re
from pathlib import Path
from typing import Any

from pydantic import Field, PrivateAttr

from models.errors import ConfigError, Problem
from models.policy.answering import AnswerPolicy, Menu, MessagePolicy, Queue, Urgent
from models.policy.appointments import AppointmentsPolicy
from models.policy.clocks import (
    GENERAL_MANAGER,
    CalendarRules,
    Classes,
    ClockRule,
    Profile,
    Tickets,
    class_clocks,
    class_name,
    contradictions,
)
from models.policy.console import ConsolePolicy
from models.policy.escalation import EscalationPolicy
from models.policy.follow_up import FollowUp
from models.policy.gate import Gate
from models.policy.general_manager import GeneralManager
from models.policy.guessing import Guessing
from models.policy.limits import Limits
from models.policy.notify import NotifyPolicy
from models.policy.outgoing import CallBack, CallPolicy, ClicksPolicy, Outgoing, Tasks
from models.policy.quality import QualityPolicy
from models.policy.reports import ReportsPolicy
from models.policy.roster import HandoverPolicy, Roster
from models.policy.tickets import FirstAsked, Promises
from models.policy.transfers import MonitoringPolicy, Transfers
from models.policy.upkeep import (
    Backup,
    CanaryPolicy,
    CertificatePolicy,
    Holidays,
    RecordingPolicy,
    RecoveryPolicy,
    TrunksPolicy,
)
from models.policy.wakeups import WakeupPolicy
from models.policy.webhooks import Api, Webhooks
from models.settings import Strict, read_toml, shown, validated
from models.site import Site
from models.states.tickets import Severity, TicketKind
from models.time.calendar import WALL, Calendars, Wall
from models.time.days import Days

# How many rules each regulation R01 to R21 has (docs/regulations.md): a rule id beyond them is a mistake.
RULES = (7, 3, 7, 3, 9, 5, 9, 11, 7, 5, 4, 1, 8, 3, 8, 4, 6, 2, 2, 5, 13)


def is_source(text: object) -> bool:
    """Whether this is a known form of source: a rule id, "house", GB/T and number, or TS and number."""
    if not isinstance(text, str):
        return False
    rule = re.fullmatch(r"R([0-9]{2})-([1-9][0-9]?)", text)
    if rule:
        regulation, number = int(rule[1]), int(rule[2])
        return 1 <= regulation <= len(RULES) and number <= RULES[regulation - 1]
    return text == "house" or re.fullmatch(r"GB/T [0-9]{3,6}|TS ?[0-9][0-9. ]*", text) is not None


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
    gate: Gate = Field(description="a [gate] section|[gate] 一节")
    limits: Limits = Field(description="a [limits] section|[limits] 一节")
    certificate: CertificatePolicy = Field(description="a [certificate] section|[certificate] 一节")
    guessing: Guessing = Field(description="a [guessing] section|[guessing] 一节")
    outgoing: Outgoing = Field(description="an [outgoing] section|[outgoing] 一节")
    clicks: ClicksPolicy = Field(description="a [clicks] section|[clicks] 一节")
    escalation: EscalationPolicy = Field(description="an [escalation] section|[escalation] 一节")
    notify: NotifyPolicy = Field(description="a [notify] section|[notify] 一节")
    appointments: AppointmentsPolicy = Field(description="an [appointments] section|[appointments] 一节")
    follow_up: FollowUp = Field(description="a [follow_up] section|[follow_up] 一节")
    call: CallPolicy = Field(description="a [call] section|[call] 一节")
    canary: CanaryPolicy = Field(description="a [canary] section|[canary] 一节")
    trunks: TrunksPolicy = Field(description="a [trunks] section|[trunks] 一节")
    backup: Backup = Field(description="a [backup] section|[backup] 一节")
    recovery: RecoveryPolicy = Field(description="a [recovery] section|[recovery] 一节")
    roster: Roster = Field(description="a [roster] section|[roster] 一节")
    handover: HandoverPolicy = Field(description="a [handover] section|[handover] 一节")
    quality: QualityPolicy = Field(description="a [quality] section|[quality] 一节")
    reports: ReportsPolicy = Field(description="a [reports] section|[reports] 一节")
    api: Api = Field(description="an [api] section|[api] 一节")
    console: ConsolePolicy = Field(description="a [console] section|[console] 一节")
    webhooks: Webhooks = Field(description="a [webhooks] section|[webhooks] 一节")
    wake_up: WakeupPolicy = Field(description="a [wake_up] section|[wake_up] 一节")

    _version: str = PrivateAttr(default="")
    _sources: dict[str, str] = PrivateAttr(default_factory=dict)
    _clocks: dict[str, tuple[ClockRule, ...]] = PrivateAttr(default_factory=dict)
    _calendars: Calendars | None = PrivateAttr(default=None)

    @classmethod
    def load(cls, path: Path, site: Site | None = None) -> "Policy":
        """Reads and checks the file; its calendars use the days of this site. Raises ConfigError with every problem at
        once."""
        tables = read_toml(path)
        values, sources, problems = _without_sources(tables, path)
        policy, more = validated(cls, values, path)
        reported = {problem.key for problem in problems}
        problems += [problem for problem in more if problem.key not in reported]
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
        """The first 12 hex digits of the file's SHA-256; a ticket stores it with its deadlines."""
        return self._version

    def source(self, key: str) -> str:
        """The rule a value comes from: source("answer.rings") is "R05-2". Raises KeyError for an unknown value."""
        return self._sources[key]

    @property
    def calendars(self) -> Calendars:
        """By name: "wall", "general-manager", and those of [calendars]. Only for a policy loaded with a site."""
        assert self._calendars is not None, "calendars use the days of a site: Policy.load(path, site)"
        return self._calendars

    def clocks(self, kind: TicketKind, severity: Severity) -> tuple[ClockRule, ...]:
        """The clocks of such a ticket, in the order of its steps."""
        return self._clocks[class_name(kind, severity)]

    def ring_seconds(self, rings: int) -> float:
        """How long this many rings last, from the moment the phone reports ringing."""
        return rings * (self.answer.ring_tone_s + self.answer.ring_pause_s)

    def _made(self, days: Days) -> Calendars:
        named = {name: rules.calendar(name, days) for name, rules in self.calendar_rules.items()}
        return {WALL: Wall(days), GENERAL_MANAGER: self.general_manager.calendar(days), **named}

    def _contradictions(self, file: Path) -> list[Problem]:
        return contradictions(self.tickets, self.calendar_rules, self.classes, self.profiles, file)


def version_of(path: Path) -> str:
    """The version of the policy in this file, even if the file has mistakes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _without_sources(tables: dict[str, Any], file: Path) -> tuple[dict[str, Any], dict[str, str], list[Problem]]:
    """The plain values, their sources by key, and the entries that are not of the form { value, rule }."""
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
