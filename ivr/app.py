"""The ARI application: every caller who arrives gets a conversation, and no conversation can harm another."""

import asyncio
import gc
import hashlib
import logging
import signal
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import uvloop

from ivr import refused
from ivr.ari.client import Ari, Arrival, Stream
from ivr.ari.errors import AriError, Disconnected
from ivr.ari.objects import CALLED, OVER, SORRY, Channel, ignoring_gone
from ivr.call import Call, CalledOff, CallEnded, Progress
from ivr.canary import ARGUMENT, CanaryCaller
from ivr.clicks import Clicks
from ivr.desk import Desk
from ivr.flows.registry import CONVERSATIONS
from ivr.house import Flow, House
from ivr.ledger import Ledger
from ivr.meter import Meter
from ivr.outbox import Outbox
from ivr.parties import Parties, Party
from ivr.pulse import pulse, ticks
from ivr.recovery import Recovery
from ivr.talk import follow, record
from models import enrolment
from models.calls import block_list, calls, monitoring
from models.clock import SystemClock
from models.database.store import StoreUnavailable
from models.instance import heartbeat
from models.instance.home import Home
from models.instance.instance import Instance
from models.instance.lock import held
from models.instance.log import WITH_TIME
from models.instance.log import begin as start_log
from models.instance.secrets import Secrets
from models.language import language_of
from models.site import Site
from models.states.calls import CallState, EndedBy
from models.tables import Call as CallRow
from models.tickets import call_backs, tickets
from recordings import prompts

log = logging.getLogger(__name__)

_STORE_THREADS = 4


