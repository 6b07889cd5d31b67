"""A locked store costs callers the menu, not the line: the living application hands them to the fallback (R13-1)."""

import pytest

from models.states.tickets import TicketKind
from phones.faults import store_locked
from phones.instance import LiveHotline
from phones.written import filed_call, tasks_of, ticket_of

pytestmark = pytest.mark.asterisk


def test_callers_of_a_living_application_are_served_while_the_store_is_locked(hotline: LiveHotline) -> None:
    """One caller arrives, one is in the menu already; both get help, and the application survives."""
    restarts = hotline.child("ivr")["restarts"]
    technician = hotline.phone("7020")
    in_the_menu, arriving = hotline.caller("13800138411"), hotline.caller("13800138412")
    in_the_menu.reach("8000")
    in_the_menu.wait_heard("menu", part=1)
    with store_locked(hotline):
        arriving.dial("8000")
        in_the_menu.press("2")
        in_the_menu.wait_heard("fallback-menu", 40, part=1)
        in_the_menu.hang_up()
        arriving.wait_answered(30)
        arriving.wait_heard("fallback-menu", part=1)
        arriving.press("1")
        technician.wait_ringing(15)
        arriving.hang_up()
        technician.wait_ended()
    for number, kind in (("13800138411", TicketKind.MESSAGE), ("13800138412", TicketKind.URGENT_REPAIR)):
        record = filed_call(hotline, number)
        assert ticket_of(hotline, record).ticket.kind is kind
        assert len(tasks_of(hotline, record)) == 1
    assert hotline.child("ivr")["restarts"] == restarts
    hotline.caller("13800138413").reach("8000")
