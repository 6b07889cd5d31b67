"""What the command line shows: masked numbers, moments in the site's time zone, words in two languages."""

from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest

from hotline.cli import _options_first
from hotline.terminal.listing import print_table
from models.calls.monitoring import NotMonitored
from models.language import language_of_terminal
from models.states import calls, events, guests, people, surveys, tickets
from models.states.roster import SwapKind, SwapState
from models.text import access
from models.text.masking import masked, masked_name
from models.text.wording import WORDS, moment, seconds, word, words

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13800138000", "138****8000"),
        ("02162345678", "021****5678"),
        ("62345678", "62***78"),
        ("+442079460958", "+44****0958"),
        ("7001", "7001"),
        ("10086", "10086"),
        (None, None),
    ],
)
def test_a_callers_number_is_recognised_but_cannot_be_dialled(number: str | None, shown: str | None) -> None:
    """R05-9; our own short numbers are no secret."""
    assert masked(number) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [("王建国", "王**"), ("张三", "张*"), ("Smith John", "S****"), ("王", "王"), ("", ""), (None, None)],
)
def test_an_owners_name_is_recognisable_for_anyone_who_knows_it(name: str | None, shown: str | None) -> None:
    """R08-9."""
    assert masked_name(name) == shown


def test_several_reasons_are_each_shown_in_the_readers_language() -> None:
    text = "the call was lost\nwill be at home after six"
    assert words(text, "zh") == "来电中断\nwill be at home after six"
    assert words("talked with: 7001", "zh") == "已通话：7001"
    assert words(None, "zh") == ""


def test_a_moment_is_shown_in_the_sites_time_zone() -> None:
    assert moment(datetime(2025, 9, 30, 16, 5, 9, tzinfo=UTC), ZoneInfo("Asia/Shanghai")) == "10-01 00:05:09"
    assert moment(None, ZoneInfo("Asia/Shanghai")) == ""


@pytest.mark.parametrize(
    ("length", "shown"), [(0, "0:00"), (7.4, "0:07"), (59.6, "1:00"), (3723, "1:02:03"), (None, "")]
)
def test_a_duration_is_shown_as_on_a_telephone(length: float, shown: str) -> None:
    assert seconds(length) == shown


@pytest.mark.parametrize(
    "enum", [calls.CallState, calls.EndedBy, calls.Ring, calls.RecordingState, tickets.TicketKind,
             tickets.TicketState, tickets.TaskKind, tickets.TaskState, tickets.TicketEventKind, tickets.ClockKind,
             calls.TransferState, calls.Refusal, calls.RecordingKind, people.PresenceState,
             calls.AttemptOutcome, surveys.SurveyPurpose, surveys.SurveyState,
             surveys.CampaignState, tickets.Reporter, tickets.Cause, tickets.Severity, tickets.Source,
             tickets.PromiseEnding, tickets.AppointmentEnding, guests.RoomState],
)  # fmt: skip
def test_every_state_the_database_knows_has_words_in_both_languages(enum: type[StrEnum]) -> None:
    assert [state.value for state in enum if state.value not in WORDS] == []
    assert all(zh and en for zh, en in WORDS.values())


@pytest.mark.parametrize(("part", "enum"), [("webhook", events.WebhookState), ("delivery", events.DeliveryState)])
def test_the_states_of_webhooks_have_words_of_their_own(part: str, enum: type[StrEnum]) -> None:
    assert [state.value for state in enum if f"{part}-{state}" not in WORDS] == []


def test_an_unknown_state_is_shown_as_it_is() -> None:
    assert word("brand-new", "zh") == "brand-new"
    assert word(None, "en") == ""


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN"}, "en"),
        ({"LC_ALL": "", "LANG": "zh_TW"}, "zh"),
        ({}, "en"),
    ],
)
def test_the_terminal_decides_the_language(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], language: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language_of_terminal() == language


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        (["calls", "--home", "d", "--json"], ["--home", "d", "calls", "--json"]),
        (["tickets", "show", "1001", "--lang=zh"], ["--lang=zh", "tickets", "show", "1001"]),
        (["--home", "d", "serve"], ["--home", "d", "serve"]),
        (["serve", "--home"], ["--home", "serve"]),
    ],
)
def test_the_options_home_and_lang_may_be_anywhere(written: list[str], understood: list[str]) -> None:
    assert _options_first(written) == understood


