"""One private hotline on real Asterisk, with the dialplan IVR beside it; both are called in the same way."""

import base64
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.instance.secrets import Secrets
from models.states.calls import CallState
from models.tables import Call, Ticket
from phones.instance import LiveHotline
from phones.written import channels, wait_nothing_left
from tests.bench.load import Load, LoadCalls, Manner
from tests.bench.numbers import percentile
from tests.bench.probe import ProbeResult, Prompts, probe
from tests.bench.usage import Usage, usage

ADDRESS = "127.0.0.3"
"""For this Asterisk alone, so that it has ports for thousands of calls beside other programs of this machine."""
_RTP = (20000, 29999)
_DIALPLAN = Path(__file__).with_name("dialplan-ivr.conf")
_QUIET_WITHIN_S = 60.0
QUICK = Manner(first=(1.0, 1.0), second=1.0, leave=1.2)
"""Through the menu as fast as a caller who knows it."""
_QUICK_CUT_S = 3
"""Later than the second key of QUICK, earlier than its end: the dialplan's proof that both keys came."""
LISTENING = Manner(first=(9.0, 17.0), second=1.5, leave=1.0)
"""Hears the whole menu."""
_NO_CUT_S = 120
HELD = 200
ANSWER_LIMIT_MS = 500.0
_PROBERS = 10


@dataclass(frozen=True)
class BenchSide:
    name: str
    quick: str
    """The number that QUICK callers dial."""
    patient: str
    writes: bool


DIALPLAN = BenchSide("dialplan", f"9{_QUICK_CUT_S:03}", f"9{_NO_CUT_S:03}", writes=False)
HOTLINE = BenchSide("hotline", "8000", "8000", writes=True)
SIDES = (DIALPLAN, HOTLINE)


@dataclass(frozen=True)
class Trial:
    """One load on one side, until Asterisk was empty and every call's row was closed."""

    side: BenchSide
    calls: LoadCalls
    unwritten: int
    """Calls that went through but whose ticket or end is not in the store."""
    empty: bool
    usage: Usage

    @property
    def whole(self) -> bool:
        """No call was refused, dropped, unsaved or repeated."""
        calls = self.calls
        nothing_lost = calls.failed == 0 and calls.retransmissions == 0 and calls.good == calls.made > 0
        return nothing_lost and self.unwritten == 0 and self.empty

    @property
    def carried(self) -> bool:
        """`whole`, and 99 of 100 were answered within half a second."""
        return self.whole and percentile(self.calls.answer_ms, 99) < ANSWER_LIMIT_MS

    def cpu_ms(self, process: str) -> float:
        """Milliseconds of CPU a call, of one process."""
        return 1000 * self.usage.seconds.get(process, 0.0) / max(1, self.calls.made)

    def __str__(self) -> str:
        calls = self.calls
        wrong = {
            "failed": calls.failed,
            "retransmitted": calls.retransmissions,
            "without rows": self.unwritten,
            "left in Asterisk": int(not self.empty),
        }
        found = ", ".join(f"{count} {what}" for what, count in wrong.items() if count) or "all good"
        p99 = percentile(calls.answer_ms, 99)
        return f"{self.side.name:9} {calls.rate:6.1f}/s  {calls.made:5} calls: {found}; answered p99 {p99:.0f} ms"


@dataclass(frozen=True)
class HeldCalls:
    """The probers' results while this many others were in the menu."""

    side: BenchSide
    present: int
    heard: ProbeResult
    trial: Trial


class BenchWorld:
    def __init__(self, hotline: LiveHotline, folder: Path) -> None:
        self.hotline = hotline
        self._target = (ADDRESS, hotline.ports.sip)
        spare = hotline.ports.spare
        self._load = Load(folder, f"{ADDRESS}:{hotline.ports.sip}", spare[0], spare[10])
        self._prompts = Prompts(hotline.home.sounds / "zh" / "hotline")

    @classmethod
    @contextmanager
    def running(cls, folder: Path, *, agents: Iterable[str] = ()) -> Iterator["BenchWorld"]:
        # The programs' account enters it.
        folder.chmod(0o755)
        site = {"sip.address": ADDRESS, "rtp.first": _RTP[0], "rtp.last": _RTP[1]}
        with LiveHotline.running(folder / "home", site=site, agents=agents) as hotline:
            _add_dialplan(hotline)
            yield cls(hotline, folder / "load")

    def trial(self, side: BenchSide, rate: float, seconds: float) -> Trial:
        """QUICK callers at `rate` a second for `seconds`."""
        before, written = usage(self.hotline), self._written()
        calls = self._load.run(side.quick, rate, max(1, round(rate * seconds)), QUICK)
        return self._judged(side, calls, before, written)

    def held(self, side: BenchSide, seconds: float) -> HeldCalls:
        """HELD callers in the menu, coming and going, and probers among them for `seconds`."""
        before, written = usage(self.hotline), self._written()
        rate = HELD / LISTENING.length_s
        enough = round(rate * (LISTENING.length_s + seconds + 60))
        running = self._load.start(side.patient, rate, enough, LISTENING)
        try:
            time.sleep(LISTENING.first[1] + LISTENING.second + LISTENING.leave)
            present = [len(channels(self.hotline))]
            heard = probe(self._target, side.patient, self._prompts, callers=_PROBERS, seconds=seconds)
            present.append(len(channels(self.hotline)))
            running.enough()
            calls = running.finish(LISTENING.first[1] * 2)
        finally:
            running.stop()
        written += heard.calls
        return HeldCalls(side, min(present), heard, self._judged(side, calls, before, written))

    def _judged(self, side: BenchSide, calls: LoadCalls, before: Usage, written: int) -> Trial:
        try:
            wait_nothing_left(self.hotline, _QUIET_WITHIN_S)
            empty = True
        except RuntimeError:
            empty = False
        unwritten = max(0, calls.good - (self._written() - written)) if side.writes else 0
        return Trial(side, calls, unwritten, empty, usage(self.hotline).since(before))

    def _written(self) -> int:
        """Calls in the store that have ended and have their ticket."""

        def count(session: Session) -> int:
            whole = select(func.count()).select_from(Call).join(Ticket, Ticket.call_id == Call.id)
            return session.scalar(whole.where(Call.state == CallState.ENDED)) or 0

        return self.hotline.store.read(count)


def _add_dialplan(hotline: LiveHotline) -> None:
    """Adds the bench's IVR to this instance's rendered dialplan; the next start renders it away again."""
    etc = hotline.home.asterisk / "etc"
    extra = etc / _DIALPLAN.name
    extra.write_bytes(_DIALPLAN.read_bytes())
    extra.chmod(0o644)
    with (etc / "extensions.conf").open("a", encoding="utf-8") as rendered:
        rendered.write(f'\n#include "{_DIALPLAN.name}"\n')
    password = Secrets.load_or_create(hotline.home, hotline.site).ari_password
    token = base64.b64encode(f"hotline:{password}".encode()).decode()
    reload = urllib.request.Request(
        f"http://127.0.0.1:{hotline.ports.http}/ari/asterisk/modules/pbx_config.so",
        headers={"Authorization": f"Basic {token}"},
        method="PUT",
    )
    with urllib.request.urlopen(reload, timeout=10):
        pass
