"""An agent puts the other one on hold with a click: music, until the agent takes the call back."""

from ivr.ari.errors import Disconnected
from ivr.call import ON_HOLD, CallEnded
from ivr.clicks import CLICKED, Wanted
from ivr.hold import AgentLeft, Aside, OnHold
from ivr.house import House
from ivr.parties import Parties, Party
from models.calls import clicks
from models.calls.clicks import ClickKind, ClickOutcome


async def on_hold(parties: Parties, agent: Party, house: House, wanted: Wanted) -> None:
    """Until the two talk again: after a click, or `*`. Nobody is left in `parties` when the agent has hung up, and
    another one must be found: nobody is forgotten on hold."""
    call = parties.call
    call.progress.doing = ON_HOLD
    hold = OnHold(parties, agent, house)
    try:
        await hold.begin()
        await until_taken_back(Aside(hold, house), house)
        outcome = ClickOutcome.DONE
    except AgentLeft:
        outcome = ClickOutcome.AGENT_GONE
    except (CallEnded, Disconnected) as error:
        outcome = ClickOutcome.CALLER_GONE if isinstance(error, CallEnded) else ClickOutcome.INTERRUPTED
        await house.write(clicks.end, wanted.id, outcome, at=house.now())
        raise
    await house.write(clicks.end, wanted.id, outcome, at=house.now())
    await hold.end()
    call.progress.begins_talk()


async def until_taken_back(aside: Aside, house: House) -> None:
    """A transfer that is clicked meanwhile takes the place of the hold."""
    while True:
        event = await aside.next()
        if event is None or event.get("channel", {}).get("id") != aside.channel.id:
            continue
        if event["type"] == "ChannelDtmfReceived" and event["digit"] == "*":
            return
        if event["type"] == CLICKED:
            wanted: Wanted = event["wanted"]
            if wanted.kind is ClickKind.TRANSFER:
                aside.stream.put(event)
                return
            if wanted.kind is not ClickKind.TAKE_BACK:
                wanted.refuse(ClickOutcome.NOT_NOW)
            elif wanted.accept():
                await house.write(clicks.end, wanted.id, ClickOutcome.DONE, at=house.now())
                return