def test_a_narrow_terminal_shows_the_first_columns_and_names_the_hidden_ones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("hotline.terminal.listing.WIDE", 30)
    rows = [{"line": "8000", "caller": "138****8000", "end_reason": "hung up while ringing"}]
    print_table(rows, ("line", "caller", "end_reason"), "en")
    out = capsys.readouterr().out
    assert "138****8000" in out
    assert "hung up" not in out
    assert "no room for: why" in out


def test_a_long_text_is_wrapped_if_there_is_room(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("hotline.terminal.listing.WIDE", 40)
    rows = [{"line": "8000", "note": "hung up while leaving a message", "language": "zh"}]
    print_table(rows, ("line", "note", "language"), "en")
    out = capsys.readouterr().out
    assert "message" in out.replace("\n", "")
    assert max(map(len, out.splitlines()[:4])) <= 40
    assert "no room for: lang." in out


@pytest.mark.parametrize("width", [60, 80, 100])
def test_only_long_texts_are_wrapped(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("hotline.terminal.listing.WIDE", width)
    row = {
        "started_at": "11-24 16:11:42",
        "line": "8000",
        "caller": "021****5678",
        "rings": "7001: 3 no answer",
        "wait_s": "1:36",
        "ended_by": "caller",
        "ticket": "1003",
        "unit": "3栋-1201",
    }
    print_table([row], tuple(row), "en")
    lines = capsys.readouterr().out.splitlines()
    assert sum("8000" in line or "no answer" in line for line in lines) == 1
    assert max(map(len, lines[:4])) <= width


def test_a_column_that_is_empty_everywhere_takes_no_room(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([{"line": "8000", "owner": "", "note": "[red]"}], ("line", "owner", "note"), "zh")
    out = capsys.readouterr().out
    assert "业主" not in out
    assert "[red]" in out, "what people typed is text, not markup"


@pytest.mark.parametrize(
    ("written", "zh"),
    [
        ("owners: 6 rows", "业主名册，6 行"),
        ("roster: 4 shifts", "值班表，4 个班次"),
        ("roster request 3", "值班申请 3"),
        ("recording 5 talk-17", "录音 5 talk-17"),
        ("recording 5: a complaint: kept", "录音 5：a complaint: kept"),
        ("owner 2: 13900139000", "业主 2：13900139000"),
        ("7001, call 17", "7001，通话 17"),
        (
            "tickets: caller 139****9000, states new done: 客户来电, text",
            "查找工单：主叫 139****9000, 状态 new done：客户来电, text",
        ),
        ("/tickets/1001: 核对地址", "/tickets/1001: 核对地址"),
        ("policy.toml answer.rings", "policy.toml answer.rings"),
    ],
)
def test_the_access_log_says_what_it_is_about_in_the_readers_language(written: str, zh: str) -> None:
    """R05-9: a reader of the log understands it; a path, name or reason stays as it was written."""
    assert access.subject(written, "zh") == zh
    assert access.subject(written, "en") == written


def test_the_access_log_says_what_was_done_in_the_readers_language() -> None:
    whats = [f"monitor-refused: {why}" for why in NotMonitored]
    whats += [f"{kind} {state}" for kind in SwapKind for state in SwapState if state is not SwapState.ASKED]
    whats += ["import", "exported", "exported to /tmp/x.mp3", "password changed", "command", "ban-lifted", "listened"]
    assert [what for what in whats if access.what(what, "zh") == what or access.what(what, "zh") == "值班台"] == []
