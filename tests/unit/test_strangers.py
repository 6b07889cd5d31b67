"""The networks of the site file leave no address in between, and a wrong one is named."""

import ipaddress

import pytest

from models.errors import ConfigError
from models.instance.home import PROJECT_ROOT, Home
from models.site import Site
from models.site.network import all_but
from tests.unit.test_render import home

pytestmark = pytest.mark.unit
__all__ = ["home"]


def test_every_address_is_either_in_a_network_of_the_site_or_a_strangers() -> None:
    site = Site.load(PROJECT_ROOT / "site.example.toml")
    strange = [ipaddress.IPv4Network(network) for network in site.strange_networks]
    ours = [ipaddress.IPv4Network(network) for network in [*site.sip.networks, *site.carrier.addresses]]
    everything = ipaddress.collapse_addresses([*strange, *ours])
    assert list(everything) == [ipaddress.IPv4Network("0.0.0.0/0")]
    assert not any(one.overlaps(other) for one in strange for other in ours)


@pytest.mark.parametrize(
    ("networks", "strange"),
    [
        (["0.0.0.0/0"], []),
        (["0.0.0.0/1"], ["128.0.0.0/1"]),
        (["128.0.0.0/1", "0.0.0.0/2", "0.0.0.0/8"], ["64.0.0.0/2"]),
        (["255.255.255.255/32", "0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/3", "224.0.0.0/4"], None),
    ],
)
def test_what_is_left_over_is_exactly_the_rest(networks: list[str], strange: list[str] | None) -> None:
    left = all_but(networks)
    assert strange is None or left == strange
    sizes = [ipaddress.IPv4Network(one).num_addresses for one in left]
    taken = sum(one.num_addresses for one in ipaddress.collapse_addresses(map(ipaddress.IPv4Network, networks)))
    assert sum(sizes) + taken == 2**32


@pytest.mark.parametrize("wrong", ["[]", '["192.168.1.5/24"]', '["all"]', '["::/0"]', '"10.0.0.0/8"'])
def test_a_wrong_network_is_named_with_what_is_right(home: Home, wrong: str) -> None:
    text = home.site_file.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("networks ="))
    home.site_file.write_text(text.replace(line, f"networks = {wrong}"), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        Site.load(home.site_file)
    assert "sip.networks" in str(refused.value)
    assert "192.168.1.0/24" in str(refused.value)


def test_a_site_file_of_before_has_the_private_networks(home: Home) -> None:
    text = home.site_file.read_text(encoding="utf-8")
    whole = Site.load(home.site_file).sip.networks
    home.site_file.write_text("\n".join(line for line in text.splitlines() if not line.startswith("networks =")))
    assert Site.load(home.site_file).sip.networks == whole
