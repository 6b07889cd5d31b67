"""What a rung telephone answers starts no call: 302 to anywhere, 181, REFER and Replaces, wherever it was rung for."""

from collections.abc import Sequence

from phones.sip import Reply
from tests.attack.outcome import Kind, Outcome
from tests.attack.rotation import Rotation
from tests.attack.ways import WAYS
from tests.attack.world import BYSTANDER, World

_ELSEWHERE = "sip:13912345678@127.0.0.9:5060"


def replies(world: World) -> list[Sequence[Reply]]:
    """All forms; the targets are a telephone that no flow rings, a line of ours, the police, a premium number, and
    channels that Asterisk knows by name."""
    trunk = f"127.0.0.2%3A{world.hotline.ports.carrier}"
    users = [
        BYSTANDER,
        "110",
        f"PJSIP%2F{BYSTANDER}",
        "8001",
        f"Local%2F{BYSTANDER}%40rooms",
        "16812345",
        "Local%2F110%40emergency",
        f"PJSIP%2Fcarrier%2Fsip%3A16812345%40{trunk}",
        "%24%7BSHELL%28id%29%7D",
    ]
    moved = [(Reply("302 Moved Temporarily", (f"Contact: <sip:{user}@{world.host}>",)),) for user in users]
    here = f"Contact: <sip:{BYSTANDER}@{world.host}>"
    return [
        *moved,
        (Reply("302 Moved Temporarily", (f"Contact: <{_ELSEWHERE}>",)),),
        (Reply("301 Moved Permanently", (here,)),),
        (Reply("305 Use Proxy", (here,)),),
        (Reply("380 Alternative Service", (here,)),),
        (Reply("302 Moved Temporarily", (f"{here}, <sip:110@{world.host}>",)),),
        (Reply("180 Ringing"), Reply("181 Call Is Being Forwarded", (here,)), Reply("486 Busy Here", (here,))),
        (Reply("480 Temporarily Unavailable", (here,)),),
        (Reply("503 Service Unavailable", (here, "Retry-After: 0")),),
        (Reply("603 Decline", (here, f"Diversion: <sip:{BYSTANDER}@{world.host}>;reason=deflection")),),
    ]


def attack(world: World, outcome: Outcome) -> None:
    every = replies(world)
    for place, way in enumerate(WAYS):
        if (world.foreign and way.this_build) or (way.slow and not world.large):
            continue
        # In the small form each way has other answers.
        first = 0 if world.large else place * 4 % len(every)
        answers = Rotation((every[first:] + every[:first])[: world.some(len(every), 4)])
        world.answer_with({})
        world.register()
        with world.watched(
            outcome,
            way.name,
            may_ring=way.rings,
            may_leave=way.may_leave(world),
            calls=way.calls(world),
            killed=way.kills,
        ):
            way.happens(world, answers)
        outcome.tried(answers.used)
        if not answers.used:
            outcome.loses(f"{way.name}: no telephone was rung, so nothing is proved")
        world.answer_with({})


KIND = Kind("redirects", "have a rung telephone send the call elsewhere", attack)
