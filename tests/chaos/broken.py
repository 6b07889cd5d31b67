"""Builds that are broken on purpose: a chaos that does not turn red on them would prove nothing."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from models.instance.home import PROJECT_ROOT, engine_root

Change = tuple[str, str, str]
"""A file, a text that occurs in it once, and its replacement."""

_OPENED = (
    "await house.write(\n"
    "            __import__('models.tickets.tickets').tickets.tickets.open,\n"
    "            kind=call.ticket.kind, call_id=call.id, at=house.now(), policy=house.policy, **call.learnt()\n"
    "        )"
)

BUILDS: dict[str, tuple[Change, ...]] = {
    "ticket-after-ringing": (
        (
            "ivr/house.py",
            "call.ticket = await self.write(tickets.open, kind=kind, call_id=call.id, at=at, policy=policy, **learnt)",
            "call.ticket = Ticket(kind=kind)",
        ),
        (
            "ivr/talk.py",
            "call.progress.begins_talk()\n",
            "call.progress.begins_talk()\n"
            "    if call.ticket is not None and call.ticket.id is None:\n"
            f"        call.ticket = {_OPENED}\n",
        ),
        (
            "ivr/flows/message.py",
            'call.progress.doing = "leaving a message"\n',
            'call.progress.doing = "leaving a message"\n'
            f"    if ticket.id is None:\n        call.ticket = ticket = {_OPENED}\n",
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
    # Started by root, its programs run under an account that has to read it.
    folder.chmod(0o755)
    (folder / "var").mkdir()
    (folder / "var" / "engine").symlink_to(engine_root())
    for file, old, new in changes:
        text = (folder / file).read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise ValueError(f"{file}: {old!r} occurs {text.count(old)} times, not once")
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder
