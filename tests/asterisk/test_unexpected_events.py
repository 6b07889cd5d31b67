"""What Asterisk reports that no dialplan of ours causes ends no program, and no caller notices (R13-1)."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from models.instance.secrets import Secrets
from phones import choosing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.phone import Phone
from phones.written import wait_nothing_left

pytestmark = pytest.mark.asterisk

CALLER, AGENT = tones(2)


@pytest.fixture
def asterisk(hotline: LiveHotline) -> Iterator[httpx.Client]:
    """Another program that may use this Asterisk's ARI."""
    password = Secrets.load_or_create(hotline.home, hotline.site).ari_password
    address = f"http://127.0.0.1:{hotline.ports.http}/ari"
    with httpx.Client(base_url=address, auth=("hotline", password), timeout=10) as program:
        yield program


def logged(hotline: LiveHotline) -> Callable[[], str]:
    """What the application has logged from now on."""
    log = hotline.home.logs / "ivr.log"
    begin = log.stat().st_size
    return lambda: log.read_bytes()[begin:].decode()


def in_a_talk(hotline: LiveHotline, number: str) -> tuple[Phone, Phone]:
    agent = hotline.phone("7001", AGENT)
    agent.when_it_rings("answer", after_s=0.3)
    caller = hotline.caller(number, CALLER)
    caller.reach("8000")
    choosing.person(caller)
    agent.wait_heard("whisper-person")
    agent.press("1")
    caller.wait_tone(AGENT.hertz, 15, seconds=1)
    return caller, agent


def test_a_channel_with_arguments_that_we_do_not_know_is_hung_up_and_a_talk_goes_on(
    hotline: LiveHotline, asterisk: httpx.Client
) -> None:
    caller, agent = in_a_talk(hotline, "13900139061")
    restarts, said = hotline.child("ivr")["restarts"], logged(hotline)
    unknown = [None, "", "feature", "over,8000", "line", "resumed,8000,more", "canary", "somebody"]
    made = [
        asterisk.post(
            "/channels/create",
            params={"endpoint": "Local/s@sorry", "app": hotline.site.node, "channelId": f"unknown-{place}"}
            | ({} if arguments is None else {"appArgs": arguments}),
        )
        for place, arguments in enumerate(unknown)
    ]
    assert [answer.status_code for answer in made] == [200] * len(unknown)
    hotline.until(
        lambda: not any(c["id"].startswith("unknown-") for c in asterisk.get("/channels").json()), "end of them"
    )
    caller.wait_tone(AGENT.hertz, 3, seconds=2)
    agent.hang_up()
    caller.wait_ended()
    wait_nothing_left(hotline)
    assert hotline.child("ivr")["restarts"] == restarts
    assert "Traceback" not in said()
    for place, arguments in enumerate(unknown):
        assert f"the channel unknown-{place} is hung up" in said(), arguments


def test_events_of_objects_that_are_no_calls_end_nothing(hotline: LiveHotline, asterisk: httpx.Client) -> None:
    """Somebody subscribes our application to telephones and devices, or sends it an event of his own."""
    caller, agent = in_a_talk(hotline, "13900139062")
    restarts, said = hotline.child("ivr")["restarts"], logged(hotline)
    sources = "endpoint:PJSIP/7002,endpoint:PJSIP,deviceState:Stasis:lamp"
    subscribed = asterisk.post(f"/applications/{hotline.site.node}/subscription", params={"eventSource": sources})
    assert subscribed.status_code == 200, subscribed.text
    hotline.phone("7002")
    assert asterisk.put("/deviceStates/Stasis:lamp", params={"deviceState": "INUSE"}).status_code == 204
    told = asterisk.post("/events/user/StasisStart", params={"application": hotline.site.node})
    assert told.status_code == 204, told.text
    caller.wait_tone(AGENT.hertz, 3, seconds=2)
    agent.hang_up()
    caller.wait_ended()
    wait_nothing_left(hotline)
    asterisk.request("DELETE", f"/applications/{hotline.site.node}/subscription", params={"eventSource": sources})
    assert hotline.child("ivr")["restarts"] == restarts
    assert "Traceback" not in said()
