"""The whisper an agent hears before being connected: what it is about and who calls (R03-3, R11-1)."""

from ivr.call import Call
from ivr.house import House
from recordings import speech


def whisper(call: Call, house: House, about: str) -> list[str]:
    """`about` is a prompt such as `whisper-repair`; then building and unit, or the end of an unknown caller's number,
    all of which the telephone shows."""
    if call.unit is not None:
        return [about, *speech.room(call.unit.building, call.unit.unit, house.site.language)]
    if call.number:
        return [about, *speech.ending(call.number)]
    return [about, "whisper-unknown"]
