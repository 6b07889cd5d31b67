"""A caller in the fallback, in the verbs of a receptionist; a hang-up is the exception `HungUp`.

The caller is one Asterisk channel under the control of AGI. Nothing passed to Asterisk contains a space or a quotation
mark: neither its parser nor pyst2 can escape them.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asterisk.agi import AGI, AGIException

from models.calls.calls import NOBODY_HUNG_UP
from models.language import language_of

_LONGEST_NUMBER = 32
_NOT_YET, _LOOKS = "0", 10
_SOONER_S = 2
"""Asterisk's clock has whole seconds: a telephone whose ringing ended so much sooner was not ended with the others."""


class HungUp(Exception):
    """The caller has hung up; the channel's variables can still be read."""


class LineLost(Exception):
    """Asterisk has closed the connection: Asterisk or the channel is gone."""


@dataclass(frozen=True)
class Dialled:
    """How a Dial ended; lengths in seconds. `number` answered; `caller_left` is whether the caller ended it.

    `status` is ANSWER after a talk, GONE when the callee hung up before it began, otherwise Asterisk's DIALSTATUS.
    `answers`: the last SIP status of each telephone that has given one, such as 486.
    """

    status: str
    number: str
    rang_after_s: float | None
    talked_s: float
    caller_left: bool
    introduced_s: float = 0.0
    """From the answer to the talk."""
    answers: Mapping[str, int] = field(default_factory=dict)
    lost: bool = False
    """The talk was ended by nobody: the line of one of the two has failed."""
    redirected: frozenset[str] = frozenset()
    """The telephones that forward their calls (302)."""


