"""One key is one key however many ways a telephone sends it; one that sends keys only by SIP INFO is served as well."""

import time
from collections.abc import Callable

import pytest
from sqlalchemy import select

from models.states.tickets import TicketKind
from models.tables import Talk
from phones.faults import kept_dead
from phones.instance import CARRIER, LiveHotline
from phones.raw import RawPhone, registered
from phones.written import call_of, ticket_of

pytestmark = pytest.mark.asterisk

NUMBER = "13900139031"
Press = Callable[[RawPhone, str], object]


def both_ways(phone: RawPhone, key: str) -> None:
    """By RFC 4733, and by SIP INFO 0.04 s later."""
    phone.media.press(key)
    time.sleep(0.04)
    assert phone.press(key).status == 200


def both_ways_at_once(phone: RawPhone, key: str) -> None:
    """SIP INFO when the key is pressed, RFC 4733 as long as it is held."""
    phone.send("INFO", ["Content-Type: application/dtmf-relay"], f"Signal={key}\r\nDuration=160\r\n")
    phone.media.press(key, 0.3)


def outside(hotline: LiveHotline) -> RawPhone:
    return RawPhone(NUMBER, (hotline.site.sip.address, hotline.ports.sip), CARRIER)


@pytest.mark.parametrize("presses", [both_ways, both_ways_at_once])
def test_who_presses_1_once_has_no_urgent_repair(hotline: LiveHotline, presses: Press) -> None:
    with outside(hotline) as caller:
        assert caller.invite("8000").status == 200
        caller.media.wait_heard("menu")
        presses(caller, "1")
        caller.media.wait_heard("repair-menu", part=3)
    record = call_of(hotline, NUMBER)
    assert (record.call.menu_path, record.call.ticket_id) == ("repair", None)


@pytest.mark.parametrize("how", ["sound", "info"])
def test_who_presses_1_twice_quickly_has_an_urgent_repair(hotline: LiveHotline, how: str) -> None:
    """Also from a telephone that sends only SIP INFO, and claims 160 ms for every key."""
    with outside(hotline) as caller:
        assert caller.invite("8000").status == 200
        caller.media.wait_heard("menu")
        for _ in range(2):
            if how == "info":
                caller.press("1")
                time.sleep(0.12)
            else:
                caller.media.press("1", 0.08)
                time.sleep(0.08)
        caller.media.wait_heard("urgent-connecting")
    record = call_of(hotline, NUMBER)
    assert ticket_of(hotline, record).ticket.kind is TicketKind.URGENT_REPAIR


def test_an_agent_whose_telephone_sends_each_key_both_ways_transfers_to_the_number_dialled(
    hotline: LiveHotline, owner: str
) -> None:
    """R05-4: *2 and the number, whose two zeros are two zeros."""
    colleague, caller = hotline.phone("7002"), hotline.caller(owner)
    with registered(hotline, "7001") as agent:
        caller.reach("8000")
        caller.wait_heard("menu", part=1)
        caller.press("0")
        agent.wait_rung(seconds=20)
        going_on = select(Talk).where(Talk.ended_at.is_(None))
        hotline.until(lambda: hotline.store.read(lambda session: session.scalar(going_on)), "talk", 20)
        for key in "*27002":
            both_ways(agent, key)
            time.sleep(0.15)  # as fast as a finger finds the next key
        colleague.wait_ringing(15)
        both_ways(agent, "*")
        colleague.wait_ended()
        agent.request("BYE")
        caller.hang_up()
    assert [transfer.to_number for transfer in call_of(hotline, owner).transfers] == ["7002"]


def test_the_fallback_opens_one_urgent_ticket_for_a_key_sent_both_ways(hotline: LiveHotline) -> None:
    with kept_dead(hotline, "ivr"), outside(hotline) as caller:
        assert caller.invite("8000").status == 200
        caller.media.wait_heard("fallback-menu")
        both_ways(caller, "1")
        caller.media.wait_heard("urgent-connecting")
        caller.media.wait_heard("leave-message", timeout=30)
    record = call_of(hotline, NUMBER)
    assert (record.call.menu_path, ticket_of(hotline, record).ticket.kind) == ("urgent", TicketKind.URGENT_REPAIR)
