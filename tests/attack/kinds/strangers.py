"""Strangers' requests in many forms: nobody rings, nothing is written, and Asterisk lives."""

import itertools

from phones.strangers import Server, requests
from tests.attack.outcome import Kind, Outcome
from tests.attack.volley import Volley
from tests.attack.world import STRANGER, World


def attack(world: World, outcome: Outcome) -> None:
    number = world.some(1000, 80)
    volley = Volley(world.server, STRANGER)
    server = Server(*world.server, telephones=list(world.phones))
    try:
        with world.watched(outcome, "a stranger's request"):
            forms = itertools.islice(requests(server, STRANGER, volley.port, world.seed), number)
            outcome.tried(number)
            for answer in volley.fire(forms):
                if 100 < answer.status < 400:
                    outcome.gets_in(f"{answer.get('cseq')} from {answer.get('from')}: {answer.first}")
    finally:
        volley.close()


KIND = Kind("strangers", "be served without a password, in many forms of request", attack)
