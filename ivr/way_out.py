"""The only way to the trunks: a number that the gate does not let out is refused just before it would be dialled."""

import logging
from typing import Any

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


def way_out(site: Site, policy: Policy, number: str, reach: Reach, line: str) -> tuple[str, str]:
    """How Asterisk dials this number, and the number that is shown. Raises NotLetOut.

    Over a trunk one of its own numbers is shown, as carriers refuse all others; one of our own telephones rings inside,
    and shows `line`. Where there are several ways, the dialplan tries one after the other: it gets the number in each
    form that one of the trunks wants (dialplan/extensions-trunks.conf.j2).
    """
    decision = gate.decide(number, reach, site, policy)
    if not decision.allowed:
        log.warning("a call is refused: %s (%s, %s)", decision.en, reach, decision.rule)
        raise NotLetOut(decision)
    if decision.extension is not None:
        return f"PJSIP/{decision.extension}", f"<{line}>"
    dialled = [to_dial(number, form, site.site.area_code) for form in site.number_forms]
    if (trunk := site.only_way) is not None:
        return trunk.destinations(dialled[0])[0], f"<{trunk.caller or site.main_number}>"
    return f"Local/{'_'.join(dialled)}@ways/n", f"<{site.main_number}>"


async def let_out(
    house: House, number: str, reach: Reach, line: str, channel: Channel, *, by_itself: bool = False
) -> tuple[str, str]:
    """As `way_out`, for a call that is about to be made on this channel: it is counted. Raises NotLetOut."""
    site, policy, at = house.site, house.policy, house.now()
    trunk = site.trunks[0].name if site.trunks else None
    rules: Any = {"site": site, "policy": policy, "at": at, "by_itself": by_itself}
    decision = await house.write(trunk_calls.let_out, number, reach, channel_id=channel.id, trunk=trunk, **rules)
    if not decision.allowed:
        log.warning("a call is refused: %s (%s, %s)", decision.en, reach, decision.rule)
        raise NotLetOut(decision)
    return way_out(site, policy, number, reach, line)
