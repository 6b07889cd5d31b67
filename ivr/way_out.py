"""The only way to the trunks: a number that the gate does not let out is refused just before it would be dialled."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.ari.objects import Channel
from ivr.house import House
from models.calls import gate, trunk_calls
from models.calls.gate import Decision
from models.policy import Policy
from models.policy.gate import Reach
from models.site import Site
from models.text.trunk_form import to_dial

log = logging.getLogger(__name__)


class NotLetOut(Exception):
    """The gate does not let this call out; the decision says why."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.en)
        self.decision = decision


@dataclass(frozen=True)
class Way:
    """How Asterisk dials a number, and the number that is shown; `trunk` is empty for one of our own telephones."""

    endpoint: str
    shown: str
    trunk: str = ""


def ways_out(site: Site, policy: Policy, number: str, reach: Reach, line: str) -> Sequence[Way]:
    """The ways to this number, in the order in which they are tried; none at a site without trunks. Raises NotLetOut.

    Over a trunk one of the carrier's own numbers is shown, as carriers refuse all others; one of our own telephones
    rings inside, and shows `line`.
    """
    decision = gate.decide(number, reach, site, policy)
    if not decision.allowed:
        log.warning("a call is refused: %s (%s, %s)", decision.en, reach, decision.rule)
        raise NotLetOut(decision)
    if decision.extension is not None:
        return [Way(f"PJSIP/{decision.extension}", f"<{line}>")]
    return [
        Way(endpoint, f"<{trunk.caller or site.main_number}>", trunk.name)
        for trunk in site.trunks
        for endpoint in trunk.destinations(to_dial(number, trunk.dials, site.site.area_code))
    ]


def way_out(site: Site, policy: Policy, number: str, reach: Reach, line: str) -> tuple[str, str]:
    """The first of the ways. Raises NotLetOut."""
    way = ways_out(site, policy, number, reach, line)[0]
    return way.endpoint, way.shown


async def let_out(house: House, number: str, reach: Reach, line: str, channel: Channel) -> tuple[str, str]:
    """As `way_out`, for a call that is about to be made on this channel: it is counted. Raises NotLetOut."""
    site, policy, at = house.site, house.policy, house.now()
    trunk = site.trunks[0].name if site.trunks else None
    decision = await house.write(
        trunk_calls.let_out, number, reach, channel_id=channel.id, site=site, policy=policy, at=at, trunk=trunk
    )
    if not decision.allowed:
        log.warning("a call is refused: %s (%s, %s)", decision.en, reach, decision.rule)
        raise NotLetOut(decision)
    return way_out(site, policy, number, reach, line)