class FallbackCaller:
    def __init__(self, agi: AGI) -> None:
        self._agi = agi
        self.uniqueid: str = agi.env["agi_uniqueid"]
        self.channel: str = agi.env["agi_channel"]
        self.line: str = agi.env["agi_arg_2"]
        self.spool: str = agi.env["agi_arg_3"]
        """Asterisk's path to the folder home/asterisk/spool."""
        # As the dialplan's own note has it: what a caller's display says is anybody's text.
        self.number = "".join(sign for sign in agi.env.get("agi_callerid", "") if sign in "0123456789+")[
            :_LONGEST_NUMBER
        ]
        self.language = language_of(agi.env.get("agi_language"))
        self.doing = "arriving"

    def answer(self) -> None:
        self._do("ANSWER")
        self._do("EXEC", "Wait", "0.3")

    def play(self, *prompts: str) -> None:
        """Plays to the end, whatever is pressed."""
        self._do("EXEC", "Playback", "&".join(f"hotline/{prompt}" for prompt in prompts))

    def choose(self, *prompts: str, keys: str, wait_s: float) -> str | None:
        """The first of `keys` pressed while the prompts play or in the time after; None for silence and other keys."""
        for prompt in prompts:
            code = self._do("STREAM FILE", f"hotline/{prompt}", f'"{keys}"')["result"][0]
            if code != "0":
                return chr(int(code))
        code = self._do("WAIT FOR DIGIT", round(wait_s * 1000))["result"][0]
        key = chr(int(code))
        return key if key in keys else None

    def free(self, numbers: Sequence[str]) -> list[str]:
        """The phones that are registered and not in use."""
        return [n for n in numbers if self._variable(f"DEVICE_STATE(PJSIP/{n})") == "NOT_INUSE"]

    def ring(
        self, numbers: Sequence[str], seconds: int, whisper: str, recording: str, serves: Callable[[str], list[str]]
    ) -> Dialled:
        """Rings all phones. The first to answer hears the whisper, the caller hears who answers; then the two talk,
        recorded, until one hangs up."""
        for name, value in (("WHISPER", whisper), ("CALLER", self.channel)):
            # For the dialled channels, which take their own path through the dialplan.
            self._answer("SET VARIABLE", f"__FALLBACK_{name}", value)
        self._do("EXEC", "MixMonitor", f"{recording}.wav,b")
        phones, left = "&".join(f"PJSIP/{number}" for number in numbers), False
        cause = ""
        answered_at = talks_since = None
        redirected: frozenset[str] = frozenset()
        try:
            self._do("EXEC", "HangupCauseClear")
            began = self._now()
            self._do("EXEC", "Dial", f"{phones},{seconds},rib(fallback-leg^begun^1)G(fallback-talk^s^1)")
            redirected = self._redirected(numbers, began)
            if self._variable("DIALSTATUS") == "ANSWER":
                answered_at, peer = time.monotonic(), self._variable("DIALEDPEERNAME")
                self.play(*serves(self._dialled()))
                if self._heard_whisper(peer):
                    talks_since = time.monotonic()
                    self._answer("SET VARIABLE", "SHARED(LEFT)", _NOT_YET)
                    self._do("EXEC", "Bridge", f"{peer},x")
                    # The status does not say who has hung up.
                    self._do("CHANNEL STATUS")
                    cause = self._why_it_left()
            self._do("EXEC", "StopMixMonitor")
        except HungUp:
            left, cause = True, self._variable("HANGUPCAUSE")
        status, now = self._variable("DIALSTATUS"), time.monotonic()
        if status == "ANSWER" and talks_since is None:
            status = "CANCEL" if left else "GONE"
        rang_after = self._variable("RINGTIME_MS")
        return Dialled(
            status,
            self._dialled(),
            int(rang_after) / 1000 if rang_after.isdecimal() else None,
            now - talks_since if talks_since else 0.0,
            left,
            (talks_since or now) - answered_at if answered_at else 0.0,
            self._answers(),
            talks_since is not None and cause in map(str, NOBODY_HUNG_UP),
            redirected,
        )

    def _redirected(self, numbers: Sequence[str], began: int) -> frozenset[str]:
        """Those whose ringing ended before Dial did, without an answer of the telephone: Dial drops one that forwards
        its calls while others ring, and says nothing of it."""
        silent, now = [number for number in numbers if number not in self._answers()], self._now()
        over = {number: self._variable(f"SHARED(OVER-{number})") for number in silent}
        return frozenset(n for n, at in over.items() if at.isdecimal() and began <= int(at) <= now - _SOONER_S)

    def _now(self) -> int:
        """By Asterisk's clock, s since 1970."""
        return int(self._variable("EPOCH"))

    def _why_it_left(self) -> str:
        """The cause (Q.850) of the telephone that has left the talk; the dialplan notes it a moment later."""
        for _ in range(_LOOKS):
            if (cause := self._variable("SHARED(LEFT)")) != _NOT_YET:
                return cause
            self._do("EXEC", "Wait", "0.1")
        return ""

    def _answers(self) -> dict[str, int]:
        """By number; Asterisk has them by channel: PJSIP/7001-0000002a, "SIP 486 Busy Here"."""
        found = {}
        for channel in filter(None, self._variable("HANGUPCAUSE_KEYS()").split(",")):
            said = self._variable(f"HANGUPCAUSE({channel},tech)").split()
            if len(said) > 1 and said[1].isdecimal():
                found[channel.partition("/")[2].rpartition("-")[0]] = int(said[1])
        return found

    def _dialled(self) -> str:
        return self._variable("DIALEDPEERNUMBER").partition("@")[0]

    def _heard_whisper(self, peer: str) -> bool:
        """Waits until the callee has heard the whisper to its end; False when the callee hangs up instead."""
        while self._variable(f"IMPORT({peer},FALLBACK_TOLD)") != "1":
            if self._variable(f"IMPORT({peer},CHANNEL(state))") != "Up":
                return False
            self._do("EXEC", "Wait", "0.2")
        return True

    def record(self, name: str, *, silence_s: int, longest_s: int) -> bool:
        """Records until `#`, silence or the longest message; speech before a hang-up is kept. Returns whether silence
        ended it, of which Asterisk leaves one second in the file."""
        self.play("beep")
        self._do("EXEC", "Record", f"{name}.wav,{silence_s},{longest_s},kq")
        return self._variable("RECORD_STATUS") == "SILENCE"

    def tell_dialplan(self, word: str) -> None:
        """ "served" or "ended": everything is written and the dialplan adds nothing. Works after a hang-up too."""
        self._answer("SET VARIABLE", "FALLBACK", word)

    def _variable(self, name: str) -> str:
        """A channel variable, also after a hang-up; empty when it is not set."""
        found: str = self._answer("GET VARIABLE", name)["result"][1]
        return found

    def _do(self, *command: object) -> dict[str, Any]:
        try:
            return self._answer(*command)
        except AGIException as error:
            raise HungUp from error

    def _answer(self, *command: object) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = self._agi.execute(*command)
        except (OSError, ValueError) as error:
            # pyst2 takes the end of the stream for an invalid number.
            raise LineLost from error
        return answer
