"""What the staff click at the screen is taken up within a moment and done by the conversation that it is about.

A click that its conversation could not do at once is over: it must not act on whatever comes next.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from ivr.ari.client import Ari
from ivr.call import Call, Progress
from ivr.house import House
from models.calls import calls, clicks
from models.calls.clicks import Click, ClickKind, ClickOutcome
from models.people import people
from models.states.calls import Ring

log = logging.getLogger(__name__)

Drive = Callable[[Call, Awaitable[None]], Awaitable[None]]

CLICKED = "Clicked"
"""An event of ours about a leg in a talk: its agent wants something, see `Wanted`."""
_ANSWERED_WITHIN_S = 2.0


class Wanted:
    """A click on its way to the talk it is about. The talk's own task accepts it, or says why not, exactly once."""

    def __init__(self, click: Click) -> None:
        self.id = click.id
        self.kind = click.kind
        self.to = click.target or ""
        self.with_reason = click.with_reason
        self.answer: asyncio.Future[ClickOutcome | None] = asyncio.get_running_loop().create_future()

    def accept(self) -> bool:
        """Whether it still counts; from here on the one who accepts it writes its end."""
        return self._answers(None)

    def refuse(self, why: ClickOutcome) -> None:
        self._answers(why)

    def _answers(self, outcome: ClickOutcome | None) -> bool:
        if self.answer.done():
            return False
        self.answer.set_result(outcome)
        return True


class Clicks:
    """`drive` takes a conversation to its end. `may_begin` is set when what an earlier process left behind is gone."""

    def __init__(
        self, ari: Ari, house: House, drive: Drive, tasks: asyncio.TaskGroup, may_begin: asyncio.Event
    ) -> None:
        self._ari = ari
        self._house = house
        self._drive = drive
        self._tasks = tasks
        self._may_begin = may_begin
        self._node = house.site.node

    async def forever(self) -> None:
        await self._may_begin.wait()
        begun = False
        while True:
            await self._may_begin.wait()
            try:
                if not begun:
                    await self._house.write(clicks.interrupt, node=self._node, at=self._house.now())
                    begun = True
                while (click := await self._next()) is not None:
                    self._tasks.create_task(self._does(click))
            except Exception:
                log.exception("no click could be taken up; it is tried again")
            await asyncio.sleep(self._house.policy.clicks.poll_s)

    async def _next(self) -> Click | None:
        house = self._house
        if not await house.read(clicks.any_waiting):
            return None
        return await house.write(clicks.take, node=self._node, policy=house.policy, at=house.now())

    async def _does(self, click: Click) -> None:
        """A fault in it is nobody else's, and its row ends in any case."""
        try:
            match click.kind:
                case ClickKind.CALL | ClickKind.RECORD_PROMPT:
                    await self._call(click)
                case ClickKind.CALL_BACK:
                    house = self._house
                    rules: Any = {"site": house.site, "policy": house.policy, "at": house.now()}
                    await house.write(clicks.pass_on_call_back, click, **rules)
                case ClickKind.STOP_RINGING:
                    self._house.desk.board.withdraw(click.staff_number, Ring.DECLINED)
                    await self._ends(click, ClickOutcome.DONE)
                case _:
                    await self._in_a_talk(click)
        except Exception:
            log.exception("the click %s of %s has failed", click.id, click.staff_number)
            await self._ends(click, ClickOutcome.INTERRUPTED)

    async def _in_a_talk(self, click: Click) -> None:
        talk = await self._house.read(clicks.talk_of, click.staff_number, click.call_id)
        if talk is None:
            return await self._ends(click, ClickOutcome.CALL_OVER)
        wanted = Wanted(click)
        self._ari.dispatch({"type": CLICKED, "channel": {"id": talk.leg_channel}, "wanted": wanted})
        try:
            outcome = await asyncio.wait_for(wanted.answer, _ANSWERED_WITHIN_S)
        except TimeoutError:
            outcome = ClickOutcome.NOT_NOW
        if outcome is not None:
            await self._ends(click, outcome)

    async def _call(self, click: Click) -> None:
        """A conversation of its own, with its row, as for any call that we make."""
        house, records = self._house, click.kind is ClickKind.RECORD_PROMPT
        number = click.staff_number if records else click.target or ""
        colleague = await house.read(people.staff, number)
        # With the staff number: a mobile does not show whose it is.
        name = f"click-{click.id}" + (f"-{number}" if colleague else "")
        line, language = self._line(click.staff_number), house.site.language
        with self._ari.listen(name) as stream:
            row, known = await house.write(
                calls.take_up,
                channel_id=name,
                line=line,
                number=number,
                language=language,
                mode=calls.FROM_SCREEN,
                at=house.now(),
            )
            call = Call(
                self._ari,
                self._ari.channel(name),
                stream,
                id=row.id,
                line=line,
                number=number,
                language=language,
                policy=house.policy,
                progress=Progress(path=[click.kind if records else calls.FROM_SCREEN], outgoing=True),
            )
            if known is not None:
                call.owner, call.unit = known.owner, known.unit
            if records:
                conversation = house.conversations.record_prompt(call, house, click, colleague)
            else:
                conversation = house.conversations.from_screen(call, house, click, colleague)
            await self._drive(call, conversation)
        await self._ends(click, ClickOutcome.INTERRUPTED)

    def _line(self, staff_number: str) -> str:
        """A line of the person's group, or the first one."""
        lines, group = self._house.site.lines, self._house.site.person(staff_number).group
        return next((line.number for line in lines if line.group == group), lines[0].number)

    async def _ends(self, click: Click, outcome: ClickOutcome) -> None:
        """Does nothing if it has ended by itself."""
        try:
            await self._house.write(clicks.end, click.id, outcome, at=self._house.now())
        except Exception:
            log.exception("the end of the click %s could not be written", click.id)
