"""A caller in the fallback, in the verbs of a receptionist; a hang-up is the exception `HungUp`.

All of it is one Asterisk channel that does nothing but what it is told over AGI. Nothing passed to Asterisk holds a
space or a quotation mark: its parser, and pyst2, know no way to escape them.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from asterisk.agi import AGI, AGIException

from models.language import language_of


class HungUp(Exception):
    """The caller has gone; what is known of the channel can still be asked for."""


class LineLost(Exception):
    """Asterisk has closed the connection: it, or the channel, is no more."""


@dataclass(frozen=True)
class Dialled:
    """How a Dial ended; lengths in seconds. `number` is who answered; `caller_left` whether the caller ended it.

    `status` is ANSWER after a talk, GONE when whoever had answered hung up before it, otherwise Asterisk's DIALSTATUS.
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
        self.line: str = agi.env["agi_arg_1"]
        self.spool: str = agi.env["agi_arg_2"]
        """Asterisk's name of the folder that is home/asterisk/spool."""
        number: str = agi.env.get("agi_callerid", "")
        self.number = "" if number == "unknown" else number
        self.language = language_of(agi.env.get("agi_language"))
        self.doing = "arriving"

    def answer(self) -> None:
        self._do("ANSWER")
        self._do("EXEC", "Wait", "0.3")

    def play(self, *prompts: str) -> None:
        """To the end, whatever is pressed."""
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
        """Those of these phones that are registered and not in use."""
        return [n for n in numbers if self._variable(f"DEVICE_STATE(PJSIP/{n})") == "NOT_INUSE"]

    def ring(
        self, numbers: Sequence[str], seconds: int, whisper: str, recording: str, serves: Callable[[str], list[str]]
    ) -> Dialled:
        """Rings them all. The first to answer hears the whisper, and the caller who serves him; then the two talk,
        recorded, until one hangs up."""
        for name, value in (("WHISPER", whisper), ("CALLER", self.channel)):
            # For the channels that are dialled, which go their own way through the dialplan.
            self._answer("SET VARIABLE", f"__FALLBACK_{name}", value)
        self._do("EXEC", "MixMonitor", f"{recording}.wav,b")
        phones, left = "&".join(f"PJSIP/{number}" for number in numbers), False
        answered_at = talks_since = None
        try:
            self._do("EXEC", "Dial", f"{phones},{seconds},rG(fallback-talk^s^1)")
            if self._variable("DIALSTATUS") == "ANSWER":
                answered_at, peer = time.monotonic(), self._variable("DIALEDPEERNAME")
                self.play(*serves(self._dialled()))
                if self._has_been_told(peer):
                    talks_since = time.monotonic()
                    self._do("EXEC", "Bridge", f"{peer},x")
                    # It says nothing of who has hung up.
                    self._do("CHANNEL STATUS")
            self._do("EXEC", "StopMixMonitor")
        except HungUp:
            left = True
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
        )

    def _dialled(self) -> str:
        return self._variable("DIALEDPEERNUMBER").partition("@")[0]

    def _has_been_told(self, peer: str) -> bool:
        """As soon as whoever has answered has heard the whisper to its end; False when he has hung up instead."""
        while self._variable(f"IMPORT({peer},FALLBACK_TOLD)") != "1":
            if self._variable(f"IMPORT({peer},CHANNEL(state))") != "Up":
                return False
            self._do("EXEC", "Wait", "0.2")
        return True

    def record(self, name: str, *, silence_s: int, longest_s: int) -> bool:
        """Until `#`, silence or the longest message; what was said before a hang-up is kept. Whether silence ended it,
        of which Asterisk leaves one second in the file."""
        self.play("beep")
        self._do("EXEC", "Record", f"{name}.wav,{silence_s},{longest_s},kq")
        return self._variable("RECORD_STATUS") == "SILENCE"

    def tell_dialplan(self, word: str) -> None:
        """ "served" or "ended": all is written, and the dialplan has nothing to add. Also after a hang-up."""
        self._answer("SET VARIABLE", "FALLBACK", word)

    def _variable(self, name: str) -> str:
        """Also of a caller who has hung up; empty when it is not set."""
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
            # pyst2 takes the end of the stream for a strange number.
            raise LineLost from error
        return answer
