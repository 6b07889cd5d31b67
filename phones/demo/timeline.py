"""The timeline: what phones do and what the hotline decides and writes, one line each, in order of time."""

import contextlib
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from rich.cells import set_cell_size
from rich.console import Console
from rich.text import Text

from models.clock import SystemClock
from models.database.store import StoreUnavailable
from models.language import Language
from phones.call import PhoneCall, PhoneEvent
from phones.demo.rows import Rows
from phones.demo.voice import DemoVoice
from phones.demo.wording import rings, say, sentence
from phones.instance import LiveHotline
from phones.phone import Phone

_LOOK_EVERY_S = 0.2
_LATE = timedelta(seconds=0.6)
"""Rows are read a moment after their event: lines wait this long, so that they can be sorted."""
_WHO_CELLS = 18
_BEFORE_WORDS = 38  # columns of the rest of a line
_WIDE = 132  # columns of a line without a terminal


@dataclass(order=True)
class TimelineEntry:
    """`kind` is the phone's word for it, or empty."""

    at: datetime
    who: str
    text: str
    style: str
    kind: str = ""


class Timeline:
    """Watches during the block, on its own thread; `caller` is the owner's number."""

    def __init__(self, hotline: LiveHotline, caller: str, language: Language, console: Console) -> None:
        self._caller, self._language, self._console = caller, language, console
        self._cells = (console.width if console.is_terminal else _WIDE) - _BEFORE_WORDS
        self._zone = hotline.site.time_zone
        self._ring_s = hotline.policy.ring_seconds(1)
        self._names = {person.number: f"{person.number} {person.name}" for person in hotline.site.staff}
        self._names[caller] = say(f"业主 {caller}", f"owner {caller}", language)
        self._rows = Rows(hotline, caller, language)
        self._clock = SystemClock()
        self._lines: list[TimelineEntry] = []
        self._ringing: dict[Phone, tuple[PhoneCall, int]] = {}
        self._voices: dict[str, DemoVoice] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="timeline", daemon=True)
        hotline.on_event = self._happened

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    # --- on the thread of each phone ---

    def _happened(self, phone: Phone, event: PhoneEvent) -> None:
        if event.kind == "pressed" and self._pressed_on(phone, event):
            return
        if text := self._worded(phone, event):
            self._add(event.wall, self._names[phone.number], text, self._style(phone), event.kind)

    def _pressed_on(self, phone: Phone, event: PhoneEvent) -> bool:
        """Appends a key to the line of the key just before, as long as that line is not printed."""
        with self._lock:
            last = max((line for line in self._lines if line.who == self._names[phone.number]), default=None)
            if last is None or last.kind != "pressed":
                return False
            last.at, last.text = event.wall, last.text + event.text
        return True

    def _worded(self, phone: Phone, event: PhoneEvent) -> str | None:
        """The event in words; None for one that nobody needs to know."""
        match event.kind:
            case "registered":
                first = sum(one.kind == "registered" for one in phone.log) == 1
                return self._say("话机已注册", "telephone registered") if first else None
            case "dialled":
                return self._say(f"拨打 {event.text}", f"dials {event.text}")
            case "ringing":
                self._ringing[phone] = (phone.call, 0)
                return None
            case "pressed":
                return self._say(f"按键 {event.text}", f"presses {event.text}")
            case "says" if isinstance(phone.mic, DemoVoice):
                self._voices[phone.mic.name] = phone.mic
                return self._say("说", "says") + f" {self._quoted(list(phone.mic.prompts))}"
            case "heard":
                return self._heard(event.text.rpartition(" at ")[0])
            case "answered":
                incoming, count = phone.call.incoming, self._rings(phone.call)
                zh, en = f"第 {count} 声铃接起", f"answers in ring {count}"
                return self._say(zh, en) if incoming else self._say("已接通", "is answered")
            case "ended":
                return self._ended(phone.call)
        return None

    def _heard(self, what: str) -> str:
        """Words for the ringing tone, another person, or prompts."""
        if what.endswith(" Hz"):
            return self._say("听到回铃音", "hears it ring")
        prompts = list(self._voices[what].prompts) if what in self._voices else what.split()
        return self._say("听到", "hears") + f" {self._quoted(prompts)}"

    def _ended(self, call: PhoneCall) -> str:
        if call.answered_at is not None:
            return self._say("通话结束", "call over")
        count = self._rings(call)
        return self._say(f"停止响铃，共 {rings(count, 'zh')}", f"stops ringing after {rings(count, 'en')}")

    # --- on the timeline's own thread ---

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_EVERY_S):
            self._look()
            self._print(before=self._clock.now() - _LATE)
        self._look()
        self._print(before=self._clock.now() + _LATE)

    def _look(self) -> None:
        for phone, (call, printed) in list(self._ringing.items()):
            count = self._rings(call)
            if count > printed and call.answered_at is None and call.ended_at is None:
                self._ringing[phone] = (call, count)
                shown = f"{call.number} {call.name}" if count == 1 else ""
                zh, en = f"响铃，第 {count} 声  {shown}".rstrip(), f"rings, ring {count}  {shown}".rstrip()
                self._add(self._clock.now(), self._names[phone.number], self._say(zh, en), self._style(phone))
        # A store that is out of reach for a moment is asked again; if it stays so, the play itself fails.
        with contextlib.suppress(StoreUnavailable):
            for fact in self._rows.new():
                who = self._say("热线决定", "decided") if fact.decided else self._say("写入", "written")
                self._add(fact.at, who, fact.text, "bold magenta" if fact.decided else "green")

    def _print(self, before: datetime) -> None:
        with self._lock:
            due = sorted(line for line in self._lines if line.at < before)
            self._lines = [line for line in self._lines if line.at >= before]
        for line in due:
            moment = Text(f"{line.at.astimezone(self._zone):%H:%M:%S}  ")
            line_text = Text(f"{set_cell_size(line.who, _WHO_CELLS)} {line.text}", style=line.style)
            self._console.print(moment + line_text, soft_wrap=True)

    # --- shared ---

    def _add(self, at: datetime, who: str, text: str, style: str, kind: str = "") -> None:
        with self._lock:
            self._lines.append(TimelineEntry(at, who, text, style, kind))

    def _style(self, phone: Phone) -> str:
        return "cyan" if phone.number == self._caller else "yellow"

    def _rings(self, call: PhoneCall) -> int:
        return 1 + int(call.rang_s / self._ring_s)

    def _quoted(self, prompts: list[str]) -> str:
        words = sentence(prompts, self._language, self._cells)
        return self._say(f"「{words}」", f'"{words}"')

    def _say(self, zh: str, en: str) -> str:
        return say(zh, en, self._language)
