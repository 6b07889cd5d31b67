"""Who guesses passwords is banned, each time for longer; telephones of ours and trunks never are."""

import inspect
import re
from configparser import RawConfigParser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from models.database.store import Store
from models.health import findings
from models.instance import asterisk_console
from models.instance.home import PROJECT_ROOT
from models.people import access_log, bans, pins
from models.people.bans import Ban, Guess, Rules
from models.states.health import FindingKind
from models.states.tickets import TaskKind, TaskState
from models.tables import Task
from scheduler import asterisk
from scheduler.asterisk_log import wrong_passwords
from scheduler.scans.guessing import guessing, guessing_told
from scheduler.scans.retention import retention
from scheduler.scope import Scope
from tests.store.history import grow
from tests.store.what_it_reads import Statements, plans, read_whole

pytestmark = pytest.mark.store

HOUR = timedelta(hours=1)
RULES = Rules(tries=10, account_tries=30, window=HOUR, ban=HOUR, longest=timedelta(days=7), at_most=500)
STRANGER = "203.0.113.9"


def guess(store: Store, at: datetime, address: str = STRANGER, tries: int = 1, account: str = "") -> None:
    store.write(bans.note, [Guess(address=address, account=account, tries=tries, at=at)])


def judge(store: Store, at: datetime, rules: Rules = RULES) -> list[Ban]:
    wanted = store.read(bans.due, rules, at=at)
    return list(store.write(bans.begin, wanted, rules, at=at))


def test_ten_wrong_passwords_within_the_hour_ban_an_address_for_an_hour(store: Store, noon: datetime) -> None:
    guess(store, noon - timedelta(minutes=61), tries=5)
    guess(store, noon, tries=9)
    assert judge(store, noon) == []
    guess(store, noon)
    (ban,) = judge(store, noon)
    assert (ban.address, ban.tries, ban.ends_at) == (STRANGER, 10, noon + HOUR)
    assert judge(store, noon) == []
    assert [one.address for one in store.read(bans.active, at=noon)] == [STRANGER]
    assert store.read(bans.active, at=noon + HOUR) == []


def test_each_ban_of_an_address_is_twice_as_long_up_to_a_limit(store: Store, noon: datetime) -> None:
    lengths, at = [], noon
    for _ in range(10):
        guess(store, at, tries=10)
        (ban,) = judge(store, at)
        lengths.append((ban.ends_at - ban.began_at) / HOUR)
        at = ban.ends_at + timedelta(minutes=1)
    assert lengths == [1, 2, 4, 8, 16, 32, 64, 128, 168, 168]


def test_many_addresses_that_guess_one_account_are_banned_at_their_first_try(store: Store, noon: datetime) -> None:
    for number in range(29):
        guess(store, noon, f"203.0.113.{number}", account="7001")
    guess(store, noon, "198.51.100.1", account="7002")
    assert judge(store, noon) == []
    guess(store, noon, "203.0.113.29", account="7001")
    assert {ban.address for ban in judge(store, noon)} == {f"203.0.113.{number}" for number in range(30)}
    guess(store, noon, "198.51.100.2", account="7001")
    assert [ban.address for ban in judge(store, noon)] == ["198.51.100.2"]


def test_a_lifted_ban_is_logged_and_what_was_guessed_before_it_is_forgiven(store: Store, noon: datetime) -> None:
    guess(store, noon, tries=10)
    judge(store, noon)
    soon = noon + timedelta(minutes=1)
    assert store.write(bans.lift, STRANGER, by="7050", at=soon)
    assert not store.write(bans.lift, STRANGER, by="7050", at=soon)
    (entry,) = store.read(access_log.newest, limit=9)
    assert (entry.who, entry.what, entry.subject) == ("7050", "ban-lifted", STRANGER)
    assert judge(store, soon) == []
    guess(store, soon + timedelta(seconds=1), tries=9)
    assert judge(store, soon + timedelta(seconds=2)) == []


def test_there_are_never_more_bans_than_the_policy_allows(store: Store, noon: datetime) -> None:
    for number in range(5):
        guess(store, noon, f"203.0.113.{number}", tries=10)
    rules = Rules(10, 30, HOUR, HOUR, HOUR, at_most=3)
    assert len(judge(store, noon, rules)) == 3
    assert judge(store, noon, rules) == []


