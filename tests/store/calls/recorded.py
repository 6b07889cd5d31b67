"""What a conversation and Asterisk leave of a recording before the scan looks."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from models.calls import calls, recordings
from models.calls.calls import EndedBy
from models.states.calls import RecordingKind
from models.tables import Call, Recording
from recordings import files
from scheduler.scope import Scope
from tests.store.sounds import speech, wav


class Switch:
    """Writes what a conversation and Asterisk leave before the scan looks."""

    def __init__(self, scope: Scope, begin_call: Callable[..., Call]) -> None:
        self.scope, self._begin_call = scope, begin_call

    def talk(
        self, name: str = "talk-1", *, said: float | None = 10, lasts: float = 10, header_bytes: int | None = None
    ) -> Call:
        """A talk of `lasts` seconds of which `said` seconds are recorded (None: there is no file)."""
        store, began = self.scope.store, self.scope.clock.now()
        ended = began + timedelta(seconds=lasts)
        call = self._begin_call(f"c-{name}", at=began)
        self.reserve(name, RecordingKind.TALK, call)
        legs = {"bridge_id": name, "caller_channel": "c", "leg_channel": "l"}
        talk = store.write(calls.begin_talk, call_id=call.id, staff_number="7001", at=began, **legs)
        store.write(calls.end_talk, talk, by=EndedBy.AGENT, at=ended)
        store.write(recordings.ended, name, None, at=ended)
        store.write(calls.end, call.id, by=EndedBy.AGENT, reason="completed", at=ended)
        if said is not None:
            wav(self.file(name), speech(said), at=ended, header_bytes=header_bytes)
        return call

    def reserve(self, name: str, kind: RecordingKind, call: Call) -> None:
        now = self.scope.clock.now()
        self.scope.store.write(
            recordings.reserve,
            name=name,
            kind=kind,
            call_id=call.id,
            ticket_id=None,
            at=now,
            retain_until=now + timedelta(days=180),
        )

    def file(self, name: str) -> Path:
        return files.original(self.scope.home, name)

    def row(self, name: str = "talk-1") -> Recording:
        found = self.scope.store.read(recordings.by_name, name)
        assert found is not None
        return found


@pytest.fixture
def switch(scope: Scope, begin_call: Callable[..., Call]) -> Switch:
    return Switch(scope, begin_call)


def later(scope: Scope, **by: float) -> Scope:
    scope.clock.forward(**by)  # type: ignore[attr-defined]
    return scope
