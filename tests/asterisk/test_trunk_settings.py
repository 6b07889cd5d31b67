"""What the carrier sees of a trunk's settings: codecs, address outside, proxy, domain, number of calls."""

import re
from collections.abc import Callable, Iterator

import pytest

from models.states.calls import AttemptOutcome
from phones.instance import LiveHotline
from tests.asterisk.carrier import ACCOUNT, GATEWAY, IMS, OPEN, REGISTRAR, TELECOM, PlayedCarrier
from tests.asterisk.conftest import running_with_trunks
from tests.asterisk.test_trunks import AGENT, called_back, listed, outcome

pytestmark = pytest.mark.asterisk

Trunks = tuple[LiveHotline, PlayedCarrier]
OUTSIDE = "127.0.0.99"
"""What the router is called by everybody who is not in the local networks."""
NETWORKS = f'external_address = "{OUTSIDE}"\nlocal_networks = ["127.0.0.1/32", "{OPEN}/32"]\n'


def with_settings(site: str) -> str:
    """One call at a time over each trunk; the first speaks one codec, the second is behind a proxy and a router."""
    site = re.sub(r"(?m)^(\[sip\].*)$", rf"\1\n{NETWORKS}", site)
    site = site.replace(f'addresses = ["{OPEN}"]', f'addresses = ["{OPEN}"]\ncodecs = ["ulaw"]')
    proxy = f'server = "ims.example.com"\nproxy = "{REGISTRAR}"\nfrom_domain = "company.example.com"'
    site = site.replace(f'server = "{REGISTRAR}"', proxy)
    return site.replace("\n[[trunk]]", "\n[[trunk]]\nmax_calls = 1")


@pytest.fixture(scope="module")
def with_their_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trunks]:
    with running_with_trunks(tmp_path_factory.mktemp("settings"), change=with_settings) as both:
        yield both


@pytest.fixture
def world(with_their_settings: Trunks, at_the_end: Callable[[LiveHotline], LiveHotline]) -> Trunks:
    hotline, carrier = with_their_settings
    carrier.forgets()
    at_the_end(hotline)
    return hotline, carrier


def talk_over(hotline: LiveHotline, carrier: PlayedCarrier, trunk: str, number: str) -> dict[str, str]:
    """What the carrier has seen of a call that both ends have heard."""
    for one in (TELECOM, IMS, GATEWAY):
        carrier.does(one, "echoes" if one == trunk else "refuses")
    agent, command = called_back(hotline, number)
    agent.wait_tone(AGENT.hertz, 20, seconds=1, share=0.2)
    agent.hang_up()
    command.communicate(timeout=20)
    (talk,) = carrier.talks
    assert talk["trunk"] == trunk
    return talk


def test_a_carrier_in_a_local_network_sees_our_own_address_and_the_codecs_of_its_trunk(world: Trunks) -> None:
    talk = talk_over(*world, TELECOM, "13800138171")
    assert talk["codec"] == "(ulaw)"
    assert "@127.0.0.1:" in talk["contact"]
    assert talk["voice"].startswith("127.0.0.1:")
    assert talk["route"] == ""


def test_a_carrier_outside_sees_the_routers_address_the_domain_of_the_account_and_comes_by_the_proxy(
    world: Trunks,
) -> None:
    talk = talk_over(*world, IMS, "13800138172")
    assert talk["codec"] == "(alaw)"
    assert f"@{OUTSIDE}:" in talk["contact"]
    assert f"<sip:{ACCOUNT}@company.example.com>" in talk["from"]
    assert talk["route"].startswith(f"<sip:{REGISTRAR}:")


@pytest.mark.crowd
@pytest.mark.timeout(240)
def test_a_call_more_than_a_trunk_takes_goes_over_the_next_and_without_one_the_colleague_hears_it(
    world: Trunks,
) -> None:
    hotline, carrier = world
    for one in (TELECOM, IMS, GATEWAY):
        carrier.does(one, "echoes")
    talks = []
    for staff in ("7001", "7002", "7003"):
        agent, command = called_back(hotline, f"1380013818{staff[-1]}", staff)
        agent.wait_tone(AGENT.hertz, 20, seconds=1, share=0.2)
        talks.append((agent, command))
    assert [talk["trunk"] for talk in carrier.talks] == [TELECOM, IMS, GATEWAY]
    number = "13800138174"
    agent, command = called_back(hotline, number, "7004")
    agent.wait_heard("call-back-unreachable", 20)
    agent.wait_ended()
    assert "unreachable" in command.communicate(timeout=20)[0]
    assert outcome(hotline, number) is AttemptOutcome.UNREACHABLE
    assert len(carrier.calls) == 3
    hotline.until(lambda: {row["failure"] for row in listed(hotline).values()} == {"call-full"}, "why, in the list", 20)
    for agent, command in talks:
        agent.hang_up()
        command.communicate(timeout=20)
