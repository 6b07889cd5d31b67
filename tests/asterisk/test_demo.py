"""`make demo` as its audience reads it: on the running hotline, or on one of its own where it would disturb."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from models.instance.home import PROJECT_ROOT
from models.states.tickets import TicketKind, TicketState
from models.tables import Ticket
from phones.demo.play import OWNER
from phones.instance import LiveHotline
from phones.written import call_of

pytestmark = pytest.mark.asterisk


@contextlib.contextmanager
def demo(home: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "phones.demo", "--home", str(home), "--lang", "en"],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=40)


def in_order(printed: str, *expected: str) -> bool:
    """Whether all this was printed, in this order."""
    place = 0
    for words in expected:
        place = printed.find(words, place) + len(words)
        assert place >= len(words), f'"{words}" is missing, or comes too early, in:\n{printed}'
    return True


def named(printed: str, words: str) -> str:
    """The phone that these words name: the agent idle longest rings first."""
    found = re.search(words, printed)
    assert found, printed
    return found[1]


def processes_of(folder: Path) -> list[str]:
    """The command lines of all processes started for this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (process / "cmdline").read_text(errors="replace").replace("\0", " ")
            if int(process.name) != os.getpid() and (
                str(folder) in line or (process / "cwd").readlink().is_relative_to(folder)
            ):
                found.append(line)
    return found


@pytest.mark.timeout(180)
def test_the_demo_prints_what_happens_and_gives_a_recording_that_plays(hotline: LiveHotline) -> None:
    with demo(hotline.home.path) as process:
        printed, _ = process.communicate(timeout=150)
    assert process.returncode == 0, printed
    assert f"on the hotline that runs in {hotline.home.path}" in printed
    first = hotline.store.read(
        lambda session: session.scalars(
            select(Ticket).where(Ticket.caller_number == OWNER).order_by(Ticket.id.desc()).limit(1)
        ).one()
    )
    sleeper, colleague = named(printed, r"rings (\S+ \S+); 3 rings"), named(printed, r"rings (\S+ \S+) as well")
    badge = colleague.partition(" ")[0]
    assert in_order(
        printed,
        "telephone registered",
        f"owner {OWNER}  dials 8000",
        'hears "Hello, Sunshine Garden property service."',
        "presses 1",
        "presses 2",
        f"written            ticket {first.number}: Repair, to be answered by",
        f"decided            rings {sleeper}; 3 rings are allowed (R05-2)",
        f"{sleeper}          rings, ring 1",
        f"{sleeper}          rings, ring 3",
        f"decided            no answer within 3 rings: rings {colleague} as well (R20-4)",
        f"{colleague}          answers in ring 2",
        f'{colleague}          hears "Repair call."',
        f"{colleague}          presses 1",
        f'owner {OWNER}  hears "Staff number {badge} is at your service."',
        f'{colleague}          hears "Repair 99 Building 1201 Room"',
        f'owner {OWNER}  hears "Your ticket {first.number} The state at present: Registered',
        f"written            talk with {colleague} ends",
        f"presses {first.number}#",
        f'hears "Your ticket {first.number}',
        f"ticket {first.number}",
        "both voices are in it",
        "play it  ffplay -nodisp -autoexit ",
        "belonged to a demonstration and is closed",
    )
    assert in_order(printed, f"rings {sleeper}; 3 rings", "presses 99#", "presses 1201#"), "asked while it rings"
    # Phone and hotline each print the answer, at the same moment: either may be first.
    assert in_order(printed, f"rings {colleague} as well", "taken by a colleague", f"{colleague}          presses 1")
    assert (first.kind, first.state, first.room) == (TicketKind.REPAIR, TicketState.CLOSED, "1201")
    assert call_of(hotline, OWNER).call.ticket_id == first.id, "the second call belongs to the ticket of the first"
    recording = Path(printed.partition("-autoexit ")[2].splitlines()[0])
    assert recording.is_relative_to(hotline.home.recordings)
    assert recording.stat().st_size > 10_000
    assert processes_of(hotline.home.path / "demo") == []


def test_the_demo_rings_no_real_phones_but_a_private_hotline_that_ctrl_c_removes(hotline: LiveHotline) -> None:
    agent = hotline.phone("7003")
    with demo(hotline.home.path) as process:
        assert process.stdout is not None
        assert "7003: registered on the running hotline" in process.stdout.readline()
        while "owner" not in (line := process.stdout.readline()):
            assert line, f"it ended with {process.wait()}"
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=40)
    assert process.returncode == 130
    assert printed.rstrip().endswith("stopped.")
    assert agent.calls == [], "the real phone has rung"
    assert processes_of(hotline.home.path / "demo") == []
