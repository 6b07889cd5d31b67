"""A stranger on the fallback's port: no call is written, no file is touched, and real callers are served after it."""

import socket
import time
from contextlib import ExitStack
from pathlib import Path

from phones.faults import kept_dead
from tests.attack.outcome import Kind, Outcome
from tests.attack.world import World

_CLOSED_WITHIN_S = 15.0
_CLIMBS = ("", "../", "../../", "../../../", "../../../../", "../../../../../")
_VICTIM = "attack-victim"
_SUFFIXES = (".txt", ".json", ".wav", "")


def attack(world: World, outcome: Outcome) -> None:
    """A pretended call, then mute connections and nonsense; at last a caller whom only the fallback can serve."""
    spool = world.hotline.home.asterisk / "spool"
    with world.watched(outcome, "a stranger on the AGI port", settles=False):
        for climb in _CLIMBS[: world.some(6, 4)]:
            pretended_call(world, outcome, climb, spool)
        nonsense(world, outcome)
        mute(world, outcome)
    with world.watched(
        outcome, "a caller after the strangers", may_ring=tuple(world.phones), calls=10, killed=["ivr"]
    ) as watch:
        outcome.tried()
        with kept_dead(world.hotline, "ivr"), world.outside() as caller:
            caller.invite("8000")
            if not world.hotline.until(watch.calls, "row of the fallback", 20):
                outcome.loses("a caller was not served by the fallback")


def pretended_call(world: World, outcome: Outcome, climb: str, spool: Path) -> None:
    """Without the secret, with a name of the call that may climb out of the spool."""
    folder = (spool / "message-drop" / climb).resolve()
    # In the spool itself, files are the scheduler's to file.
    inside = climb and world.hotline.home.path.resolve() in (folder, *folder.parents)
    victims = [folder / f"{_VICTIM}{suffix}" for suffix in _SUFFIXES] if inside else []
    for victim in victims:
        victim.write_text("kept", encoding="utf-8")
    outcome.tried()
    fields = {
        "agi_network": "yes",
        "agi_network_script": "call",
        "agi_request": f"agi://127.0.0.1:{world.hotline.ports.agi}/call",
        "agi_channel": "PJSIP/carrier-00000001",
        "agi_language": "zh",
        "agi_uniqueid": f"{climb}{_VICTIM}",
        "agi_callerid": "13900139000",
    }
    said = ["8000", str(spool)] if world.foreign else ["a guess", "8000", str(spool)]
    fields |= {f"agi_arg_{number}": word for number, word in enumerate(said, 1)}
    with connected(world) as line:
        line.sendall("".join(f"{name}: {value}\n" for name, value in fields.items()).encode() + b"\n")
        answers_everything(line)
    for victim in victims:
        if not victim.exists() or victim.read_text(encoding="utf-8") != "kept":
            outcome.gets_in(f"{victim.name} above the spool ({climb}) was touched")
        victim.unlink(missing_ok=True)


def connected(world: World) -> socket.socket:
    return socket.create_connection(("127.0.0.1", world.hotline.ports.agi), 5)


def answers_everything(line: socket.socket) -> None:
    """As Asterisk does for a caller who hangs up after a few commands."""
    line.settimeout(2)
    try:
        for number in range(12):
            if not line.recv(65_536):
                return
            line.sendall(b"200 result=0\n" if number < 8 else b"511 Command Not Permitted on a dead channel\n")
    except OSError:
        return


def nonsense(world: World, outcome: Outcome) -> None:
    """Half lines, endless lines, no lines."""
    for text in (
        b"agi_network: yes",
        b"x" * 2_000_000,
        b"\n\n\n",
        b"\x00\xff" * 500 + b"\n\n",
        b"agi_network_script: \n\n",
    ):
        outcome.tried()
        with connected(world) as line:
            try:
                line.sendall(text)
            except OSError:
                continue


def mute(world: World, outcome: Outcome) -> None:
    """Connections that say nothing are closed after a few seconds, and take no caller's place."""
    with ExitStack() as stack:
        lines = []
        for _ in range(world.some(250, 60)):
            outcome.tried()
            try:
                lines.append(stack.enter_context(connected(world)))
            except OSError:
                break
        until = time.monotonic() + _CLOSED_WITHIN_S
        still = sum(not closed(line, max(0.01, until - time.monotonic())) for line in lines)
        if still:
            outcome.gets_in(f"{still} of {len(lines)} mute connections are open after {_CLOSED_WITHIN_S:g} s")


def closed(line: socket.socket, within_s: float) -> bool:
    line.settimeout(within_s)
    try:
        return not line.recv(1)
    except TimeoutError:
        return False
    except OSError:
        return True


KIND = Kind("agi", "be taken for a call by the fallback", attack)
