"""What leaves is counted in the transaction that lets it out, so no two processes let out more than allowed (R20-5)."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest

from models.calls import calls, trunk_calls
from models.calls.gate import Decision
from models.database.store import Store
from models.instance.home import PROJECT_ROOT
from models.policy import Policy
from models.site import Site
from models.states.calls import EndedBy
from models.states.gate import Limit, Reach
from models.tables import TrunkCall

pytestmark = pytest.mark.store

SITE = Site.load(PROJECT_ROOT / "site.example.toml")
POLICY = Policy.load(PROJECT_ROOT / "policy.toml", SITE)
MOBILE, LANDLINE, DISTANT = "13800138000", "87654321", "01087654321"
NONE = {"number_a_day": 0, "an_hour": 0, "at_once": 0, "minutes_a_day": 0, "money_a_day": 0}


def limited(purpose: Reach = Reach.CALL_BACK, new_numbers_an_hour: int = 20, **values: int) -> Policy:
    """A policy with only these limits for this purpose."""
    of = POLICY.limits.of(purpose).model_copy(update=NONE | values)
    limits = POLICY.limits.model_copy(update={purpose.value: of, "new_numbers_an_hour": new_numbers_an_hour})
    return POLICY.model_copy(update={"limits": limits})


class Gate:
    """Lets calls out, each on a channel of its own."""

    def __init__(self, store: Store, policy: Policy, purpose: Reach = Reach.CALL_BACK) -> None:
        self.store, self.policy, self.purpose = store, policy, purpose
        self.made = 0

    def asks(self, number: str, at: datetime, **more: Any) -> Decision:
        self.made += 1
        rules: dict[str, Any] = {"site": SITE, "policy": self.policy, "at": at}
        rules |= {"channel_id": f"channel-{self.made}", "trunk": "carrier"} | more
        return self.store.write(trunk_calls.let_out, number, self.purpose, **rules)

    def limit(self, number: str, at: datetime, **more: Any) -> Limit | None:
        return self.asks(number, at, **more).limit

    def is_over(self, at: datetime, *, answered: datetime | None = None) -> None:
        """All calls end at this moment, talked since `answered`."""
        rows = self.store.read(trunk_calls.going_on, SITE.node)
        ids = {row.channel_id or "" for row in rows}
        if answered is not None:
            states = dict.fromkeys(ids, "Up")
            self.store.write(trunk_calls.compare, rows, states, seen=ids, policy=self.policy, at=answered, over={})
            rows = self.store.read(trunk_calls.going_on, SITE.node)
        self.store.write(trunk_calls.compare, rows, {}, seen=ids, policy=self.policy, at=at, over={})

    def rows(self) -> list[TrunkCall]:
        return self.store.read(lambda s: s.query(TrunkCall).order_by(TrunkCall.id).all())


def test_one_number_is_called_so_often_a_day_however_it_is_written(store: Store, noon: datetime) -> None:
    """A restart forgets nothing, and the day is the site's."""
    gate = Gate(store, limited(number_a_day=2))
    assert [gate.limit(n, noon) for n in (MOBILE, f"+86{MOBILE}", f"0{MOBILE}")] == [None, None, Limit.NUMBER_A_DAY]
    assert gate.limit(LANDLINE, noon) is None
    assert Gate(store, gate.policy).limit(MOBILE, noon) is Limit.NUMBER_A_DAY
    midnight = noon.astimezone(SITE.time_zone).replace(hour=23, minute=59)
    assert gate.limit(MOBILE, midnight) is Limit.NUMBER_A_DAY
    assert gate.limit(MOBILE, midnight + timedelta(minutes=1)) is None
    refused = [row for row in gate.rows() if row.reason]
    assert {row.reason for row in refused} == {"refused-too-often"}
    assert all(row.ended_at == row.decided_at and row.channel_id is None for row in refused)


