"""Builds that are broken on purpose: a chaos that does not turn red on them would prove nothing."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from models.instance.home import PROJECT_ROOT, engine_root

Change = tuple[str, str, str]
"""A file, a text that occurs in it once, and its replacement."""

BUILDS: dict[str, tuple[Change, ...]] = {
    "ticket-after-ringing": (
        (
            "ivr/house.py",
            "call.ticket = await self.ledger.open_ticket(call, kind)",
            "call.ticket = Ticket(kind=kind)",
        ),
        (
            "ivr/talk.py",
            'call.doing, call.talked = "talking", True\n',
            'call.doing, call.talked = "talking", True\n'
            "    if call.ticket is not None and call.ticket.id is None:\n"
            "        call.ticket = await house.ledger.open_ticket(call, call.ticket.kind)\n",
        ),
        (
            "ivr/flows/message.py",
            'call.doing = "leaving a message"\n',
            'call.doing = "leaving a message"\n'
            "    if ticket.id is None:\n"
            "        ticket = call.ticket = await house.ledger.open_ticket(call, ticket.kind)\n",
        ),
    ),
}


def build(changes: Iterable[Change], folder: Path) -> Path:
    """A copy of the project in the folder, broken by these changes. Raises ValueError unless each text occurs once."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        check=True,
    )
    for name_of_file in listed.stdout.decode().split("\0"):
        source = PROJECT_ROOT / name_of_file
        if name_of_file and source.is_file():
            target = folder / name_of_file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    (folder / "var").mkdir()
    (folder / "var" / "engine").symlink_to(engine_root())
    for file, old, new in changes:
        text = (folder / file).read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise ValueError(f"{file}: {old!r} occurs {text.count(old)} times, not once")
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder
