"""What a call over the trunk has cost is in its row, and limits that stand in rows refuse, or ring the duty phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from models.clock import SystemClock
from models.states.calls import AttemptOutcome
from models.states.tickets import TicketKind
from models.tables import Task, Ticket, TrunkCall
from phones.instance import CARRIER, LiveHotline, Settings
from phones.microphone import tones
from phones.network import public_number
from phones.raw import RawPhone
from phones.written import wait_nothing_left
from tests.asterisk.conftest import QUICK_RINGS
from tests.asterisk.test_ceilings import BUSY, reasons
from tests.asterisk.test_trunks import AGENT, called_back, outcome, owed, said

pytestmark = pytest.mark.asterisk

CUSTOMER = tones(2)[0]
A_YUAN_A_MINUTE = {"limits.price.mobile": 1.0, "limits.call_back.money_a_day": 1}


@contextmanager
def limited(folder: Path, limits: Settings, at_hour: int) -> Iterator[LiveHotline]:
    """A hotline where it is this hour."""
    zone = (SystemClock().now().hour - at_hour + 12) % 24 - 12
    where = {"site.time_zone": f"Etc/GMT{zone:+}"}
    with LiveHotline.running(folder, site=where, policy=QUICK_RINGS | dict(limits)) as hotline:
        yield hotline
        hotline.close_phones()
        wait_nothing_left(hotline)


def test_a_talk_has_its_seconds_and_its_price_and_the_next_call_beyond_the_money_of_the_day_is_refused(
    tmp_path: Path,
) -> None:
    """R20-5: the words are on the task that waits."""
    number, other = "13800138161", "13800138162"
    with (
        limited(tmp_path, A_YUAN_A_MINUTE, at_hour=13) as hotline,
        public_number(hotline, number, CUSTOMER) as customer,
    ):
        customer.when_it_rings("answer", after_s=0.2)
        agent, command = called_back(hotline, number)
        agent.wait_tone(CUSTOMER.hertz, 20, seconds=3)
        agent.hang_up()
        command.communicate(timeout=20)
        ended = select(TrunkCall).where(TrunkCall.number == number, TrunkCall.ended_at.is_not(None))
        row = hotline.until(lambda: hotline.store.read(lambda session: session.scalar(ended)), "end of the call")
        assert row.answered_at is not None
        assert 3 <= row.seconds <= (row.ended_at - row.answered_at).total_seconds() + 1
        assert row.seconds < 60
        assert (row.fen, row.trunk, row.reason) == (100, "carrier", None)
        task = owed(hotline, other)
        printed = said(hotline, "call-back", str(task), "--staff", "7001")
        assert "today's money is used up" in printed
        assert outcome(hotline, other) is AttemptOutcome.REFUSED
        note = hotline.store.read(lambda session: session.get_one(Task, task).note)
        assert note.splitlines()[-1] == "refused-money-used-up"
        assert [call.number for call in customer.calls] != [other]


def test_calls_in_over_a_full_trunk_hear_busy_until_the_line_is_free_again(tmp_path: Path) -> None:
    with limited(tmp_path, {"limits.per_trunk": 1}, at_hour=13) as hotline:
        server = (hotline.site.sip.address, hotline.ports.sip)
        with RawPhone("13900130161", server, CARRIER) as first, RawPhone("13900130162", server, CARRIER) as second:
            assert first.invite("8000").status == 200
            first.media.wait_heard("greeting")
            assert second.invite("8000").status == BUSY
            first.request("BYE")
        wait_nothing_left(hotline, 30)
        with RawPhone("13900130162", server, CARRIER) as again:
            assert again.invite("8000").status == 200
            again.media.wait_heard("greeting")
        assert reasons(hotline, "13900130162")[0] == "over-trunk"


@pytest.mark.timeout(240)
def test_many_calls_out_at_night_are_a_ticket_and_the_duty_phone_hears_it(tmp_path: Path) -> None:
    """R20-5: somebody may be calling at our cost."""
    number = "13800138163"
    with (
        limited(tmp_path, {"limits.night_calls_an_hour": 2}, at_hour=2) as hotline,
        public_number(hotline, number) as customer,
    ):
        duty = hotline.phone("7030", AGENT)
        customer.when_it_rings("reject", after_s=0.2)
        for staff in ("7001", "7002"):
            agent, command = called_back(hotline, number, staff)
            agent.wait_heard("call-back-busy", 20)
            command.communicate(timeout=20)
            agent.wait_ended()
        duty.wait_ringing(90)
        duty.answer()
        duty.wait_heard("fault-outgoing")
        duty.hang_up()
        duty.wait_ended()
        faults = select(Ticket).where(Ticket.kind == TicketKind.FAULT)
        (fault,) = hotline.store.read(lambda session: list(session.scalars(faults)))
        assert "夜间外拨过多：2" in said(hotline, "ticket", "show", str(fault.number))
