"""What many open pages cost: a board is read again only when something that it depends on has changed."""

from contextlib import ExitStack

import pytest

from console.live import registry
from models.calls import calls, clicks
from models.database.store import Store
from models.people import access_log, presence
from models.policy import Policy
from models.site import Site
from models.states.calls import ClickKind
from models.states.people import PresenceState
from models.states.tickets import Source, TicketKind
from models.tickets import intake
from tests.console.conftest import NOON
from tests.console.test_live import Console, a_call, board, board_with, console, settled, watching

__all__ = ["console"]

pytestmark = pytest.mark.console

OF_AN_AGENT = ("my-state", "my-call", "my-wrap-up", "my-hands", "my-colleagues")


def test_a_commit_about_something_else_makes_no_board_of_an_agent_read(
    console: Console, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with watching(console.browser("7001"), *OF_AN_AGENT, "tickets?0.", who="7001-zh") as heard:
        for _ in range(6):
            next(heard)
        settled(console)
        before = console.hub.renderings
        for number in range(20):
            store.write(access_log.log, who="7050", what="test", subject=str(number), at=NOON)
            a_call(store, channel=f"1700000000.{number}")
        settled(console)
        # Some of them are read now and then in any case, because of the time.
        often = [registry.BOARDS[name].every_s or 60 for name in OF_AN_AGENT]
        assert console.hub.renderings - before <= sum(10 / one + 1 for one in often)


def test_a_click_of_one_agent_is_seen_by_that_agent_at_once_and_costs_the_others_nothing(
    console: Console, store: Store, site: Site, policy: Policy
) -> None:
    numbers = ("7001", "7002", "7003", "7004")
    with ExitStack() as streams:
        heard = {
            number: streams.enter_context(watching(console.browser(number), "my-hands", who=f"{number}-zh"))
            for number in numbers
        }
        for number in numbers:
            board(heard[number], "my-hands")
        before = console.hub.renderings
        rules = {"site": site, "policy": policy, "at": NOON}
        store.write(clicks.ask, "7001", ClickKind.CALL, target="7001", **rules)
        assert "您自己的号码" in board(heard["7001"], "my-hands")
        assert console.hub.renderings <= before + 2


def test_the_list_of_colleagues_follows_who_talks_and_who_is_on_a_break(console: Console, store: Store) -> None:
    with watching(console.browser("7001"), "my-colleagues", who="7001-zh") as heard:
        assert "休息" not in board(heard, "my-colleagues")
        store.write(presence.say, "7003", PresenceState.BREAK, at=NOON)
        board_with(heard, "休息", "my-colleagues")
        call = a_call(store)
        legs = {"bridge_id": "b", "caller_channel": "c", "leg_channel": "r1"}
        store.write(calls.begin_talk, call_id=call.id, staff_number="7002", at=NOON, **legs)
        board_with(heard, "通话", "my-colleagues")


def test_a_list_of_tickets_is_looked_at_when_there_is_a_new_event_of_a_ticket(
    console: Console, store: Store, policy: Policy
) -> None:
    with watching(console.browser("7001"), "tickets?0.", who="7001-zh") as heard:
        assert "列表已是最新" in board(heard, "tickets?0.")
        facts = intake.Facts("王建国", "13800138000", "no water", "water")
        given = {"kind": TicketKind.REPAIR, "source": Source.VISIT, "who": "7001", "language": "zh", "at": NOON}
        store.write(intake.new, facts=facts, policy=policy, **given)
        assert "1 张工单有变化" in board(heard, "tickets?0.").replace("\n", "")
