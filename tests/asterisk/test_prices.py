"""Callers hear exactly the prices of paid services that the site has entered (R08-11)."""

import pytest

from phones.instance import LiveHotline
from phones.written import call_of
from tests.asterisk.conftest import PRICES_SAY

pytestmark = pytest.mark.asterisk


def test_the_caller_hears_the_prices_and_the_menu_again(hotline: LiveHotline) -> None:
    """R08-11: spoken by the site's voice at the start; a caller who only listens leaves no ticket."""
    caller = hotline.caller("13800138039")
    caller.reach("8000")
    caller.press("3")
    caller.wait_heard("enquiry-menu")
    caller.wait_heard("enquiry-menu-prices", part=1)
    caller.press("3")
    caller.wait_heard(PRICES_SAY)
    caller.wait_heard("enquiry-menu", part=1)
    caller.hang_up()
    record = call_of(hotline, "13800138039")
    assert record.call.menu_path == "enquiry_or_suggestion>prices"
    assert (record.call.ticket_id, record.rings) == (None, [])
