"""A webhook reaches no machine of ours that the site has not named, by whatever form or name it is written."""

import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from models.events.destinations import Destinations
from models.events.webhooks import ToSend
from scheduler.post import post
from tests.console.conftest import NOON, Receiver

pytestmark = pytest.mark.console

LOOPBACK = ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0.0.0.0", "localhost"]
FORMS = [
    *LOOPBACK,
    "127.200.3.4",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
]
OURS = ["10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "224.0.1.1",
        "255.255.255.255", "[fe80::1]", "[fc00::1]", "[ff02::1]", "[::ffff:10.0.0.1]"]  # fmt: skip


def sent(url: str, *inside: str) -> Any:
    message = ToSend(1, 1, url, "whsec_AAAA", "msg_1", "{}")
    return post(message, Destinations(inside), at=NOON, limit_s=2, stopping=threading.Event())


@pytest.fixture
def receiver(receivers: Callable[[], Receiver]) -> Receiver:
    return receivers()


@pytest.mark.parametrize("host", [*FORMS, *OURS])
def test_no_form_of_an_address_of_ours_is_reached(receiver: Receiver, host: str) -> None:
    answer = sent(f"http://{host}:{receiver.port}/hook")
    assert not answer.taken
    assert "is not public" in answer.text
    assert receiver.got == []


@pytest.mark.parametrize("host", LOOPBACK)
def test_what_the_site_names_is_reached(receiver: Receiver, host: str) -> None:
    assert sent(f"http://{host}:{receiver.port}/hook", "127.0.0.0/8", "0.0.0.0").taken
    assert len(receiver.got) == 1
    assert receiver.got[0].headers["host"] == f"{host}:{receiver.port}"


def test_an_octal_form_is_no_address_at_all(receiver: Receiver) -> None:
    assert "Invalid IPv4 address" in sent(f"http://0177.0.0.1:{receiver.port}/hook", "127.0.0.0/8").text
    assert receiver.got == []


@pytest.mark.parametrize("host", [*(host for host in FORMS if host != "localhost"), "0177.0.0.1", *OURS])
def test_an_address_of_ours_is_refused_when_it_is_entered(host: str) -> None:
    assert Destinations().refused(host.strip("[]"))


@pytest.mark.parametrize("host", ["example.com", "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_a_public_address_or_a_name_may_be_entered(host: str) -> None:
    assert not Destinations().refused(host)


class Resolver:
    """Knows one name, which means another address at every look."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
        self.addresses, self.asked = list(addresses), 0
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host != "hook.example":
            return self._real(host, port, *args, **kwargs)
        self.asked += 1
        return self._real(self.addresses.pop(0), port, *args, **kwargs)


def test_a_name_that_means_a_machine_of_ours_is_not_reached(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    Resolver(monkeypatch, "127.0.0.1")
    assert "127.0.0.1 is not public" in sent(f"http://hook.example:{receiver.port}/").text
    assert receiver.got == []


def test_the_connection_goes_to_the_address_that_was_looked_at(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver = Resolver(monkeypatch, "127.0.0.2", "127.0.0.1")
    # The receiver listens on 127.0.0.1 alone: the second meaning of the name would reach it.
    assert not sent(f"http://hook.example:{receiver.port}/", "127.0.0.2").taken
    assert (resolver.asked, receiver.got) == (1, [])


def test_the_receiver_is_told_its_name(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    Resolver(monkeypatch, "127.0.0.1")
    assert sent(f"http://hook.example:{receiver.port}/", "127.0.0.1").taken
    assert receiver.got[0].headers["host"] == f"hook.example:{receiver.port}"
