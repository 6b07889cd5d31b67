"""What is not well now: one answer for the wall, the page of health and `hotline status`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from models.health import canaries, findings, trunks
from models.health.parts import beating
from models.instance import serving
from models.instance.home import Home
from models.instance.instance import Instance
from models.language import Language
from models.states.health import FindingKind, TrunkState
from models.text.wording import word, words

_MOST = 50
_BEATING = ("ivr", "scheduler", "console")
_SETTLES = timedelta(seconds=20)
"""A program that has just been started or replaced needs this long for its first heartbeat."""


class HealthState(StrEnum):
    """The one answer to the question whether all is well."""

    WELL = "well"
    WARNINGS = "warnings"
    """Callers get through; somebody has to look at something."""
    FAULT = "fault"
    """Callers may not get through."""


@dataclass(frozen=True)
class Alarm:
    """One thing that somebody has to look at; `subject` is the name of what it is about. With `fault` callers may not
    get through."""

    zh: str
    en: str
    subject: str = ""
    since: datetime | None = None
    fault: bool = False

    def text(self, language: Language) -> str:
        return " ".join(filter(None, (self.zh if language == "zh" else self.en, self.subject)))


STORE_AWAY = Alarm("数据库连不上", "the database is out of reach", fault=True)


def raised(session: Session, instance: Instance, at: datetime) -> list[Alarm]:
    """Faults first."""
    found = [*_of_programs(instance.home, at), *_of_canary(session, instance, at), *_of_trunks(session, instance)]
    found += [_of(one.kind, one.subject, one.found_at) for one in findings.still_open(session, limit=_MOST)]
    return sorted(found, key=lambda alarm: not alarm.fault)


def state_of(alarms: Iterable[Alarm]) -> HealthState:
    faults = [alarm.fault for alarm in alarms]
    return HealthState.FAULT if any(faults) else HealthState.WARNINGS if faults else HealthState.WELL


def _of_programs(home: Home, at: datetime) -> Iterator[Alarm]:
    serve = serving.running(home)
    if serve is None:
        yield Alarm("服务未运行", "the service does not run", fault=True)
        return
    if not serve["ready"]:
        yield Alarm("服务正在启动", "the service is starting", fault=True)
    for name, child in serve["children"].items():
        since = datetime.fromisoformat(child["since"]) if child["since"] else None
        if child["state"] in ("starting", "up") and since and at - since < _SETTLES:
            continue
        why = child["state"] if child["state"] != "up" else ""
        if not why and name in _BEATING:
            part = beating(home, name, at)
            why, since = part.why, part.checked_at
        if why:
            zh, en = f"程序不正常：{words(why, 'zh')}", f"a program is not well: {words(why, 'en')}"
            yield Alarm(zh, en, name, since, fault=True)


def _of_canary(session: Session, instance: Instance, at: datetime) -> Iterator[Alarm]:
    last = next(iter(canaries.recent(session, limit=1)), None)
    if last is None:
        return
    if last.at < at - timedelta(minutes=2 * instance.policy.canary.every_minutes):
        zh, en = "拨测已停：电话可能打不进", "no test call for too long: callers may not get through"
        yield Alarm(zh, en, since=last.at, fault=True)
    elif not last.ok:
        step = f"canary-{last.step}"
        yield Alarm(f"拨测{word(step, 'zh')}", f"test call {word(step, 'en')}", since=last.at, fault=True)


def _of_trunks(session: Session, instance: Instance) -> Iterator[Alarm]:
    """Those that have been away for long are findings."""
    found = {one.subject for one in findings.open_of(session, [FindingKind.TRUNK_DOWN])}
    known = trunks.every(session)
    for trunk in instance.site.trunks:
        row = known.get(trunk.name)
        if row is not None and row.state is TrunkState.DOWN and trunk.name not in found:
            yield _of(FindingKind.TRUNK_DOWN, trunk.name, row.since)


def _of(kind: FindingKind, subject: str, since: datetime) -> Alarm:
    return Alarm(word(kind, "zh"), word(kind, "en"), subject, since)
