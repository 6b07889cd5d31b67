"""How the fake Asterisk calls a telephone for us, into our application or into the dialplan, and reports on it."""

import asyncio
import re
from typing import Any

from tests.fakes.local_calls import dial_ourselves
from tests.fakes.parts import FakeChannel
from tests.fakes.people import FakePhone
from tests.fakes.switch import FakeSwitch, refusal

_NO_ROUTE = 3  # a telephone that is not registered
_NOT_IN_ORDER = 20  # the cause that the carrier sends for a number that is switched off

Query = dict[str, str]


def called(switch: FakeSwitch, endpoint: str) -> FakePhone | None:
    """The telephone of this endpoint, ours or in the public network."""
    outside = re.fullmatch(r"PJSIP/carrier/sip:(\+?\d+)@[\d.]+:\d+", endpoint)
    return switch.public(outside[1]) if outside else switch.phones.get(endpoint.removeprefix("PJSIP/"))


def new_channel(switch: FakeSwitch, id: str, phone: FakePhone, args: list[str]) -> FakeChannel:
    """A channel for this telephone, which does not ring yet and may be in another call."""
    was_in = phone.channel
    channel = FakeChannel(switch, id, phone, state="Down", number=phone.number, args=args)
    phone.channel = was_in
    return channel


def rings(switch: FakeSwitch, channel: FakeChannel, phone: FakePhone) -> None:
    """The call goes out; a telephone that is in use or switched off does not ring."""
    if not phone.online:
        cause = _NOT_IN_ORDER if phone in switch.network.values() else _NO_ROUTE
        asyncio.get_running_loop().call_later(0.2, channel.hang_up, cause)
    elif phone.channel is not None:
        asyncio.get_running_loop().call_later(0.05, channel.hang_up, 17)
    else:
        phone.channel = channel
        switch.call_phone(channel, phone)


async def create(switch: FakeSwitch, _: str, query: Query) -> Any:
    """A channel that is in our application before it is dialled."""
    id, phone = query["channelId"], called(switch, query["endpoint"])
    if id in switch.channels:
        raise refusal(409, "Channel with given unique ID already exists")
    if phone is None or not (phone.online or phone in switch.network.values()):
        raise refusal(500, "Allocation failed")
    channel = new_channel(switch, id, phone, query["appArgs"].split(","))
    channel.owned = channel.originated = channel.set_aside = True
    channel.enter(channel.args)
    return channel.json()


async def dial(switch: FakeSwitch, id: str, query: Query) -> Any:
    channel = switch.channels.get(id)
    if channel is None:
        raise refusal(404, "Channel not found")
    if channel.state != "Down":
        raise refusal(409, "Channel is not in the 'Down' state")
    assert isinstance(channel.person, FakePhone)
    rings(switch, channel, channel.person)


async def originate(switch: FakeSwitch, id: str, query: Query) -> Any:
    """A channel that the dialplan calls, or by which we call ourselves."""
    if id in switch.channels:
        raise refusal(409, "Channel with given unique ID already exists")
    if local := re.fullmatch(r"Local/(\d+)@canary/n", query["endpoint"]):
        return dial_ourselves(switch, id, local[1], query["appArgs"].split(",")).json()
    assert query["endpoint"] == "Local/s@calls/n", "Asterisk would follow a telephone that forwards its calls"
    phone = called(switch, query["CALLS"])
    assert phone is not None, f"the fake does not know {query['CALLS']}"
    channel = new_channel(switch, id, phone, [query["context"]])
    channel.context = query["context"]
    if gone := re.fullmatch(r"gone,s,1\((\w+)\)", query["CHANNEL(hangup_handler_push)"]):
        channel.leaves_cause_in = gone[1]
    # It is not ours until it comes from the dialplan, or is watched.
    asyncio.get_running_loop().call_later(int(query["timeout"]), channel.rings_no_more)
    rings(switch, channel, phone)
    return channel.json()


async def channel_one(switch: FakeSwitch, id: str, query: Query) -> Any:
    if id not in switch.channels:
        raise refusal(404, "Channel not found")
    return switch.channels[id].json()


async def watch(switch: FakeSwitch, _: str, query: Query) -> Any:
    channel = switch.channels.get(query["eventSource"].removeprefix("channel:"))
    if channel is None:
        raise refusal(422, "Event source does not exist")
    channel.owned = channel.originated = True