def test_each_purpose_has_its_own_calls_an_hour(store: Store, noon: datetime) -> None:
    gate = Gate(store, limited(an_hour=2))
    assert [gate.limit(f"1380013800{n}", noon) for n in range(3)] == [None, None, Limit.AN_HOUR]
    assert Gate(store, gate.policy, Reach.STAFF_MOBILE).limit(MOBILE, noon) is None
    assert gate.limit(MOBILE, noon + timedelta(minutes=59)) is Limit.AN_HOUR
    assert gate.limit(MOBILE, noon + timedelta(minutes=60, seconds=1)) is None


def test_only_so_many_go_on_at_a_time(store: Store, noon: datetime) -> None:
    gate = Gate(store, limited(at_once=1))
    assert (gate.limit(MOBILE, noon), gate.limit(LANDLINE, noon)) == (None, Limit.AT_ONCE)
    gate.is_over(noon + timedelta(seconds=20))
    assert gate.limit(LANDLINE, noon + timedelta(seconds=21)) is None


def test_a_call_that_goes_on_over_another_trunk_says_so(store: Store, noon: datetime) -> None:
    gate = Gate(store, POLICY)
    assert gate.limit(MOBILE, noon) is None
    rows = gate.store.read(trunk_calls.going_on, SITE.node)
    over = {row.channel_id or "": "ims" for row in rows}
    states = dict.fromkeys(over, "Ringing")
    store.write(trunk_calls.compare, rows, states, seen=over, policy=gate.policy, at=noon, over=over)
    assert [(row.trunk, row.answered_at, row.ended_at) for row in gate.rows()] == [("ims", None, None)]


def test_minutes_and_money_of_a_day_are_used_up_by_talks_alone(store: Store, noon: datetime) -> None:
    """Also by the talk that goes on at this moment."""
    gate = Gate(store, limited(minutes_a_day=10))
    assert gate.limit(MOBILE, noon) is None
    gate.is_over(noon + timedelta(hours=1))
    assert gate.limit(MOBILE, noon + timedelta(hours=1)) is None, "nobody has answered"
    gate.is_over(noon + timedelta(minutes=70), answered=noon + timedelta(minutes=61))
    assert gate.limit(MOBILE, noon + timedelta(minutes=71)) is None
    rows = gate.store.read(trunk_calls.going_on, SITE.node)
    up = dict.fromkeys((row.channel_id or "" for row in rows), "Up")
    store.write(trunk_calls.compare, rows, up, seen=up, policy=gate.policy, at=noon + timedelta(minutes=71), over={})
    assert gate.limit(MOBILE, noon + timedelta(minutes=72)) is Limit.MINUTES_A_DAY
    assert [row.seconds for row in gate.rows()] == [0, 540, 0, 0]


def test_money_is_counted_by_the_begun_minute_and_the_class(store: Store, noon: datetime) -> None:
    gate = Gate(store, limited(money_a_day=1))
    for number, minute in ((DISTANT, 0), (LANDLINE, 5), (DISTANT, 10)):
        at = noon + timedelta(minutes=minute)
        assert gate.limit(number, at) is None
        gate.is_over(at + timedelta(seconds=61), answered=at)
    assert [row.fen for row in gate.rows()] == [60, 20, 60]
    assert gate.limit(MOBILE, noon + timedelta(hours=1)) is Limit.MONEY_A_DAY


def test_a_limit_of_zero_is_none_and_ladders_to_mobiles_of_the_staff_have_none_as_delivered(
    store: Store, noon: datetime
) -> None:
    """R07-9: an emergency rings until somebody presses a key, whatever strangers have used up."""
    gate = Gate(store, POLICY, Reach.STAFF_MOBILE)
    assert {gate.limit(MOBILE, noon + timedelta(seconds=n)) for n in range(100)} == {None}


def test_asking_counts_nothing_and_a_refusal_is_written_with_its_class(store: Store, noon: datetime) -> None:
    gate = Gate(store, limited(number_a_day=1))
    assert [gate.limit(MOBILE, noon, channel_id=None) for _ in range(3)] == [None] * 3
    assert gate.rows() == []
    assert gate.asks("16812345", noon, channel_id=None).reason == "refused-premium"
    assert gate.asks("1101", noon).extension == "1101"
    (row,) = gate.rows()
    assert (row.number, row.number_class, row.reason, row.ended_at) == ("16812345", "premium", "refused-premium", noon)


