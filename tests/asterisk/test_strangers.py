"""A stranger gets one answer, whatever he says: nothing tells him which names exist."""

import os
import random
import re
import socket
import struct
import subprocess
from collections.abc import Iterator
from itertools import islice

import pytest
from sqlalchemy import func, select

from models.instance.secrets import Secrets
from models.tables import Call
from phones.instance import CARRIER, LiveHotline
from phones.outsider import Outsider
from phones.raw import RawPhone, registered
from phones.strangers import Server, requests
from phones.written import wait_nothing_left
from tests.asterisk.conftest import QUIET

pytestmark = pytest.mark.asterisk

NEAR, FAR = "127.0.0.1", "127.0.0.3"
"""Inside and outside the telephones' network."""
NAMES = ["7001", "7050", "1101"]
REFUSALS = {400, 401, 405, 406, 416, 420, 421, 481, 483, 484, 501, 505}
"""What a request may be refused with without a look at who sends it; 403, 404 and all successes are missing."""
TRIES = 1000


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    """A hotline whose telephones are on this machine's first loopback address only."""
    home = tmp_path_factory.mktemp("guarded")
    with LiveHotline.running(home, site={"sip.networks": [f"{NEAR}/32"]}, policy=QUIET) as instance:
        yield instance


def stranger(hotline: LiveHotline, address: str = NEAR) -> Outsider:
    return Outsider((hotline.site.sip.address, hotline.ports.sip), address)


@pytest.mark.parametrize("address", [NEAR, FAR])
def test_a_thousand_forms_of_requests_from_strangers_get_nothing_but_a_refusal(
    guarded: LiveHotline, address: str
) -> None:
    asterisk, server = guarded.child("asterisk"), Server(NEAR, guarded.ports.sip, NAMES)
    with stranger(guarded, address) as one:
        for packet in islice(requests(server, *one.here, seed=20261130), TRIES):
            one.say(packet)
        one.hears_out()
    answered = [answer.status for answer in one.answers]
    assert set(answered) - {0} <= REFUSALS
    assert answered.count(401) > TRIES / 4
    assert guarded.child("asterisk") == asterisk
    assert guarded.store.read(lambda session: session.scalar(select(func.count()).select_from(Call))) == 0
    wait_nothing_left(guarded)