class Asterisk:
    """Holds bans as Asterisk does: until it is told otherwise, or restarted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.barred: set[str] = set()
        self.start, self.answers = datetime(2026, 3, 2, tzinfo=UTC), True
        self.contacts: set[str] | None = set()
        for name in ("began", "bars", "admits"):
            monkeypatch.setattr(asterisk, name, getattr(self, name))
        monkeypatch.setattr(asterisk_console, "whereabouts", self.whereabouts)

    def whereabouts(self, home: Any) -> set[str]:
        if self.contacts is None:
            raise asterisk_console.NoConsole("Asterisk does not answer")
        return self.contacts

    def restarts(self) -> None:
        self.barred.clear()
        self.start += HOUR

    def began(self, *_: Any) -> datetime:
        if not self.answers:
            raise asterisk.NotAnswered("Asterisk does not answer")
        return self.start

    def bars(self, home: Any, site: Any, address: str) -> None:
        self.barred.add(address)

    def admits(self, home: Any, site: Any, address: str) -> None:
        self.barred.discard(address)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Asterisk:
    return Asterisk(monkeypatch)


def fails(scope: Scope, address: str = STRANGER, times: int = 10, name: str = "7001") -> None:
    """As Asterisk writes it."""
    scope.home.logs.mkdir(parents=True, exist_ok=True)
    at = f"{scope.clock.now():%Y-%m-%d %H:%M:%S}.246 +0000"
    with (scope.home.logs / "asterisk.log").open("a", encoding="utf-8") as log:
        for number in range(times):
            log.write(line(at, f'"x" <sip:{name}@127.0.0.1>', address, f"c{number}"))


def line(at: str, who: str, address: str, call_id: str, why: str = "Failed to authenticate") -> str:
    where = "NOTICE[15363]: res_pjsip/pjsip_distributor.c:688 log_failed_request:"
    return f"[{at}] {where} Request 'REGISTER' from '{who}' failed for '{address}:46998' (callid: {call_id}) - {why}\n"


def passes(scope: Scope, time: timedelta) -> None:
    scope.clock.moment += time  # type: ignore[attr-defined]


def test_the_log_becomes_rows_a_ban_and_one_task_and_all_of_it_ends(scope: Scope, engine: Asterisk) -> None:
    fails(scope, times=9)
    assert (guessing(scope), engine.barred) == (0, set())
    fails(scope, times=1, name="nobody")
    assert (guessing(scope), guessing(scope)) == (1, 0)
    assert engine.barred == {STRANGER}
    rows = scope.store.read(lambda session: list(session.scalars(select(Guess).order_by(Guess.id))))
    assert [(row.address, row.account, row.tries) for row in rows] == [(STRANGER, "7001", 9), (STRANGER, "", 1)]
    assert (guessing_told(scope), guessing_told(scope)) == (1, 0)
    assert [(one.kind, one.subject) for one in scope.store.read(findings.still_open, limit=9)] == [
        (FindingKind.GUESSING, "SIP")
    ]
    passes(scope, HOUR)
    guessing(scope)
    guessing_told(scope)
    assert engine.barred == set()
    (task,) = scope.store.read(lambda session: list(session.scalars(select(Task))))
    assert (task.kind, task.owner_group, task.state) == (TaskKind.GUESSING, "management", TaskState.CLOSED)
    assert scope.store.read(findings.still_open, limit=9) == []


def test_an_asterisk_that_starts_again_or_did_not_answer_gets_the_bans(scope: Scope, engine: Asterisk) -> None:
    fails(scope)
    engine.answers = False
    assert (guessing(scope), engine.barred) == (1, set())
    engine.answers = True
    guessing(scope)
    assert engine.barred == {STRANGER}
    engine.restarts()
    guessing(scope)
    assert engine.barred == {STRANGER}
    passes(scope, timedelta(minutes=1))
    scope.store.write(bans.lift, STRANGER, by="test", at=scope.clock.now())
    guessing(scope)
    assert engine.barred == set()


def test_trunks_and_the_addresses_of_registered_telephones_are_never_banned(scope: Scope, engine: Asterisk) -> None:
    engine.contacts = {"192.168.1.20"}
    fails(scope, "192.168.1.20", 50)
    fails(scope, scope.site.trunk_addresses[0], 50)
    assert (guessing(scope), engine.barred) == (0, set())


def test_while_asterisk_cannot_say_where_our_telephones_are_nobody_is_banned(scope: Scope, engine: Asterisk) -> None:
    fails(scope)
    engine.contacts = None
    assert guessing(scope) == 0
    engine.contacts = set()
    assert guessing(scope) == 1


def test_a_scheduler_that_starts_again_counts_nothing_twice(scope: Scope, engine: Asterisk) -> None:
    fails(scope, times=9)
    guessing(scope)
    scope.read_until.clear()
    assert guessing(scope) == 0
    assert scope.store.read(lambda session: len(list(session.scalars(select(Guess))))) == 1


def test_what_is_old_is_deleted(scope: Scope, engine: Asterisk) -> None:
    fails(scope)
    guessing(scope)
    passes(scope, timedelta(days=scope.policy.guessing.keep_days + 1))
    guessing(scope)
    retention(scope)
    assert scope.store.read(lambda session: [*session.scalars(select(Guess)), *session.scalars(select(Ban))]) == []


AT = "2026-11-30 03:26:09.192 +0000"
FORGED = "x' failed for '192.0.2.1:5060' (callid: 1) - Failed to authenticate"


@pytest.mark.parametrize("who", ["<sip:7001@127.0.0.1>", f'"{FORGED}" <sip:7001@127.0.0.1>', f"<sip:{FORGED}@x>"])
@pytest.mark.parametrize("call_id", ["1", "", "'x", "1)-Failed", "'failed-for'192.0.2.1:5060'"])
def test_nobody_puts_another_address_into_the_log(tmp_path: Path, who: str, call_id: str) -> None:
    """Neither for us nor for fail2ban."""
    log = tmp_path / "asterisk.log"
    log.write_text(line(AT, who, STRANGER, call_id), encoding="utf-8")
    assert [one.address for one in wrong_passwords(log, 0)[0]] == [STRANGER]
    assert banned_by_fail2ban(log.read_text(encoding="utf-8")) == [STRANGER]


def test_only_a_wrong_password_counts_and_half_a_line_is_read_when_it_is_whole(tmp_path: Path) -> None:
    log = tmp_path / "asterisk.log"
    other = line(AT, "<sip:7001@x>", STRANGER, "1", "No matching endpoint found")
    whole = line(AT, "<sip:7001@x>", STRANGER, "2")
    log.write_text(other + whole[:-9], encoding="utf-8")
    found, end = wrong_passwords(log, 0)
    assert (found, end) == ([], len(other))
    assert banned_by_fail2ban(other) == []
    with log.open("a", encoding="utf-8") as file:
        file.write(whole[-9:])
    ((at, address, name),), end = wrong_passwords(log, end)
    assert (at, address, name) == (datetime(2026, 11, 30, 3, 26, 9, 192000, UTC), STRANGER, "7001")
    log.write_text(whole, encoding="utf-8")
    assert len(wrong_passwords(log, end)[0]) == 1, "the log was cut, and has grown again"


def banned_by_fail2ban(text: str) -> list[str]:
    """What the delivered filter finds; fail2ban takes the time off the line before it looks."""
    filter_file = RawConfigParser()
    filter_file.read(PROJECT_ROOT / "asterisk-conf/fail2ban/hotline.conf", encoding="utf-8")
    wanted = filter_file["Definition"]["failregex"].replace("<HOST>", r"(?P<host>[\w.:]+)")
    lines = (re.sub(r"^\[[^\]]+\]", "", one) for one in text.splitlines())
    return [found["host"] for found in (re.search(wanted, one) for one in lines) if found]


HISTORY = {
    "guesses": "id, address, account, tries, at :: i, '198.51.' || i, '7001', 1, AT",
    "bans": "id, address, tries, began_at, ends_at :: i, '198.51.' || i, 10, AT, AT",
}
FEW, MANY = 100, 20_000


class Siege:
    """What a look at bans and PINs reads and writes; remembers the functions used."""

    def __init__(self, store: Store, now: datetime) -> None:
        self.store, self.now = store, now
        self.used: set[Any] = set()

    def read(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        self.used.add(fn)
        return self.store.read(fn, *args, **kwargs)

    def write(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        self.used.add(fn)
        return self.store.write(fn, *args, **kwargs)

    def pass_by(self) -> None:
        now = self.now
        self.write(bans.note, [Guess(address=STRANGER, account="7001", tries=30, at=now)])
        assert self.read(bans.newest) == now
        wanted = self.read(bans.due, RULES, at=now)
        (ban,) = self.write(bans.begin, wanted, RULES, at=now)
        assert [one.id for one in self.read(bans.active, at=now)] == [ban.id]
        assert [one.id for one in self.read(bans.unheld, now, (), at=now)] == [ban.id]
        self.write(bans.held, ban.id, now)
        self.write(bans.lift, STRANGER, by="test", at=now)
        assert [one.id for one in self.read(bans.over, (), at=now)] == [ban.id]
        self.write(bans.held, ban.id, None)
        self.write(bans.forget, before=datetime(2020, 1, 1, tzinfo=UTC))
        self.write(pins.wrong, "7050", tries=1, lock=HOUR, at=now)
        assert self.read(pins.locked_until, "7050", at=now) == now + HOUR
        assert len(self.read(pins.locked, at=now)) == 1
        self.write(pins.right, "7050")


@pytest.fixture
def siege(store: Store, noon: datetime) -> Siege:
    grow(store, 1, FEW, HISTORY)
    return Siege(store, noon)


def test_every_statement_finds_its_rows_by_an_index(store: Store, siege: Siege) -> None:
    grow(store, FEW, MANY, HISTORY)
    with Statements(store) as sent:
        siege.pass_by()
    assert len(sent.statements) > 15
    assert [(said, plan) for said, plan in plans(store, sent) if read_whole(store, said, plan, HISTORY)] == []


def test_every_function_of_bans_and_pins_is_used_in_the_siege(siege: Siege) -> None:
    siege.pass_by()
    asking = {
        function
        for module in (bans, pins)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
    assert asking == siege.used