def test_two_processes_at_once_let_out_no_more_than_one_would(store: Store, noon: datetime) -> None:
    gate = Gate(store, limited(an_hour=5))
    start, made = threading.Barrier(8), list[Limit | None]()

    def process(n: int) -> None:
        start.wait()
        for call in range(3):
            made.append(gate.limit(f"138001380{n}{call}", noon, channel_id=f"c-{n}-{call}"))

    threads = [threading.Thread(target=process, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (made.count(None), made.count(Limit.AN_HOUR)) == (5, 19)


# -- numbers that somebody else wrote ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "first"), [(MOBILE, None), (LANDLINE, None), (DISTANT, Limit.NOT_KNOWN)])
def test_a_number_that_never_talked_to_us_is_called_by_itself_only_if_near_and_once_a_day(
    store: Store, noon: datetime, number: str, first: Limit | None
) -> None:
    gate = Gate(store, limited(Reach.FOLLOW_UP), Reach.FOLLOW_UP)
    assert gate.limit(number, noon) is first
    assert gate.limit(number, noon + timedelta(hours=2)) is (first or Limit.NEW_TODAY)
    assert gate.limit(number, noon + timedelta(days=1)) is first
    assert {row.known for row in gate.rows()} == {False}
    by_a_person = Gate(store, gate.policy)
    assert by_a_person.limit(number, noon, channel_id="by-command") is None


def test_only_so_many_new_numbers_are_called_in_an_hour(store: Store, noon: datetime) -> None:
    gate = Gate(store, limited(Reach.FOLLOW_UP, new_numbers_an_hour=2), Reach.FOLLOW_UP)
    assert [gate.limit(f"1380013800{n}", noon) for n in range(3)] == [None, None, Limit.NEW_AN_HOUR]
    assert gate.limit("13900139001", noon + timedelta(minutes=61)) is None
    none = Gate(store, limited(Reach.FOLLOW_UP, new_numbers_an_hour=0), Reach.FOLLOW_UP)
    assert none.limit("13900139000", noon + timedelta(days=2)) is Limit.NEW_AN_HOUR


def test_a_number_with_which_we_have_talked_is_known(store: Store, noon: datetime) -> None:
    """R13-5. A caller's display alone proves nothing; neither does a call without a talk."""
    gate = Gate(store, limited(Reach.FOLLOW_UP), Reach.FOLLOW_UP)
    who = {"channel_id": "caller", "line": "8000", "caller_number": DISTANT, "language": "zh", "at": noon}
    call = store.write(calls.begin, **who)
    assert gate.limit(DISTANT, noon) is Limit.NOT_KNOWN
    talk = {"staff_number": "7001", "bridge_id": "b", "caller_channel": "caller", "leg_channel": "leg", "at": noon}
    talk_id = store.write(calls.begin_talk, call_id=call.id, **talk)
    store.write(calls.end_talk, talk_id, by=EndedBy.CALLER, at=noon)
    assert gate.limit(DISTANT, noon) is None
    assert gate.limit(DISTANT, noon) is None, "and not only once a day"


# -- until they end ----------------------------------------------------------------------------------------------------


def test_a_call_that_has_no_channel_yet_is_not_over(store: Store, noon: datetime) -> None:
    gate = Gate(store, limited())
    gate.asks(MOBILE, noon)

    def compared(seconds: int, **seen: Any) -> bool:
        rows, at = store.read(trunk_calls.going_on, SITE.node), noon + timedelta(seconds=seconds)
        store.write(trunk_calls.compare, rows, {}, seen=seen.get("seen", ()), policy=POLICY, at=at, over={})
        return store.read(trunk_calls.going_on, SITE.node) == []

    assert [compared(1), compared(4), compared(6)] == [False, False, True]


def test_a_node_ends_its_own_calls_only(store: Store, noon: datetime) -> None:
    gate = Gate(store, limited(at_once=1))
    gate.asks(MOBILE, noon)
    assert store.read(trunk_calls.going_on, "other") == []
    assert gate.limit(LANDLINE, noon) is Limit.AT_ONCE