class Reception:
    """Takes up callers: those who arrive, and those whose talk was going on when this process began."""

    def __init__(self, ari: Ari, house: House, tasks: asyncio.TaskGroup) -> None:
        self._ari = ari
        self._house = house
        self._tasks = tasks
        self.cut_off = asyncio.Event()
        """Set when a conversation was lost while its caller may still be there."""
        self.canary = CanaryCaller(ari, house)

    async def receive(self) -> None:
        async for arrival in self._ari.arrivals():
            self._tasks.create_task(self._apart(arrival.stream, self._receive, arrival))

    def adopt(self, row: calls.ActiveCall) -> None:
        """Follows a talk that is going on without us to its end."""
        legs = [talk.leg_channel for talk in row.talks]
        stream = self._ari.listen(row.call.channel_id, *legs, row.talks[0].bridge_id)
        self._tasks.create_task(self._apart(stream, self._go_on, row, stream))

    async def _apart(self, stream: Stream, work: Callable[..., Awaitable[None]], *given: object) -> None:
        """Whatever goes wrong before or after a conversation, no other one ends with it; recovery looks at what is
        left of this one."""
        with stream:
            try:
                await work(*given)
            except (AriError, StoreUnavailable) as error:
                log.warning("a call is left to recovery: %s", error)
            except Exception:
                log.exception("a call has failed outside its conversation; it is left to recovery")

    async def _receive(self, arrival: Arrival) -> None:
        """By the arguments with which the dialplan, or a command of ours, has sent it here."""
        match arrival.args:
            case ["line" | "resumed" as how, line]:
                await self._serve_caller(arrival, line, resumed=how == "resumed")
            case ["feature", code, number]:
                await self._serve_code(arrival, code, number)
            case [why, line, ceiling] if why == OVER:
                await self._refuse(arrival, line, ceiling)
            case [why, _] if why == ARGUMENT:
                await self.canary.receive(arrival)
            case [why] if why == CALLED:
                # An earlier process has called this number, and it answers now.
                await ignoring_gone(arrival.channel.leave_to(SORRY))
            case ["leg" | "prompter" | "ear"]:
                # Its call ended while it was on its way.
                await arrival.channel.hang_up()
            case unknown:
                words = "the channel %s is hung up: it came with the arguments %s, which our dialplan never gives"
                log.warning(words, arrival.channel.id, unknown)
                await arrival.channel.hang_up()

    async def _serve_caller(self, arrival: Arrival, line: str, *, resumed: bool) -> None:
        try:
            call = await self._take_up(arrival, line)
            flow = await self._flow(call, resumed)
        except Exception:
            log.exception("the caller on %s could not be taken up", arrival.channel.id)
            return await _to_fallback(arrival.channel)
        await self.drive(call, flow(call, self._house))

    async def _refuse(self, arrival: Arrival, line: str, ceiling: str) -> None:
        """A ceiling of [limits] is reached: a row says which one, and the caller hears the busy tone."""
        channel = arrival.event["channel"]
        facts = {"line": line, "caller_number": channel["caller"]["number"], "language": channel["language"]}
        try:
            at = self._house.now()
            await self._house.write(calls.turn_away, channel_id=channel["id"], reason=f"over-{ceiling}", at=at, **facts)
        except Exception:
            log.exception("a caller over the ceiling %s has no row", ceiling)
        await arrival.channel.hang_up("busy")

    async def _flow(self, call: Call, resumed: bool) -> Flow:
        conversations, house = self._house.conversations, self._house
        if call.phone not in house.site.phones and await house.read(block_list.is_blocked, call.number, at=house.now()):
            return conversations.blocked
        return conversations.resumed if resumed else conversations.lines[self._house.site.line(call.line).flow]

    async def _serve_code(self, arrival: Arrival, code: str, number: str) -> None:
        """A code was dialled at one of our telephones, which Asterisk has recognised by its password."""
        call = Call(
            self._ari,
            arrival.channel,
            arrival.stream,
            id=0,
            line=code,
            number=number,
            language=self._house.site.language,
            policy=self._house.policy,
        )
        try:
            await call.answer()
            # What follows a code of two digits is the flow's: *32 and the ticket, *56 and the room.
            if not await self._house.conversations.codes[code[:3]](call, self._house):
                await call.hang_up()
        except CallEnded:
            log.info("%s hung up after dialling %s", number, code)
        except Disconnected:
            log.warning("%s had dialled %s when the connection to Asterisk was lost", number, code)
        except Exception:
            log.exception("%s dialled %s, and it failed", number, code)
            with suppress(AriError):
                await call.hang_up()

    async def _take_up(self, arrival: Arrival, line: str) -> Call:
        channel = arrival.event["channel"]
        mode = self._house.policy.answer.mode
        number, language = channel["caller"]["number"], channel["language"]
        row, known = await self._house.write(
            calls.take_up,
            channel_id=channel["id"],
            line=line,
            number=number,
            language=language,
            mode=mode,
            at=self._house.now(),
        )
        call = self._call(row, arrival.stream)
        call.language = language_of(language)
        call.phone = _phone(channel["name"])
        call.progress.answered, call.progress.over = channel["state"] == "Up", row.state is CallState.ENDED
        call.ticket = await self._house.read(tickets.row, row.ticket_id) if row.ticket_id else None
        if known is not None:
            call.owner, call.unit = known.owner, known.unit
        return call

    async def _go_on(self, row: calls.ActiveCall, stream: Stream) -> None:
        call = self._call(row.call, stream)
        call.progress.answered = call.progress.greeted = call.progress.notified = call.progress.talked = True
        call.ticket = await self._house.read(tickets.row, row.call.ticket_id) if row.call.ticket_id else None
        living = {channel["id"] for channel in await self._ari.channels()}
        for gone in {call.channel.id, *(talk.leg_channel for talk in row.talks)} - living:
            stream.put({"type": "ChannelDestroyed", "channel": {"id": gone}})
        await self.drive(call, self._follow_again(call, row))

    async def _follow_again(self, call: Call, row: calls.ActiveCall) -> None:
        legs = [(talk.staff_number or "", self._ari.channel(talk.leg_channel), talk.id) for talk in row.talks]
        bridge = self._ari.bridge(row.talks[0].bridge_id)
        parties = Parties(call, bridge, self._house, [Party(*leg) for leg in legs])
        # The one before us may have died between joining the two and recording them.
        await record(call, bridge)
        await self._house.conversations.rejoin(parties, row.transfer, self._house)
        lasts_s = (self._house.now() - min(talk.started_at for talk in row.talks)).total_seconds()
        if not await follow(parties, self._house, lasts_s):
            await self._house.conversations.resumed(call, self._house)

    def _call(self, row: CallRow, stream: Stream) -> Call:
        return Call(
            self._ari,
            self._ari.channel(row.channel_id),
            stream,
            id=row.id,
            line=row.line,
            number=row.caller_number or "",
            language=language_of(row.language),
            policy=self._house.policy,
            progress=Progress(
                path=row.menu_path.split(calls.STEP) if row.menu_path else [], outgoing=row.mode in calls.OUTGOING
            ),
        )

    async def drive(self, call: Call, conversation: Awaitable[None]) -> None:
        """Takes a conversation to its end. Whatever goes wrong in it, the caller is not left in silence, and no other
        caller notices."""
        try:
            await conversation
            await self._write_end(call, EndedBy.AGENT if call.progress.talked else EndedBy.SYSTEM, "completed")
            if call.progress.talked and not call.progress.outgoing:
                await self._house.conversations.after_talk(call, self._house)
            if not call.progress.outgoing:
                await call.play("goodbye")
            await call.hang_up()
        except CallEnded as gone:
            by, how = (EndedBy.NETWORK, "cut off") if gone.cut_off else (EndedBy.CALLER, "hung up")
            await self._write_end(call, by, f"{how} while {call.progress.doing}")
            await self._house.conversations.write_up(call, self._house)
        except CalledOff:
            log.info("call %s to %s was called off while %s", call.id, call.number, call.progress.doing)
            await call.hang_up()
            await self._write_end(call, EndedBy.SYSTEM, "called off")
        except Disconnected:
            doing = call.progress.doing
            log.warning("call %s: connection to Asterisk lost while %s; recovery takes it from here", call.id, doing)
            self.cut_off.set()
        except Exception as error:
            log.exception("call %s failed while %s", call.id, call.progress.doing)
            await _to_fallback(call.channel)
            await self._write_end(call, EndedBy.SYSTEM, f"failed while {call.progress.doing}: {error}")

    async def _write_end(self, call: Call, by: EndedBy, reason: str) -> None:
        """What the store cannot take now is written by recovery, which finds the channel gone."""
        house = self._house
        try:
            await house.write(
                call_backs.end_call,
                call.id,
                by=by,
                reason=reason,
                owed=_is_owed_a_call(call, cut_off=by is EndedBy.NETWORK),
                site=house.site,
                policy=house.policy,
                at=house.now(),
                **call.learnt(),
            )
        except Exception:
            log.exception("the end of call %s (%s) could not be written", call.id, reason)


