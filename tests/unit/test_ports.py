"""A taken port is reported with its holder and the key to change, before anything starts."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hotline.supervisor.ports import holder, taken
from models.instance.home import PROJECT_ROOT, Home
from models.site import Site
from phones.instance import changed
from phones.ports import Ports, claimed

pytestmark = pytest.mark.unit

KINDS = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def ports() -> Iterator[Ports]:
    with claimed() as ports:
        yield ports


def site(home: Home, ports: Ports, address: str = "127.0.0.1") -> Site:
    text = (PROJECT_ROOT / "site.example.toml").read_text(encoding="utf-8")
    first, last = ports.rtp
    for key, value in {
        "sip.port": ports.sip,
        "sip.address": address,
        "http.port": ports.http,
        "agi.port": ports.agi,
        "console.port": ports.console,
        "rtp.first": first,
        "rtp.last": last,
    }.items():
        text = changed(text, key, value)
    home.site_file.write_text(text, encoding="utf-8")
    return Site.load(home.site_file)


@pytest.fixture
def held(ports: Ports) -> Iterator[ExitStack]:
    with ExitStack() as held:
        yield held


def bound(held: ExitStack, protocol: str, port: int) -> socket.socket:
    """A socket on a port whose earlier connections may still be in TIME_WAIT."""
    taker = held.enter_context(socket.socket(socket.AF_INET, KINDS[protocol]))
    taker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(protocol == "tcp"))
    taker.bind(("127.0.0.1", port))
    return taker


def hold(held: ExitStack, protocol: str, port: int) -> None:
    taker = bound(held, protocol, port)
    if protocol == "tcp":
        taker.listen()


def test_free_ports_are_no_problem(home: Home, ports: Ports) -> None:
    assert taken(home, site(home, ports)) == []


@pytest.mark.parametrize(
    ("protocol", "port", "key"),
    [
        ("udp", "sip", "sip.port"),
        ("tcp", "sip", "sip.port"),
        ("tcp", "http", "http.port"),
        ("tcp", "agi", "agi.port"),
        ("tcp", "console", "console.port"),
    ],
)
def test_a_taken_port_is_reported_with_its_holder_and_the_remedy(
    home: Home, ports: Ports, held: ExitStack, protocol: str, port: str, key: str
) -> None:
    number = getattr(ports, port)
    hold(held, protocol, number)
    (problem,) = taken(home, site(home, ports))
    assert (problem.file, problem.key) == (home.site_file, key)
    assert f"{number}/{protocol} on 127.0.0.1 is in use by process {os.getpid()} (" in problem.wrong
    assert problem.right == "a free port, or end that program"
    assert str(number) in problem.wrong_zh


def test_all_taken_ports_are_reported_at_once_and_each_key_once(home: Home, ports: Ports, held: ExitStack) -> None:
    for protocol, number in (("udp", ports.sip), ("tcp", ports.sip), ("tcp", ports.http)):
        hold(held, protocol, number)
    assert [problem.key for problem in taken(home, site(home, ports))] == ["sip.port", "http.port"]


def test_an_address_of_another_machine_is_reported_as_such(home: Home, ports: Ports) -> None:
    (problem,) = taken(home, site(home, ports, "192.0.2.77"))
    assert problem.key == "sip.address"
    assert '"192.0.2.77" is no address of this machine' in problem.wrong


def test_an_outgoing_connection_does_not_hold_a_port(held: ExitStack, ports: Ports) -> None:
    """With TCP, only a listening socket holds a port."""
    bound(held, "tcp", ports.http)
    assert holder("tcp", ports.http) == ""
