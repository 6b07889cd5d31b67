"""An administrator says a prompt at the own telephone, hears it, and keeps it or says it again."""

from pathlib import Path

from ivr.call import Call, CallEnded
from ivr.dialling import ring_staff
from ivr.house import House
from models.calls import clicks
from models.calls.clicks import Click, ClickOutcome
from models.errors import MoveRefused
from models.language import language_of
from models.people import access_log
from models.states.calls import Ring
from models.tables import Staff
from recordings import files, prompts

_TRIES = 5
_LONGEST_S = 90
_NOT_ANSWERED = {Ring.BUSY: ClickOutcome.OWN_BUSY, Ring.UNREACHABLE: ClickOutcome.OWN_UNREACHABLE}


async def record_prompt(call: Call, house: House, click: Click, me: Staff | None) -> None:
    """The present prompt stays until a new one is kept by a key; the screen follows the click."""
    rings = house.policy.answer.rings
    rung = Ring.UNREACHABLE if me is None else await ring_staff(call, house, me, rings, click.kind)
    if rung is not Ring.CONNECTED:
        outcome = _NOT_ANSWERED.get(rung, ClickOutcome.NOT_LIFTED)
        await house.write(clicks.end, click.id, outcome, at=house.now())
        return
    call.progress.doing = "recording a prompt"
    if not await house.write(clicks.dialling, click.id, call.id):
        return
    try:
        kept = await _one_is_kept(call, house, click)
    except CallEnded:
        await house.write(clicks.end, click.id, ClickOutcome.NOT_KEPT, at=house.now())
        raise
    await house.write(clicks.end, click.id, ClickOutcome.DONE if kept else ClickOutcome.NOT_KEPT, at=house.now())
    if kept:
        await call.play("record-kept")


async def _one_is_kept(call: Call, house: House, click: Click) -> bool:
    for _ in range(_TRIES):
        await call.play("record-prompt")
        name = call.name("prompt")
        said = files.original(house.home, name)
        try:
            await call.record(name, _LONGEST_S)
            keeps = await call.menu(
                f"recording:{name}", "record-choices", choices={"1": True, "2": False}, otherwise=None
            )
            if keeps is None:
                return False
            if keeps and await _taken_into_use(call, house, click, said):
                return True
        finally:
            said.unlink(missing_ok=True)
    return False


async def _taken_into_use(call: Call, house: House, click: Click, said: Path) -> bool:
    prompt = click.target or ""
    language, _, name = prompt.partition("/")
    try:
        await house.ledger.run(lambda: prompts.take_own(house.home, language_of(language), name, said.read_bytes()))
    except (MoveRefused, OSError):
        await call.play("record-silent")
        return False
    await house.write(access_log.log, who=click.staff_number, what="prompt replaced", subject=prompt, at=house.now())
    return True
