"""*32: a spoken note belongs to the ticket once it is saved, or when a fault of ours has cut it off (R10-4)."""

import asyncio

import pytest

from models.states.calls import RecordingKind, RecordingState
from models.states.tickets import TicketEventKind
from models.tables import Recording, TicketEvent
from recordings import files
from tests.fakes.people import FakePhone
from tests.flows.health.test_recovery import breaks, either
from tests.flows.tickets.on_the_telephone import at_the_acts, dispatched, sounds, written
from tests.flows.world import Hotline
from tests.store.sounds import speech, wav

pytestmark = pytest.mark.flows


async def says_a_note(hotline: Hotline, technician: FakePhone) -> None:
    """And Asterisk writes down what it hears."""
    tapes = len(hotline.switch.recorded)
    await technician.hears("leave-message", "beep")
    technician.speaks(3)
    await technician.until(lambda: technician.now > technician.speaks_until, "end of the words")
    await technician.presses("#")
    await technician.until(lambda: len(hotline.switch.recorded) > tapes, "the end of the recording")
    wav(files.original(hotline.home, list(hotline.switch.recorded)[-1]), speech(3.0), at=hotline.clock.now())


async def test_a_spoken_note_is_played_back_and_kept_with_the_ticket(hotline: Hotline, technician: FakePhone) -> None:
    """R10-4."""
    dispatched(hotline)
    await at_the_acts(technician)
    await technician.presses("5")
    await says_a_note(hotline, technician)
    await technician.hears("escalation-ticket", "act-note", "act-confirm")
    (tape,) = hotline.switch.recorded
    assert f"recording:{tape}" in technician.prompts
    assert [note.state for note in hotline.recordings()] == [RecordingState.RESERVED]
    await technician.presses("1")
    await technician.hears("act-saved")
    await technician.is_hung_up()
    (note,) = hotline.recordings()
    assert (note.kind, note.name, note.ticket_id) == (RecordingKind.SPOKEN_NOTE, tape, 1)
    assert (note.state, note.call_id) == (RecordingState.RECORDED, None)
    event = hotline.every(TicketEvent, kind=TicketEventKind.NOTED)[-1]
    assert (event.who, event.text) == ("7020", "spoken-note")
    assert len(sounds(hotline)) == 1


async def test_a_note_without_words_is_not_kept(hotline: Hotline, technician: FakePhone) -> None:
    dispatched(hotline)
    before = written(hotline)
    await at_the_acts(technician)
    await technician.presses("5")
    await technician.hears("leave-message", "beep")
    await technician.presses("#")
    await technician.hears("record-silent", "ticket-acts")
    technician.hangs_up()
    await technician.is_hung_up()
    assert (written(hotline), sounds(hotline)) == (before, [])


@pytest.mark.parametrize("key", ["2", ""])
async def test_of_a_note_that_is_not_kept_nothing_is_left(hotline: Hotline, technician: FakePhone, key: str) -> None:
    dispatched(hotline)
    before = written(hotline)
    await at_the_acts(technician)
    await technician.presses("5")
    await says_a_note(hotline, technician)
    await technician.hears("act-confirm")
    await technician.presses(key)
    await technician.hears("ticket-acts" if key else "act-not-saved")
    technician.hangs_up()
    await technician.is_hung_up()
    assert (written(hotline), sounds(hotline)) == (before, [])


async def test_who_hangs_up_after_the_note_was_saved_has_kept_it(hotline: Hotline, technician: FakePhone) -> None:
    dispatched(hotline)
    await at_the_acts(technician)
    await technician.presses("5")
    await says_a_note(hotline, technician)
    await technician.hears("act-confirm")
    await technician.presses("1")
    await technician.hears("act-saved")
    technician.hangs_up()
    await technician.is_hung_up()
    assert (len(hotline.every(Recording)), len(sounds(hotline))) == (1, 1)


async def test_a_hang_up_while_the_note_is_played_back_saves_nothing(hotline: Hotline, technician: FakePhone) -> None:
    dispatched(hotline)
    before = written(hotline)
    await at_the_acts(technician)
    await technician.presses("5")
    await says_a_note(hotline, technician)
    await technician.hears("act-note")
    technician.hangs_up()
    await technician.is_hung_up()
    assert (written(hotline), sounds(hotline)) == (before, [])


# -- a fault of ours ---------------------------------------------------------------------------------------------------


def is_written_down(hotline: Hotline) -> None:
    """Asterisk writes what it hears into the file of the note that has begun."""
    (note,) = hotline.recordings()
    wav(files.original(hotline.home, note.name), speech(3.0), at=hotline.clock.now())


@either
@pytest.mark.parametrize("moment", ["while it is spoken", "before key 1"])
async def test_a_note_that_we_cut_off_is_kept_with_the_ticket(
    hotline: Hotline, technician: FakePhone, how: str, moment: str
) -> None:
    """Nothing that was said is lost: nobody could say whether to keep it."""
    dispatched(hotline)
    await at_the_acts(technician)
    await technician.presses("5")
    if moment == "before key 1":
        await says_a_note(hotline, technician)
        await technician.hears("act-confirm")
    else:
        await technician.hears_out("beep")
        technician.speaks(60)
        await asyncio.sleep(3)
        is_written_down(hotline)
    await breaks(hotline, how)
    technician.hangs_up()
    await technician.is_hung_up()
    await asyncio.sleep(5)
    (note,) = hotline.recordings()
    assert (note.kind, note.state, note.ticket_id) == (RecordingKind.SPOKEN_NOTE, RecordingState.RECORDED, 1)
    event = hotline.every(TicketEvent, kind=TicketEventKind.NOTED)[-1]
    assert (event.who, event.text) == ("7020", "spoken-note-cut-off")
    assert len(sounds(hotline)) == 1


@either
async def test_cut_off_before_the_beep_nothing_is_left_of_the_note(
    hotline: Hotline, technician: FakePhone, how: str
) -> None:
    dispatched(hotline)
    before = written(hotline)
    await at_the_acts(technician)
    await technician.presses("5")
    await technician.hears("leave-message")
    await breaks(hotline, how)
    technician.hangs_up()
    await technician.is_hung_up()
    await asyncio.sleep(5)
    assert (written(hotline), sounds(hotline)) == (before, [])


async def test_a_note_that_is_being_spoken_is_left_alone(hotline: Hotline, technician: FakePhone) -> None:
    """Recovery looks while the technician speaks."""
    dispatched(hotline)
    await at_the_acts(technician)
    await technician.presses("5")
    await technician.hears_out("beep")
    technician.speaks(hotline.policy.recovery.every_s + 5)
    await asyncio.sleep(hotline.policy.recovery.every_s + 2)
    is_written_down(hotline)
    await technician.presses("#")
    await technician.hears("act-note", "act-confirm")
    await technician.presses("1")
    await technician.hears("act-saved")
    technician.hangs_up()
    await technician.is_hung_up()
    assert [event.text for event in hotline.every(TicketEvent, kind=TicketEventKind.NOTED)] == ["spoken-note"]
