"""When there is no room for another call it is refused, with a row that says so; Asterisk lives, and 110 goes out."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from dialplan.render import calls_in
from models.calls.calls import NO_SOUND
from models.instance.secrets import Secrets
from models.tables import Call
from phones.instance import CARRIER, LiveHotline
from phones.ports import claimed
from phones.raw import RawPhone
from phones.written import wait_nothing_left
from tests.asterisk.conftest import QUICK_RINGS

pytestmark = pytest.mark.asterisk

FREE = {"limits.per_caller": 1, "limits.per_telephone": 2}
BUSY, NO_VOICE, MENU_S = 486, 488, 15.0
CALLERS = [f"139001390{n:02}" for n in range(40)]


@pytest.fixture(scope="module")
def cramped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    """Forty ports for voice, twenty legs: some are for emergencies, and a third of the others for callers."""
    with running(tmp_path_factory.mktemp("cramped"), ports=40, policy=FREE) as instance:
        yield instance


@pytest.fixture
def careless(tmp_path: Path) -> Iterator[LiveHotline]:
    """Twenty ports for voice, ten legs, and a policy that lets in more calls than that."""
    with running(tmp_path / "home", ports=20, policy={"limits.calls_in": 100}) as instance:
        yield instance


@contextmanager
def running(folder: Path, *, ports: int, policy: dict[str, int]) -> Iterator[LiveHotline]:
    with claimed() as block:
        instance = LiveHotline(folder, block)
        instance.configure({"rtp.last": block.rtp[0] + ports - 1}, QUICK_RINGS | policy)
        try:
            instance.start()
            yield instance
        finally:
            instance.close_phones()
            instance.stop()


def outside(hotline: LiveHotline, number: str) -> RawPhone:
    return RawPhone(number, (hotline.site.sip.address, hotline.ports.sip), CARRIER)


@contextmanager
def callers(hotline: LiveHotline, numbers: list[str]) -> Iterator[list[tuple[RawPhone, int]]]:
    """They call all at once and stay: each with the answer."""
    with ExitStack() as phones, ThreadPoolExecutor(len(numbers)) as crowd:
        everybody = [phones.enter_context(outside(hotline, number)) for number in numbers]
        answers = crowd.map(lambda one: one.invite("8000", rings=30).status, everybody)
        yield list(zip(everybody, answers, strict=True))


def reasons(hotline: LiveHotline, number: str) -> list[str | None]:
    rows = select(Call.end_reason).where(Call.caller_number == number).order_by(Call.id)
    return hotline.store.read(lambda s: list(s.scalars(rows)))


def test_more_callers_than_ports_are_refused_with_a_row_and_asterisk_lives(cramped: LiveHotline) -> None:
    """R17-1: who is let in is served, who is not hears the busy tone; a telephone of ours still reaches 110."""
    born = cramped.child("asterisk")["pid"]
    with (
        RawPhone("110", (cramped.site.sip.address, cramped.ports.sip), CARRIER, port=cramped.ports.carrier) as police,
        RawPhone("7003", (cramped.site.sip.address, cramped.ports.sip)) as agent,
        callers(cramped, CALLERS) as crowd,
    ):
        served = [phone for phone, status in crowd if status == 200]
        assert {status for _, status in crowd} <= {200, BUSY, NO_VOICE}
        assert 1 <= len(served) <= calls_in(cramped.site, cramped.policy) < 10
        for phone in served:
            phone.wait(lambda one=phone: one.sounds > 50, "the menu", MENU_S)
        answer = agent.invite("110", password=Secrets.load_or_create(cramped.home, cramped.site).sip["7003"], rings=30)
        assert answer.status == 200
        police.wait_rung()
    wait_nothing_left(cramped, 30)
    assert cramped.child("asterisk")["pid"] == born
    refused = [number for number, (_, status) in zip(CALLERS, crowd, strict=True) if status == BUSY]
    assert refused
    assert {tuple(reasons(cramped, number)) for number in refused} == {("over-total",)}


def test_when_the_ports_for_voice_have_run_out_a_caller_is_refused_with_a_row_and_the_next_one_is_served(
    careless: LiveHotline,
) -> None:
    """R17-1: Asterisk has no port left for an eleventh leg, and lives."""
    born = careless.child("asterisk")["pid"]
    numbers = CALLERS[:24]
    with callers(careless, numbers) as crowd:
        answers = dict(zip(numbers, (status for _, status in crowd), strict=True))
        assert set(answers.values()) == {200, NO_VOICE}
        refused = [number for number, status in answers.items() if status == NO_VOICE]
        assert len(refused) >= len(numbers) - 10
        for number in refused:
            careless.until(lambda one=number: reasons(careless, one), "row")
    wait_nothing_left(careless, 30)
    assert {reason for number in refused for reason in reasons(careless, number)} == {f"{NO_SOUND}: PCMA"}
    with outside(careless, "13900139502") as next_one:
        assert next_one.invite("8000").status == 200
        next_one.wait(lambda: next_one.sounds > 50, "the menu", MENU_S)
    wait_nothing_left(careless, 30)
    assert careless.child("asterisk")["pid"] == born


def test_one_number_holds_only_so_many_lines(cramped: LiveHotline) -> None:
    with outside(cramped, "13900139500") as first, outside(cramped, "13900139500") as second:
        assert [first.invite("8000").status, second.invite("8000").status] == [200, BUSY]
        with outside(cramped, "13900139501") as other:
            assert other.invite("8000").status == 200
    wait_nothing_left(cramped, 30)
    assert reasons(cramped, "13900139500")[1] == "over-caller"
    with outside(cramped, "13900139500") as again:
        assert again.invite("8000").status == 200, "the line is free again"
    wait_nothing_left(cramped, 30)


def test_a_telephone_over_its_ceiling_is_refused_but_not_its_emergency_call(cramped: LiveHotline) -> None:
    secret = Secrets.load_or_create(cramped.home, cramped.site).sip["7004"]
    server = (cramped.site.sip.address, cramped.ports.sip)
    with (
        RawPhone("110", server, CARRIER, port=cramped.ports.carrier) as police,
        RawPhone("7004", server) as first,
        RawPhone("7004", server) as second,
        RawPhone("7004", server) as third,
    ):
        answers = [one.invite("8000", password=secret).status for one in (first, second, third)]
        assert answers == [200, 200, BUSY]
        with RawPhone("7004", server) as fourth:
            assert fourth.invite("110", password=secret, rings=30).status == 200
            police.wait_rung()
        police.wait(lambda: [one for one in police.received if one.method == "BYE"], "the end of the emergency call")
    wait_nothing_left(cramped, 30)
    assert sorted(reason or "" for reason in reasons(cramped, "7004"))[-1] == "over-telephone"
