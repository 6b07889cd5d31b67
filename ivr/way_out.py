"""The only way to the trunk: a number that the gate does not let out is refused just before it would be dialled."""

import logging

from models.calls import gate
from models.calls.gate import Decision
from models.policy import Policy
from models.policy.gate import Reach
from models.site import Site
from models.text.numbers import as_dialled

log = logging.getLogger(__name__)


class NotLetOut(Exception):
    """The gate does not let this call out; the decision says why."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.en)
        self.decision = decision


def way_out(site: Site, policy: Policy, number: str, reach: Reach, line: str) -> tuple[str, str]:
    """How Asterisk dials this number, and the number that is shown. Raises NotLetOut.

    Over the carrier's trunk one of the carrier's own numbers is shown, as carriers refuse all others; one of our own
    telephones rings inside, and shows `line`.
    """
    decision = gate.decide(number, reach, site, policy)
    if not decision.allowed:
        log.warning("a call is refused: %s (%s, %s)", decision.en, reach, decision.rule)
        raise NotLetOut(decision)
    if decision.extension is not None:
        return f"PJSIP/{decision.extension}", f"<{line}>"
    carrier, digits = site.carrier, as_dialled(number)
    return f"PJSIP/carrier/sip:{digits}@{carrier.addresses[0]}:{carrier.port}", f"<{site.main_number}>"
