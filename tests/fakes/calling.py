"""How the fake Asterisk calls a telephone for us, into our application or into the dialplan, and reports on it."""

import asyncio
import re
from typing import Any

from tests.fakes.local_calls import dial_ourselves
from tests.fakes.parts import FakeChannel
from tests.fakes.switch import FakeSwitch, refusal

_NOT_IN_ORDER = 20  # the cause that the carrier sends for a number that is switched off

Query = dict[str, str]


async def originate(switch: FakeSwitch, id: str, query: Query) -> Any:
    if id in switch.channels:
        raise refusal(409, "Channel with given unique ID already exists")
    if query.get("originator", id) not in (id, *switch.channels):
        raise refusal(400, "Provided originator channel was not found")
    if local := re.fullmatch(r"Local/(\d+)@canary/n", query["endpoint"]):
        return dial_ourselves(switch, id, local[1], query["appArgs"].split(",")).json()
    outside = re.fullmatch(r"PJSIP/carrier/sip:(\+?\d+)@[\d.]+:\d+", query["endpoint"])
    phone = switch.public(outside[1]) if outside else switch.phones.get(query["endpoint"].removeprefix("PJSIP/"))
    if phone is None or not (phone.online or outside):
        raise refusal(500, "Allocation failed")
    was_in = phone.channel
    args = query.get("appArgs", query.get("context", "")).split(",")
    channel = FakeChannel(switch, id, phone, state="Down", number=phone.number, args=args)
    channel.context = query.get("context")
    if gone := re.fullmatch(r"gone,s,1\((\w+)\)", query.get("CHANNEL(hangup_handler_push)", "")):
        channel.leaves_cause_in = gone[1]
    # A channel in the dialplan is not ours until it comes from there, or is watched.
    channel.owned = channel.originated = channel.context is None
    if (within_s := int(query["timeout"])) > 0:
        asyncio.get_running_loop().call_later(within_s, channel.rings_no_more)
    if outside and not phone.online:
        phone.channel = was_in
        asyncio.get_running_loop().call_later(0.2, channel.hang_up, _NOT_IN_ORDER)
    elif was_in is not None:
        phone.channel = was_in
        asyncio.get_running_loop().call_later(0.05, channel.hang_up, 17)
    else:
        switch.call_phone(channel, phone)
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
