"""`hotline survey`: what people have said, campaigns, and who is never called, as typed at the terminal."""

from datetime import UTC, datetime
from typing import Any

import pytest

from models.instance.home import Home
from models.people import people
from models.people.owners_file import OwnerRow
from models.states.surveys import SurveyPurpose, SurveyState
from models.tables import Survey
from tests.store.terminal import Terminal

pytestmark = pytest.mark.store

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
NUMBERS = ("13900000001", "13900000002")


@pytest.fixture
def hotline(tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    terminal = Terminal(Home(tmp_path / "home"), monkeypatch, capsys)
    rows = [OwnerRow(n, f"owner {n}", "3", str(n), (number,)) for n, number in enumerate(NUMBERS, 2)]
    terminal.store.write(people.import_owners, rows, who="test", at=AT)
    return terminal


def test_a_campaign_is_made_paused_resumed_shown_and_cancelled(hotline: Terminal) -> None:
    """R08-6."""
    assert "campaign 1: 2 people will be called" in hotline("survey", "campaign", "new", "2026 I", "--at-once", "3")
    (listed,) = hotline.json("survey", "campaign", "list")
    assert (listed["name"], listed["state"], listed["at_once"], listed["left"]) == ("2026 I", "running", 3, 2)
    assert hotline("survey", "campaign", "pause", "1") == "campaign 1: paused\n"
    assert hotline("survey", "campaign", "resume", "1") == "campaign 1: running\n"

    def answers(session: Any) -> None:
        survey = session.get_one(Survey, 1)
        survey.state, survey.score, survey.attempts, survey.ended_at = SurveyState.ANSWERED, 4, 2, AT

    hotline.store.write(answers)
    shown = hotline("survey", "campaign", "show", "1")
    assert f"  4  {'#' * 30} 1\n" in shown
    assert "left: 1\n" in shown
    state = hotline.json("survey", "campaign", "show", "1")
    assert (state["answered"], state["scores"], state["average"], state["attempts"]) == (1, {"4": 1}, 4.0, 2)
    assert hotline("survey", "campaign", "cancel", "1") == "campaign 1: cancelled\n"
    hotline("survey", "campaign", "resume", "1")
    assert hotline.code == 1
    assert "is cancelled and can't become running" in hotline.errors
    hotline("survey", "campaign", "show", "7")
    assert (hotline.code, "there is no campaign 7" in hotline.errors) == (1, True)


def test_who_wants_no_calls_is_listed_and_can_be_written_down(hotline: Terminal) -> None:
    assert hotline("survey", "opt-out", "139 0000 0001") == "139****0001 is never called for this again\n"
    assert [row["caller"] for row in hotline.json("survey", "opt-outs")] == ["139****0001"]
    assert [row["caller"] for row in hotline.json("survey", "opt-outs", "--reveal")] == [NUMBERS[0]]
    assert "139****0001" in hotline("survey", "opt-outs")
    hotline("survey", "opt-out", "none")
    assert (hotline.code, "is no number" in hotline.errors) == (1, True)


def test_what_people_have_said_is_listed(hotline: Terminal) -> None:
    survey = Survey(
        purpose=SurveyPurpose.AFTER_TALK,
        state=SurveyState.ANSWERED,
        number=NUMBERS[1],
        language="zh",
        staff_number="7001",
        asked_at=AT,
        score=5,
        ended_at=AT,
    )
    hotline.store.write(lambda session: session.add(survey))
    (row,) = hotline.json("survey")
    assert (row["purpose"], row["score"], row["staff"], row["caller"]) == ("after-talk", 5, "7001", "139****0002")
    assert "after a talk" in hotline("survey")