METHODS = ["INVITE", "REGISTER", "SUBSCRIBE", "OPTIONS", "MESSAGE"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("proves", [False, True], ids=["without-a-password", "with-a-wrong-password"])
def test_the_answer_is_the_same_for_a_name_that_exists_and_one_that_does_not(
    guarded: LiveHotline, method: str, proves: bool
) -> None:
    """Octet for octet, but for what is different each time."""
    chance, answers = random.Random(method), set()
    for address in (NEAR, FAR):
        with stranger(guarded, address) as one:
            for name in ("7001", "7998", "1101", "1998"):
                headers = [one.proof(name, chance)] if proves else []
                answer, _ = one.ask(one.request(method, name, headers=headers))
                whole = "\n".join([answer.first, *(f"{key}: {value}" for key, value in answer.headers), answer.body])
                whole = re.sub(r"[0-9a-f]{16,}", lambda found: "x" * len(found[0]), whole)
                for changing in (name, NEAR, FAR, str(one.here[1])):
                    whole = whole.replace(changing, "...")
                answers.add(re.sub(r'nonce="[0-9]{10}/', 'nonce="/', whole))
    assert len(answers) == 1
    assert answers.pop().startswith("SIP/2.0 401 ")


@pytest.mark.parametrize("method", ["INVITE", "REGISTER"])
@pytest.mark.parametrize("proves", [False, True], ids=["without-a-password", "with-a-wrong-password"])
def test_the_time_of_the_answer_does_not_say_whether_a_name_exists(
    guarded: LiveHotline, method: str, proves: bool
) -> None:
    """The area under the curve: how often an unknown name is answered later than a known one; 0.5 is a coin."""
    chance = random.Random(f"time {method} {proves}")
    took: dict[str, list[float]] = {"7001": [], "7998": []}
    with stranger(guarded) as one:
        for _ in range(TRIES):
            for name in chance.sample(sorted(took), 2):
                headers = [one.proof(name, chance)] if proves else []
                took[name].append(one.ask(one.request(method, name, headers=headers))[1])
    assert 0.4 <= _auc(took["7001"], took["7998"]) <= 0.6


def _auc(known: list[float], unknown: list[float]) -> float:
    """The share of pairs in which the unknown one is larger (Mann-Whitney)."""
    ranked = sorted([(value, 0) for value in known] + [(value, 1) for value in unknown])
    smaller = wins = 0
    for _, is_unknown in ranked:
        smaller, wins = (smaller, wins + smaller) if is_unknown else (smaller + 1, wins)
    return wins / len(known) / len(unknown)


def test_the_right_password_is_no_use_outside_the_networks_of_the_site(guarded: LiveHotline) -> None:
    with registered(guarded, "7001") as phone:
        password = secrets_of(guarded)["7001"]
        with RawPhone("7001", phone.server, FAR) as elsewhere:
            assert elsewhere.register(password) == 401
        with RawPhone("7002", phone.server, FAR) as elsewhere:
            assert elsewhere.register(secrets_of(guarded)["7002"]) == 401


def test_the_carrier_is_known_although_no_telephone_may_be_at_his_address(guarded: LiveHotline) -> None:
    with RawPhone("13900139019", (NEAR, guarded.ports.sip), CARRIER) as caller:
        assert caller.invite("8000").status == 200


def secrets_of(hotline: LiveHotline) -> dict[str, str]:
    return Secrets.load_or_create(hotline.home, hotline.site).sip


def test_a_stranger_who_sends_first_gets_nothing_of_the_talk_of_a_silent_telephone(guarded: LiveHotline) -> None:
    """At every port of the range, while the menu is played to the telephone."""
    first, last = guarded.ports.rtp
    with registered(guarded, "7004") as phone, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
        assert phone.invite("8000", password=secrets_of(guarded)["7004"]).status == 200
        thief.bind((FAR, 0))
        thief.setblocking(False)
        for number in range(12):
            packet = struct.pack("!BBHII", 0x80, 8, number, number * 160, 0xBAD) + b"\x2a" * 160
            for port in range(first, last, 2):
                thief.sendto(packet, (NEAR, port))
            heard = phone.sounds
            phone.wait(lambda: phone.sounds > heard, "the menu")  # noqa: B023 - it waits here
        phone.wait(lambda: phone.sounds > heard + 25, "more of the menu")
        with pytest.raises(BlockingIOError):
            thief.recv(2048)


def test_every_socket_of_the_service_is_on_an_address_of_the_site_file(guarded: LiveHotline) -> None:
    """Two of PJSIP's, on all addresses, are closed where the kernel may be asked to."""
    pids = {child["pid"] for child in guarded.state()["children"].values()}
    ours = {guarded.site.sip.address, guarded.site.console.address, "127.0.0.1"}
    expected = {f"{NEAR}:{guarded.ports.sip}", f"{NEAR}:{guarded.ports.console}"}
    guarded.until(lambda: expected <= {place for place, pid in listening() if pid in pids}, "both ports", 30)
    places = [place for place, pid in listening() if pid in pids]
    strange = [place for place in places if place.rpartition(":")[0] not in ours]
    # The socket from which Asterisk copies its SIP to us (hep.conf) opens again with its next packet; nobody reads it.
    assert len(strange) <= (1 if os.geteuid() == 0 else 3)


def listening() -> Iterator[tuple[str, int]]:
    """Each UDP socket and each listening TCP socket of this machine, and its process."""
    shown = subprocess.run(["ss", "-H", "-l", "-u", "-t", "-n", "-p"], capture_output=True, text=True, check=True)
    for line in shown.stdout.splitlines():
        if found := re.search(r"pid=([0-9]+),", line):
            yield line.split()[4], int(found[1])
