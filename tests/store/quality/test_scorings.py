"""Calls are scored on the site's own form, published, answered once; training is due when the mean is too low."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from models.calls import calls, recordings
from models.database.store import Store
from models.errors import MoveRefused
from models.policy import Policy
from models.quality import offered, scorings, training
from models.reports.figures import Row
from models.reports.period import Period, PeriodKind
from models.reports.report import make
from models.site import Site
from models.states.calls import EndedBy, RecordingKind, RecordingState
from models.states.quality import Mark
from models.states.tickets import TaskKind, TicketKind
from models.tables import Scoring, Task
from models.tickets import tickets
from tests.store.conftest import NOON

pytestmark = pytest.mark.store

Score = Callable[..., Scoring]


@pytest.fixture
def talked(staffed: Store, begin_call: Callable[..., Any]) -> Callable[..., int]:
    """A call in which these people talked one after the other, with a recording that was stored."""
    made: list[int] = []

    def call(*staff: str, at: Any = NOON, recorded: bool = True) -> int:
        channel = f"c{len(made)}"
        made.append(begin_call(channel, at=at).id)
        for place, one in enumerate(staff):
            legs = {"bridge_id": f"{channel}-b{place}", "caller_channel": channel, "leg_channel": f"{channel}-{one}"}
            staffed.write(calls.begin_talk, call_id=made[-1], staff_number=one, at=at, **legs)
        if recorded:
            kept = {"name": f"{channel}-talk", "kind": RecordingKind.TALK, "retain_until": at + timedelta(days=90)}
            row = staffed.write(recordings.reserve, call_id=made[-1], ticket_id=None, at=at, **kept)
            staffed.write(recordings.finish, row.id, state=RecordingState.KEPT, at=at, path=f"r/{channel}.wav")
        staffed.write(calls.end, made[-1], by=EndedBy.CALLER, reason="completed", at=at + timedelta(minutes=1))
        return made[-1]

    return call


@pytest.fixture
def score(staffed: Store, policy: Policy) -> Score:
    def save(call: int, staff: str = "7001", mark: Mark = Mark.MET, who: str = "7050", **marks: Mark) -> Scoring:
        given: Mapping[str, Mark] = dict.fromkeys(policy.quality.form, mark) | marks
        scoring: Scoring = staffed.write(
            scorings.save, call, staff, given, "", who=who, at=NOON + timedelta(hours=1), policy=policy
        )
        return scoring

    return save


@pytest.fixture
def publish(staffed: Store, policy: Policy) -> Callable[..., Scoring]:
    def send(scoring: Scoring, who: str = "7050", at: Any = NOON + timedelta(hours=2)) -> Scoring:
        published: Scoring = staffed.write(scorings.publish, scoring.id, who=who, at=at, policy=policy)
        return published

    return send


def test_a_score_is_the_weight_that_was_met_of_what_was_applicable(talked: Callable[..., int], score: Score) -> None:
    """R04-1: as delivered the weights are 100 together; `transfer` is 5, `greeting` 10, `facts` 15."""
    assert score(talked("7001")).total == 100
    marks = {"transfer": Mark.NOT_APPLICABLE, "greeting": Mark.NOT_MET, "facts": Mark.PARTLY}
    assert score(talked("7001"), **marks).total == pytest.approx(100 * (95 - 10 - 7.5) / 95)


def test_a_form_that_is_not_filled_in_is_refused_and_names_what_is_missing(
    staffed: Store, talked: Callable[..., int], policy: Policy
) -> None:
    given = dict.fromkeys(policy.quality.form, Mark.MET)
    del given["greeting"]
    with pytest.raises(MoveRefused, match="First words") as refused:
        staffed.write(scorings.save, talked("7001"), "7001", given, "", who="7050", at=NOON, policy=policy)
    assert "开头语" in refused.value.zh
    nothing = dict.fromkeys(policy.quality.form, Mark.NOT_APPLICABLE)
    with pytest.raises(MoveRefused, match="no score"):
        staffed.write(scorings.save, talked("7001"), "7001", nothing, "", who="7050", at=NOON, policy=policy)


@pytest.mark.parametrize(
    ("who", "staff", "why"),
    [
        ("7001", "7001", "nobody scores a call in which"),
        ("7050", "7001", "nobody scores a call in which"),
        ("7060", "7002", "has not talked in this call"),
    ],
)
def test_nobody_scores_an_own_call_or_somebody_who_was_not_in_it(
    talked: Callable[..., int], score: Score, who: str, staff: str, why: str
) -> None:
    with pytest.raises(MoveRefused, match=why):
        score(talked("7001", "7050"), staff, who=who)


def test_a_call_without_a_recording_is_not_scored(talked: Callable[..., int], score: Score) -> None:
    with pytest.raises(MoveRefused, match="no recording"):
        score(talked("7001", recorded=False))


@pytest.mark.parametrize("about", ["7001", "7050"])
def test_a_call_that_is_a_complaint_about_agent_or_scorer_is_not_scored(
    staffed: Store, talked: Callable[..., int], score: Score, policy: Policy, about: str
) -> None:
    """R15-6."""
    call = talked("7001")
    ticket = staffed.write(tickets.open, kind=TicketKind.COMPLAINT, call_id=call, at=NOON, policy=policy)
    staffed.write(tickets.about, ticket.id, about, who="7002", at=NOON, policy=policy)
    with pytest.raises(MoveRefused, match="R15-6"):
        score(call)
    assert staffed.read(offered.unscored, ["7001"], since=NOON, scorer="7050") == {}


def test_a_complaint_that_is_recorded_later_closes_the_result(
    staffed: Store, talked: Callable[..., int], score: Score, publish: Any, policy: Policy
) -> None:
    """R15-6: neither published, nor shown to the person complained of when it was."""
    call, later = talked("7001"), talked("7001")
    published, saved = publish(score(call)), score(later)
    for one in (call, later):
        ticket = staffed.write(tickets.open, kind=TicketKind.COMPLAINT, call_id=one, at=NOON, policy=policy)
        staffed.write(tickets.about, ticket.id, "7001", who="7002", at=NOON, policy=policy)
    (shown,) = staffed.read(scorings.published_to, "7001", limit=9)
    assert (shown.scoring.id, shown.closed) == (published.id, True)
    with pytest.raises(MoveRefused, match="R15-6"):
        publish(saved)


def test_a_score_is_corrected_until_it_is_published_and_by_its_scorer_alone(
    staffed: Store, talked: Callable[..., int], score: Score, publish: Any
) -> None:
    call = talked("7001")
    first = score(call)
    with pytest.raises(MoveRefused, match="scored by 7050 already"):
        score(call, who="7060")
    corrected = score(call, greeting=Mark.NOT_MET)
    assert (corrected.id, corrected.total) == (first.id, 90)
    assert [one.key for one in staffed.read(scorings.get, first.id, reader="7060").weak] == ["greeting"]
    publish(corrected)
    with pytest.raises(MoveRefused, match="already"):
        score(call)
    with pytest.raises(MoveRefused, match="published already"):
        publish(corrected)


def test_the_agent_sees_what_is_published_and_answers_once(
    staffed: Store, talked: Callable[..., int], score: Score, publish: Any
) -> None:
    """R13-7."""
    scoring = score(talked("7001"))
    say = {"who": "7001", "at": NOON}
    assert staffed.read(scorings.published_to, "7001", limit=9) == []
    with pytest.raises(MoveRefused):
        staffed.write(scorings.remark, scoring.id, "too early", **say)
    with pytest.raises(MoveRefused, match="your own results"):
        staffed.read(scorings.get, scoring.id, reader="7001")
    with pytest.raises(MoveRefused, match="your own results"):
        publish(scoring, who="7001")
    publish(scoring)
    with pytest.raises(MoveRefused):
        staffed.write(scorings.remark, scoring.id, "not mine", who="7002", at=NOON)
    staffed.write(scorings.remark, scoring.id, "the line was bad", **say)
    with pytest.raises(MoveRefused, match="answered already"):
        staffed.write(scorings.remark, scoring.id, "and", **say)
    (shown,) = staffed.read(scorings.published_to, "7001", limit=9)
    assert (shown.scoring.remark, shown.scoring.published_by) == ("the line was bad", "7050")


def test_training_is_due_below_the_threshold_and_begins_anew_when_it_was_given(
    staffed: Store, talked: Callable[..., int], score: Score, publish: Any, policy: Policy
) -> None:
    """R04-2."""
    publish(score(talked("7001"), mark=Mark.MET))
    assert staffed.read(training.open_for, ["7001"]) == {}
    for _ in range(2):
        publish(score(talked("7001"), mark=Mark.NOT_MET))
    task: Task = staffed.read(training.open_for, ["7001", "7002"])["7001"]
    assert (task.kind, task.number, task.owner_group, task.times) == (TaskKind.TRAINING, "7001", "agents", 2)
    assert task.owner_staff not in (None, "7001")
    assert task.note.splitlines() == ["average score: 50.0", "average score: 33.3"]
    for who, note in (("7001", "I know it"), ("7050", " ")):
        with pytest.raises(MoveRefused):
            staffed.write(training.given, "7001", note, who=who, at=NOON)
    done = NOON + timedelta(days=1)
    staffed.write(training.given, "7001", "first words", who="7050", at=done)
    assert staffed.read(training.standing, "7001", policy=policy).of == 0
    publish(score(talked("7001", at=done + timedelta(hours=1)), mark=Mark.MET))
    assert staffed.read(training.standing, "7001", policy=policy).mean == 100
    assert staffed.read(training.open_for, ["7001"]) == {}


def test_unscored_calls_are_drawn_at_random_and_the_same_all_day(
    staffed: Store, talked: Callable[..., int], score: Score
) -> None:
    made = [talked("7001", at=NOON + timedelta(minutes=place)) for place in range(20)]
    talked("7001", "7050")
    talked("7001", recorded=False)
    talked("7050")
    score(made[0])
    found = staffed.read(offered.unscored, ["7001", "7050"], since=NOON, scorer="7050")
    assert found == {"7001": made[:0:-1]}
    days = [NOON.date() + timedelta(days=day) for day in range(5)]
    draws = [offered.at_random(found["7001"], 3, staff_number="7001", day=day) for day in days]
    assert all(len(set(draw)) == 3 and set(draw) <= set(made) for draw in draws)
    assert len({tuple(draw) for draw in draws}) > 1
    assert offered.at_random(found["7001"], 3, staff_number="7001", day=days[0]) == draws[0]
    assert offered.at_random([5], 3, staff_number="7001", day=days[0]) == [5]


def test_the_report_counts_published_scorings_by_agent_and_department(
    staffed: Store, talked: Callable[..., int], score: Score, publish: Any, policy: Policy, site: Site
) -> None:
    """R04-2."""
    publish(score(talked("7001")))
    publish(score(talked("7001"), mark=Mark.PARTLY))
    score(talked("7002"), "7002")
    period = Period.around(PeriodKind.DAY, NOON.date(), site.time_zone)
    report = staffed.read(make, period, policy=policy, at=NOON + timedelta(days=2))
    expected: Row = {"calls": 2, "points": 75.0, "lowest": 50.0}
    assert report.section("quality").now == {"7001": expected}
    assert report.section("quality_departments").now == {"agents": expected}
