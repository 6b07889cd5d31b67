"""A caller in the fallback, in the verbs of a receptionist; a hang-up is the exception `HungUp`.

The caller is one Asterisk channel under the control of AGI. Nothing passed to Asterisk contains a space or a quotation
mark: neither its parser nor pyst2 can escape them.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from asterisk.agi import AGI, AGIException

from models.language import language_of

_LONGEST_NUMBER = 32
_BUSY = "17"  # Q.850


class HungUp(Exception):
    """The caller has hung up; the channel's variables can still be read."""


class LineLost(Exception):
    """Asterisk has closed the connection: Asterisk or the channel is gone."""


@dataclass(frozen=True)
class Dialled:
    """How a Dial ended; lengths in seconds. `number` answered; `caller_left` is whether the caller ended it.

    `status` is ANSWER after a talk, GONE when the callee hung up before it began, REDIRECTED when the one telephone
    that was rung forwards its calls (SIP 302), otherwise Asterisk's DIALSTATUS.
    """

    status: str
    number: str
    rang_after_s: float | None
    talked_s: float
    caller_left: bool
    introduced_s: float = 0.0
    """From the answer to the talk."""


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
        answered_at = talks_since = None
        try:
            self._do("EXEC", "Dial", f"{phones},{seconds},riG(fallback-talk^s^1)")
            if self._variable("DIALSTATUS") == "ANSWER":
                answered_at, peer = time.monotonic(), self._variable("DIALEDPEERNAME")
                self.play(*serves(self._dialled()))
                if self._heard_whisper(peer):
                    talks_since = time.monotonic()
                    self._do("EXEC", "Bridge", f"{peer},x")
                    # The status does not say who has hung up.
                    self._do("CHANNEL STATUS")
            self._do("EXEC", "StopMixMonitor")
        except HungUp:
            left = True
        status, now = self._variable("DIALSTATUS"), time.monotonic()
        if status == "ANSWER" and talks_since is None:
            status = "CANCEL" if left else "GONE"
        if status == "BUSY" and len(numbers) == 1 and self._variable("HANGUPCAUSE") != _BUSY:
            # Dial takes it for busy, but not with the cause of a busy telephone; of several it does not say which.
            status = "REDIRECTED"
        rang_after = self._variable("RINGTIME_MS")
        return Dialled(
            status,
            self._dialled(),
            int(rang_after) / 1000 if rang_after.isdecimal() else None,
            now - talks_since if talks_since else 0.0,
            left,
            (talks_since or now) - answered_at if answered_at else 0.0,
        )

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
