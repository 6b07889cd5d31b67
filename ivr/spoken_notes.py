"""A spoken note that a fault of ours has cut off is taken in as a message is: its row was there before the beep."""

import logging
import re

from ivr.ari.client import Ari
from ivr.call import Call
from ivr.house import House
from models.calls import recordings
from models.tickets import staff_tickets
from recordings import files

log = logging.getLogger(__name__)

_NAME = re.compile(r"c\d+-note-(\w+)-[0-9a-f]+")


def note_name(call: Call) -> str:
    """The name of a new recording by the person who speaks in this call, which tells whose it is."""
    return call.name(f"note-{call.number}")


async def take_in_notes(ari: Ari, house: House) -> None:
    """Those that nobody of us listens to any more; where nothing was recorded, only the name goes."""
    for note in await house.read(staff_tickets.open_notes):
        spoken_by = _NAME.fullmatch(note.name)
        if note.name in ari.listeners or spoken_by is None:
            continue
        if files.original(house.home, note.name).exists():
            log.warning("the spoken note %s was cut off, and is kept", note.name)
            await house.write(staff_tickets.take_in, note.name, who=spoken_by[1], at=house.now())
        else:
            await house.write(recordings.release, note.name)