def _is_owed_a_call(call: Call, *, cut_off: bool) -> bool:
    """Whether the caller left without having been served, or was cut off from a talk (R17-1). One who has chosen
    nothing yet has wanted nothing, unless it was lost with us: docs/decisions/0008-who-is-owed-a-call-back.md."""
    if call.progress.outgoing:
        # We have called: what is owed is a task already.
        return False
    if call.progress.talked:
        return call.progress.on_hold or cut_off
    return (call.ticket is not None or call.progress.interrupted) and not call.progress.served


def _phone(channel: str) -> str | None:
    """Whose channel it is, by its name: PJSIP/1101-0000002a."""
    kind, _, name = channel.partition("/")
    return name.rpartition("-")[0] if kind == "PJSIP" else None


async def _to_fallback(channel: Channel) -> None:
    """The dialplan takes a message from a caller that we cannot serve."""
    try:
        await ignoring_gone(channel.leave_to("fallback"))
    except AriError:
        log.exception("the caller on %s could not even be sent to the fallback", channel.id)


def house_of(home: Home, ari: Ari, threads: ThreadPoolExecutor) -> House:
    """What conversations need, from the files and the database of this home."""
    instance = Instance.load(home)
    site, policy, store = instance.site, instance.policy, instance.open_store()
    store.write(enrolment.enrol, site)
    pins = Secrets.load_or_create(home, site, pins_for=monitoring.listeners(site, policy)).pins
    ledger = Ledger(store, SystemClock(), threads)
    return House(
        home, site, policy, ledger, Desk(ari, ledger, site, policy), prompts.greeting(site), pins, CONVERSATIONS
    )


def _spare_the_lasting() -> None:
    """Objects loaded by now stay, and those of a call die with their last reference: the garbage collector skips the
    first and seldom looks at the others. Otherwise it costs every call a tenth of its CPU time, and a full collection
    holds all callers up."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


async def serve(home: Home) -> None:
    """Until SIGTERM: callers who are in a talk go on talking, the others are taken up again by the next process."""
    site = Site.load(home.site_file)
    password = Secrets.load_or_create(home, site).ari_password
    ari = Ari(f"http://127.0.0.1:{site.http.port}/ari", site.node, "hotline", password, signature=_signature(home))
    with ThreadPoolExecutor(_STORE_THREADS, thread_name_prefix="ledger") as threads:
        house = house_of(home, ari, threads)
        _spare_the_lasting()
        async with asyncio.TaskGroup() as tasks:
            reception = Reception(ari, house, tasks)
            recovery = Recovery(ari, house, reception.adopt, reception.cut_off)
            tasks.create_task(ari.run())
            tasks.create_task(recovery.forever())
            tasks.create_task(reception.receive())
            tasks.create_task(reception.canary.forever())
            tasks.create_task(refused.listen(house, tasks))
            tasks.create_task(ticks(home))
            tasks.create_task(pulse(ari, home, SystemClock()))
            tasks.create_task(Meter(ari, house).forever())
            tasks.create_task(Outbox(ari, house, reception.drive, tasks, recovery.compared).forever())
            tasks.create_task(Clicks(ari, house, reception.drive, tasks, recovery.compared).forever())


def _signature(home: Home) -> str:
    """One process serves a home, so another sign of life for this home is that of a dead process."""
    return hashlib.sha256(f"{socket.gethostname()}:{home.path.resolve()}".encode()).hexdigest()[:12]


def run(home: Home) -> None:
    """The process `hotline ivr`. Returns on SIGTERM or Ctrl-C. Raises Taken when another one serves this home."""

    async def until_stopped() -> None:
        work = asyncio.create_task(serve(home))
        for stop in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(stop, work.cancel)
        try:
            await work
        except asyncio.CancelledError:
            log.info("stopped")

    start_log(WITH_TIME)
    with held(home.run / "ivr.lock", _already(home)):
        uvloop.run(until_stopped())
        heartbeat.forget(home, "ivr")


def _already(home: Home) -> str:
    """With a place for the process id."""
    return (
        f"通话应用已由进程 {{pid}} 运行（目录 {home.path}；hotline serve 会自行启动它）。"
        f"请先停止它，或用 --home 指定另一目录。\n"
        f"  the conversations of this home are served already, by process {{pid}} (home {home.path}).\n"
        f"  `hotline serve` runs them itself: stop that one first, or take another --home DIR."
    )
