"""Hundreds of wake-ups in one second, and people who call the hotline meanwhile: neither harms the other (R05-2)."""

import threading
import time
from collections.abc import Iterator

from tests.bench.numbers import percentile
from tests.bench.probe import ProbeResult, Prompts, probe
from tests.certainty.judge import Verdict
from tests.certainty.promises import WakeupPromise
from tests.certainty.world import CertaintyWorld

_CALLERS = 3
_BEFORE_S, _MEANWHILE_S = 15.0, 45.0
_LINE = "8000"


def table(numbers: list[str], due: float) -> list[WakeupPromise]:
    """All in one second; each guest answers and presses 1."""
    return [WakeupPromise(number, due, ("awake",)) for number in numbers]


class Callers(threading.Thread):
    """People on the public network who call again and again, before that second and after it."""

    def __init__(self, world: CertaintyWorld, due: float) -> None:
        super().__init__(name="callers", daemon=True)
        self._world, self._due = world, due
        self.before, self.meanwhile = ProbeResult(), ProbeResult()

    def run(self) -> None:
        hotline = self._world.hotline
        target = (hotline.site.sip.address, hotline.ports.sip)
        prompts = Prompts(hotline.home.sounds / "zh" / "hotline")
        time.sleep(max(0.0, self._due - _BEFORE_S - 3 - time.time()))
        self.before = probe(target, _LINE, prompts, callers=_CALLERS, seconds=_BEFORE_S)
        time.sleep(max(0.0, self._due - time.time()))
        self.meanwhile = probe(target, _LINE, prompts, callers=_CALLERS, seconds=_MEANWHILE_S)


def printed(verdict: Verdict, callers: Callers) -> Iterator[str]:
    yield (
        f"  lateness of {len(verdict.lateness)} first rings: p50 {verdict.percentile(50):.2f} s, "
        f"p99 {verdict.percentile(99):.2f} s, most {max(verdict.lateness, default=0):.2f} s"
    )
    for when, heard in (("before", callers.before), ("meanwhile", callers.meanwhile)):
        answer, key = (
            f"p50 {percentile(ms, 50):.0f} ms, p99 {percentile(ms, 99):.0f} ms"
            for ms in (heard.answer_ms, heard.all_keys_ms)
        )
        failed = f"{len(heard.failures)} of {heard.calls + len(heard.failures)} calls to us failed"
        yield f"  {when}: {failed}; INVITE to 200 {answer}; key to next prompt {key}"
