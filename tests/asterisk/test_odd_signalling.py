"""Whatever a carrier's SIP looks like, the line goes on answering, the row is right, and the logs stay calm."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.states.calls import CallState, EndedBy
from models.tables import Call
from phones.instance import CARRIER, LiveHotline
from phones.odd import OddCaller
from phones.written import wait_nothing_left

pytestmark = pytest.mark.asterisk

NUMBER = "13900139051"


def odd(hotline: LiveHotline) -> OddCaller:
    return OddCaller(NUMBER, (hotline.site.sip.address, hotline.ports.sip), CARRIER)


def count(hotline: LiveHotline) -> int:
    return hotline.store.read(lambda s: s.scalar(select(func.count()).select_from(Call)) or 0)


def ended(hotline: LiveHotline, before: int) -> list[Call]:
    """The calls behind the first `before` ones, when all have ended."""

    def found(session: Session) -> list[Call] | None:
        rows = list(session.scalars(select(Call).order_by(Call.id).offset(before)))
        return rows if rows and all(row.state is CallState.ENDED for row in rows) else None

    return hotline.until(lambda: hotline.store.read(found), "ended call", 15)


@contextmanager
def calm(hotline: LiveHotline) -> Iterator[None]:
    """Nothing is wrong in the logs."""
    logs = [hotline.home.logs / name for name in ("ivr.log", "asterisk.log")]
    sizes = [log.stat().st_size for log in logs]
    yield
    wait_nothing_left(hotline)
    said = [log.read_bytes()[size:].decode("utf-8", "replace") for log, size in zip(logs, sizes, strict=True)]
    lines = [line for text in said for line in text.splitlines() if _CUT not in line]
    assert [line for line in lines if any(word in line for word in _LOUD)] == []


_LOUD = ("WARNING", "ERROR", "Traceback")
_CUT = "playback_final_update"
"""Asterisk's own words for a prompt that a hang-up has cut."""


def answers_as_ever(hotline: LiveHotline) -> None:
    with odd(hotline) as caller:
        assert caller.invite("8000").status == 200
        caller.media.wait_heard("greeting")


@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.1, 0.3])
def test_a_caller_who_cancels_at_any_moment_leaves_nothing(hotline: LiveHotline, after_s: float) -> None:
    """Before anything is answered, while the call is on its way into the application, and as it is answered."""
    before = count(hotline)
    with calm(hotline), odd(hotline) as caller:
        begun = caller.begins()
        time.sleep(after_s)
        caller.cancels(begun)
        caller.wait(lambda: max(caller.answers_to(begun), default=0) >= 200, "final answer")
        if 200 in caller.answers_to(begun):
            answer = next(m for m in caller.received if m.status == 200 and m.method == "INVITE")
            caller.acknowledges(begun, answer)
            caller.request("BYE")
    if count(hotline) > before:
        assert [call.ended_by for call in ended(hotline, before)] == [EndedBy.CALLER]
    answers_as_ever(hotline)


def test_a_caller_who_hangs_up_before_the_ack_has_one_row(hotline: LiveHotline) -> None:
    before = count(hotline)
    with calm(hotline), odd(hotline) as caller:
        begun = caller.begins()
        caller.wait(lambda: 200 in caller.answers_to(begun), "answer")
        answer = next(m for m in caller.received if m.status == 200 and m.method == "INVITE")
        caller.hangs_up_without_ack(begun, answer)
    assert [call.ended_by for call in ended(hotline, before)] == [EndedBy.CALLER]


def test_an_invite_that_comes_several_times_is_one_call(hotline: LiveHotline) -> None:
    """At once, and again when it has been answered and the answer was lost."""
    before = count(hotline)
    with calm(hotline), odd(hotline) as caller:
        begun = caller.begins()
        caller.begins(again=begun)
        caller.wait(lambda: 200 in caller.answers_to(begun), "answer")
        caller.begins(again=begun)
        answer = next(m for m in caller.received if m.status == 200 and m.method == "INVITE")
        caller.acknowledges(begun, answer)
        caller.media.wait_heard("greeting")
        caller.request("BYE")
    assert len(ended(hotline, before)) == 1


def test_a_talk_goes_on_through_an_empty_reinvite_and_an_update(hotline: LiveHotline) -> None:
    """Session timers and gateways that move their media (RFC 4028, RFC 3311)."""
    with calm(hotline), odd(hotline) as caller:
        assert caller.invite("8000").status == 200
        caller.media.wait_heard("greeting")
        asked = caller.offers("")
        assert asked.status == 200
        assert "m=audio" in asked.body
        assert caller.request("UPDATE").status == 200
        assert caller.request("UPDATE", body=caller.sdp()).status == 200
        caller.media.wait_heard("menu")
        assert caller.press("0").status == 200


DISPLAYS = [
    '"\\"quoted\\" \\\\ name" ',
    f'"{"n" * 300}" ',
    '"王建国" ',
    f'"{"王建国".encode("gbk").decode("utf-8", "surrogateescape")}" ',
    '"\udcff\udcfe" ',
    "a b c ",
    '"\x1b[31mred" ',
]


@pytest.mark.parametrize("display", DISPLAYS, ids=range(len(DISPLAYS)))
def test_whatever_name_a_caller_has_the_line_answers_and_knows_the_number(hotline: LiveHotline, display: str) -> None:
    """Quotes, 300 signs, UTF-8, GBK, bytes that are no text (Asterisk warns of these), without quotes, an escape."""
    before = count(hotline)
    with odd(hotline) as caller:
        begun = caller.begins(display=display)
        caller.wait(lambda: 200 in caller.answers_to(begun), "answer")
        answer = next(m for m in caller.received if m.status == 200 and m.method == "INVITE")
        caller.acknowledges(begun, answer)
        caller.media.wait_heard("greeting")
        caller.request("BYE")
    assert [call.caller_number for call in ended(hotline, before)] == [NUMBER]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("+8613900139051", NUMBER),
        ("%2B8613900139051", NUMBER),
        ("139%300139051", NUMBER),
        ("13900139051;phone-context=+86", NUMBER),
        ("", None),
        ("9" * 200, None),
        ("0" * 200, None),
        ("-", None),
        ("alice", "alice"),
    ],
)
def test_whatever_a_caller_calls_himself_the_line_answers(hotline: LiveHotline, name: str, kept: str | None) -> None:
    before = count(hotline)
    with odd(hotline) as caller:
        assert caller.invite("8000", name=name).status == 200
        caller.media.wait_heard("greeting")
    assert [call.caller_number for call in ended(hotline, before)] == [kept]


@pytest.mark.parametrize(
    ("user", "status"),
    [
        ("%38000@", 200),
        ("8000;npdi@", 200),
        ("", 404),
        ("8000x@", 404),
        ("9" * 200 + "@", 404),
        ("%00@", 404),
        ("s@", 404),
    ],
)
def test_only_our_numbers_are_answered_however_they_are_written(hotline: LiveHotline, user: str, status: int) -> None:
    with odd(hotline) as caller:
        uri = f"sip:{user}{hotline.site.sip.address}:{hotline.ports.sip}"
        assert caller.invite("8000", uri=uri).status == status
    answers_as_ever(hotline)


def test_a_flood_of_options_stops_no_call(hotline: LiveHotline) -> None:
    with calm(hotline), odd(hotline) as caller, odd(hotline) as flood:
        assert caller.invite("8000").status == 200
        caller.media.wait_heard("greeting")
        flood.asks_whether_we_live(1000)
        answers_as_ever(hotline)
        caller.media.wait_heard("menu", timeout=30)
        assert caller.press("0").status == 200
