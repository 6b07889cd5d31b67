"""Telephones may, or must, speak TLS and SRTP; a plain offer is refused where they must."""

from collections.abc import Iterator

import pytest

from models.instance import tls
from models.instance.secrets import Secrets
from phones import choosing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.raw import RawPhone
from phones.written import wait_nothing_left
from tests.asterisk.conftest import QUICK_RINGS

pytestmark = pytest.mark.asterisk

CALLER, AGENT = tones(2)


@pytest.fixture(scope="module", params=["optional", "required"])
def encrypting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    home = tmp_path_factory.mktemp(request.param)
    with LiveHotline.running(home, site={"sip.tls": request.param}, policy=QUICK_RINGS) as instance:
        yield instance


@pytest.fixture
def hotline(encrypting: LiveHotline) -> Iterator[LiveHotline]:
    yield encrypting
    encrypting.close_phones()
    wait_nothing_left(encrypting)


def test_an_encrypted_telephone_talks_with_a_caller_from_the_public_network(hotline: LiveHotline) -> None:
    agent, caller = hotline.encrypted_phone("7001", AGENT), hotline.caller("13900139119", CALLER)
    agent.when_it_rings("answer", after_s=0.2)
    caller.reach("8000")
    choosing.person(caller)
    agent.wait_heard("whisper-person")
    agent.press("1")
    caller.wait_tone(AGENT.hertz, 15, seconds=1)
    agent.wait_tone(CALLER.hertz, seconds=1)
    caller.hang_up()
    agent.wait_ended()


def test_a_plain_telephone_is_heard_where_encryption_is_optional_and_refused_where_it_is_required(
    hotline: LiveHotline,
) -> None:
    password = Secrets.load_or_create(hotline.home, hotline.site).sip["7002"]
    if hotline.site.sip.tls == "optional":
        phone = hotline.phone("7002")
        phone.reach("8000")
        phone.wait_heard("greeting")
        phone.hang_up()
    else:
        with RawPhone("7002", (hotline.site.sip.address, hotline.ports.sip), "127.0.0.1") as plain:
            assert plain.register(password) == 401
            assert plain.invite("110", password=password).status == 401


def test_the_start_says_where_the_authority_is_that_the_telephones_need(hotline: LiveHotline) -> None:
    assert str(tls.authority(hotline.home)) in hotline.said()
