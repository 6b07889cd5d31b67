"""Wrong passwords of telephones are counted, and who guesses is banned; wrong PINs and bans reach the manager."""

from collections import Counter
from collections.abc import Collection
from datetime import timedelta

from models.instance import asterisk_console
from models.people import bans, pins
from models.people.bans import Ban, Guess, Rules
from models.states.health import FindingKind
from models.states.tickets import TaskKind
from scheduler import asterisk
from scheduler.asterisk_log import WrongPassword, wrong_passwords
from scheduler.manager_tasks import owe
from scheduler.scope import Scope

GUESSED = "passwords of telephones are guessed (hotline bans)"
PIN_LOCKED = "wrong PINs: *90 is locked at telephone"
SIP = "SIP"
ROWS_AT_MOST = 50
"""New rows at a look: addresses can be forged, and a flood of them must not fill the disk."""


def guessing(scope: Scope) -> int:
    """Counts what is new in Asterisk's log, and keeps the bans; returns how many are new. Raises StoreUnavailable."""
    log = scope.home.logs / "asterisk.log"
    found, end = wrong_passwords(log, scope.read_until.get(str(log), 0))
    if found and str(log) not in scope.read_until:
        # After a restart: what was noted before it is not noted twice.
        known = scope.store.read(bans.newest)
        found = [one for one in found if known is None or one.at > known]
    if found:
        scope.store.write(bans.note, _rows(found, scope.site.phones))
    scope.read_until[str(log)] = end
    new = _ban(scope)
    for ban in new:
        scope.report(ban.address, f"banned until {ban.ends_at:%F %T %Z}: {ban.tries} wrong passwords")
    _enforce(scope)
    return len(new)


def guessing_told(scope: Scope) -> int:
    """While bans last, and while a telephone is locked after wrong PINs, the manager has a task; returns how many are
    new. Raises StoreUnavailable."""
    now = scope.clock.now()
    banned = scope.store.read(bans.active, at=now)
    ends = {SIP: max(ban.ends_at for ban in banned)} if banned else {}
    told = owe(scope, FindingKind.GUESSING, TaskKind.GUESSING, GUESSED, ends)
    locked = scope.store.read(pins.locked, at=now)
    return told + owe(scope, FindingKind.PIN_LOCKED, TaskKind.PIN_LOCKED, PIN_LOCKED, locked)


def _rows(found: list[WrongPassword], ours: Collection[str]) -> list[Guess]:
    """One for each address and account."""
    latest = {(one.address, one.name if one.name in ours else ""): one.at for one in found}
    tries = Counter((one.address, one.name if one.name in ours else "") for one in found)
    worst = tries.most_common(ROWS_AT_MOST)
    return [Guess(address=address, account=name, tries=n, at=latest[address, name]) for (address, name), n in worst]


def _ban(scope: Scope) -> list[Ban]:
    """Who has had enough; nobody while Asterisk cannot say where our telephones are."""
    rules, now = _rules(scope), scope.clock.now()
    wanted = scope.store.read(bans.due, rules, at=now)
    if not wanted:
        return []
    try:
        spared = {*scope.site.trunk_addresses, *asterisk_console.whereabouts(scope.home)}
    except asterisk_console.NoConsole as error:
        scope.report("bans", str(error))
        return []
    strange = {address: tries for address, tries in wanted.items() if address not in spared}
    return scope.store.write(bans.begin, strange, rules, at=now) if strange else []


def _enforce(scope: Scope) -> None:
    """Asterisk has exactly the bans that there are, also after its restart; if it does not answer, the next look tries
    again."""
    now, spared = scope.clock.now(), set(scope.site.trunk_addresses)
    over = scope.store.read(bans.over, spared, at=now)
    if not over and not scope.store.read(bans.active, at=now):
        return
    try:
        began = asterisk.began(scope.home, scope.site)
        for ban in over:
            asterisk.admits(scope.home, scope.site, ban.address)
            scope.store.write(bans.held, ban.id, None)
        for ban in scope.store.read(bans.unheld, began, spared, at=now):
            asterisk.bars(scope.home, scope.site, ban.address)
            scope.store.write(bans.held, ban.id, began)
    except asterisk.NotAnswered as error:
        scope.report("bans", str(error))


def _rules(scope: Scope) -> Rules:
    policy = scope.policy.guessing
    return Rules(
        tries=policy.tries,
        account_tries=policy.account_tries,
        window=timedelta(minutes=policy.window_minutes),
        ban=timedelta(minutes=policy.ban_minutes),
        longest=timedelta(hours=policy.longest_hours),
        at_most=policy.at_most,
    )
