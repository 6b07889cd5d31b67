"""Who guesses passwords is answered 403 before any is looked at; calls go on, and no telephone is locked out."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from models.instance.home import PROJECT_ROOT
from models.instance.secrets import Secrets
from models.states.tickets import TaskKind, TaskState
from models.tables import Task
from phones.instance import CARRIER, LiveHotline
from phones.outsider import Outsider
from phones.raw import RawPhone, registered
from tests.asterisk.conftest import QUIET

pytestmark = pytest.mark.asterisk

STRANGER, OTHER = "127.0.0.5", "127.0.0.6"
WITHIN_S = 15.0


@pytest.fixture(scope="module")
def banning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    """Ten wrong passwords, as delivered. Without the firewall, which would leave these stories without an answer."""
    policy = QUIET | {"guessing.tries": 10, "guessing.account_tries": 30, "guessing.firewall": False}
    with LiveHotline.running(tmp_path_factory.mktemp("banning"), policy=policy) as instance:
        yield instance


def guesses(hotline: LiveHotline, address: str, times: int) -> list[int]:
    """Tries to register as 7001 with wrong passwords; what was answered."""
    with RawPhone("7001", (hotline.site.sip.address, hotline.ports.sip), address) as phone:
        return [phone.register(f"guess-number-{number}") for number in range(times)]


def status(hotline: LiveHotline, address: str) -> int:
    """The answer to a REGISTER without a password."""
    with Outsider((hotline.site.sip.address, hotline.ports.sip), address) as one:
        return one.ask(one.request("REGISTER", "7001"))[0].status


def command(hotline: LiveHotline, *words: str) -> str:
    whole = [sys.executable, "-m", "hotline", "--home", str(hotline.home.path), "--lang", "en", *words]
    return subprocess.run(whole, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True).stdout


def test_ten_wrong_passwords_ban_an_address_until_somebody_lifts_it(banning: LiveHotline) -> None:
    """A talk that goes on hears nothing of it, an Asterisk that starts again knows it, and the manager has a task."""
    with registered(banning, "7002") as agent, outside(banning) as caller:
        assert caller.invite("8000").status == 200
        caller.wait(lambda: caller.sounds > 50, "the menu")
        assert guesses(banning, STRANGER, 9) == [401] * 9
        assert status(banning, STRANGER) == 401
        guesses(banning, STRANGER, 1)
        banning.until(lambda: status(banning, STRANGER) == 403, "ban", WITHIN_S)
        heard = caller.sounds
        caller.wait(lambda: caller.sounds > heard + 50, "more of the menu")
        assert agent.register(password(banning, "7002")) == 200
    assert status(banning, OTHER) == 401
    (listed,) = json.loads(command(banning, "bans", "--json"))
    assert (listed["address"], listed["tries"], listed["in_force"]) == (STRANGER, 10, True)
    restarts = banning.kill("asterisk")
    banning.wait_restarted("asterisk", restarts)
    banning.until(lambda: status(banning, STRANGER) == 403, "ban after the restart", WITHIN_S)
    banning.until(lambda: task(banning) is not None, "task of the manager", 30)
    assert "no longer banned" in command(banning, "bans", "lift", STRANGER)
    banning.until(lambda: status(banning, STRANGER) == 401, "end of the ban", WITHIN_S)
    assert STRANGER in command(banning, "access")
    banning.until(lambda: task(banning) is None, "end of the task", 30)


def test_many_addresses_that_guess_one_account_are_slowed_and_its_telephone_is_not(banning: LiveHotline) -> None:
    """Also from the telephone's own address nobody can lock it out."""
    chance = random.Random("many")
    with registered(banning, "7003") as phone:
        for number in range(30):
            with Outsider(phone.server, f"127.0.1.{number + 1}") as one:
                one.ask(one.request("REGISTER", "7003", headers=[one.proof("7003", chance)]))
        banning.until(lambda: status(banning, "127.0.1.30") == 403, "ban of the last of many", WITHIN_S)
        with RawPhone("7003", phone.server) as neighbour:
            assert [neighbour.register("wrong-password") for _ in range(12)] == [401] * 12
        with RawPhone("7003", phone.server, "127.0.2.1") as another:
            another.register("wrong-password")
        banning.until(lambda: status(banning, "127.0.2.1") == 403, "ban at the first try", WITHIN_S)
        assert phone.register(password(banning, "7003")) == 200


def test_the_carrier_is_never_banned(banning: LiveHotline) -> None:
    guesses(banning, CARRIER, 12)
    guesses(banning, OTHER, 12)
    banning.until(lambda: status(banning, OTHER) == 403, "ban", WITHIN_S)
    with outside(banning) as caller:
        assert caller.invite("8000").status == 200


def outside(hotline: LiveHotline) -> RawPhone:
    return RawPhone("13900139118", (hotline.site.sip.address, hotline.ports.sip), CARRIER)


def password(hotline: LiveHotline, number: str) -> str:
    return Secrets.load_or_create(hotline.home, hotline.site).sip[number]


def task(hotline: LiveHotline) -> Task | None:
    query = select(Task).where(Task.kind == TaskKind.GUESSING, Task.state == TaskState.OPEN)
    return hotline.store.read(lambda session: session.scalar(query))
