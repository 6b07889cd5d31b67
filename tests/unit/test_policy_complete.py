"""An update never stops the line: whatever an older policy.toml lacks is added, and no word of the site's is lost."""

from pathlib import Path

import pytest

from hotline.health.configuration import remedy
from hotline.health.policy_complete import CannotComplete, _check, complete
from models.errors import ConfigError
from models.instance.home import PROJECT_ROOT
from models.policy import Policy
from models.site import Site
from models.states.tickets import ClockKind, Severity, TicketKind, TimeUnit
from models.time.calendar import Span

pytestmark = pytest.mark.unit

DELIVERED = PROJECT_ROOT / "policy.toml"
TEXT = DELIVERED.read_text(encoding="utf-8")
SITE = Site.load(PROJECT_ROOT / "site.example.toml")
FORMER = """[tickets.respond_minutes]      # the first reply, counted from the call
repair          = { value = 120, rule = "house" }                  # we are quicker
urgent-repair   = { value = 30, rule = "R08-2" }
complaint       = { value = 240, rule = "R08-3" }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "policy.toml"


def without(*sections: str) -> str:
    """The delivered file as it was before these sections existed."""
    kept, leaving = [], False
    for line in TEXT.splitlines(keepends=True):
        if line.startswith("["):
            leaving = line[1:].partition("]")[0].partition(".")[0] in sections
        if not leaving:
            kept.append(line)
    return "".join(kept)


def test_a_complete_file_is_left_alone(file: Path) -> None:
    file.write_text(TEXT, encoding="utf-8")
    assert complete(file, DELIVERED) == ([], None)
    assert file.read_text(encoding="utf-8") == TEXT
    assert list(file.parent.iterdir()) == [file]


def test_new_sections_and_entries_are_added_and_the_sites_own_stay(file: Path) -> None:
    old = without("holidays", "calendars", "classes", "profiles").replace(
        'rings            = { value = 3, rule = "R05-2" }                   # the group',
        'rings            = { value = 2, rule = "house" }                   # 我们两声就接：the group',
    )
    old = "".join(line for line in old.splitlines(keepends=True) if not line.startswith("accept_within_s"))
    file.write_text(old, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        Policy.load(file, SITE)
    assert "check-config --complete" in remedy(refused.value)
    added, before = complete(file, DELIVERED)
    assert {"answer.accept_within_s", "holidays", "calendars", "classes", "profiles"} == set(added)
    assert before is not None
    assert before.read_text(encoding="utf-8") == old
    policy, whole = Policy.load(file, SITE), file.read_text(encoding="utf-8")
    assert (policy.answer.rings, policy.source("answer.rings"), policy.answer.accept_within_s) == (2, "house", 15)
    assert "# 我们两声就接：the group" in whole
    assert "# the agent who answered hears the whisper" in whole
    assert complete(file, DELIVERED) == ([], None), "once is enough"


def test_any_missing_section_is_added(file: Path) -> None:
    for name in {line[1:].partition("]")[0].partition(".")[0] for line in TEXT.splitlines() if line.startswith("[")}:
        file.write_text(without(name), encoding="utf-8")
        assert complete(file, DELIVERED)[0] == [name]
        Policy.load(file, SITE)


def test_deadlines_the_site_had_changed_move_to_the_classes(file: Path) -> None:
    old = without("tickets", "classes", "outgoing").replace(
        "[call_back]", '[call_back]\npoll_s = { value = 3, rule = "house" }'
    )
    file.write_text(old + FORMER, encoding="utf-8")
    added, _ = complete(file, DELIVERED)
    assert added[:2] == ["tickets.respond_minutes -> classes", "call_back.poll_s -> outgoing.poll_s"]
    policy = Policy.load(file, SITE)
    repair = {one.kind: (one.span, one.rule) for one in policy.clocks(TicketKind.REPAIR, Severity.ORDINARY)}
    assert repair[ClockKind.RESPOND] == (Span(120, TimeUnit.MINUTES), "house")
    complaint = {one.kind: one.span for one in policy.clocks(TicketKind.COMPLAINT, Severity.ORDINARY)}
    assert complaint[ClockKind.RESPOND] == Span(1, TimeUnit.HOURS), "what was delivered then is what is delivered now"
    assert (policy.outgoing.poll_s, policy.outgoing.lease_s) == (3, 120)


def test_an_entry_the_site_removed_on_purpose_does_not_come_back(file: Path) -> None:
    own = TEXT.replace('feedback = { value = "4 hours", rule = "R08-1" }\n', "", 1)
    file.write_text(own, encoding="utf-8")
    assert complete(file, DELIVERED) == ([], None)


def test_a_result_that_would_be_refused_is_not_written(file: Path) -> None:
    with pytest.raises(CannotComplete, match=r"answer\.rings"):
        _check(
            {"answer": {"rings": {"value": 3, "rule": "R05-2"}}},
            "[answer]\nrings = { value = 4, rule = 'R05-2' }",
            file,
        )


def test_a_file_that_is_not_toml_is_reported_as_such(file: Path) -> None:
    file.write_text("[answer\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="is not TOML"):
        complete(file, DELIVERED)
    file.write_text("[answer]\nrings = 3", encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        Policy.load(file)
    assert remedy(ConfigError([one for one in raised.value.problems if one.wrong != "is missing"])) == ""


def test_the_flagged_numbers_of_an_older_file_become_premium_numbers_of_the_gate(file: Path) -> None:
    """R05-8, R20-5: what the site had reported is refused now."""
    old = without("gate").replace(
        "[call_back]", '[call_back]\nflagged = { value = ["12590", "169"], rule = "house" }  # ours', 1
    )
    file.write_text(old, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"call_back\.flagged") as refused:
        Policy.load(file, SITE)
    assert "check-config --complete" in remedy(refused.value)
    added, _ = complete(file, DELIVERED)
    assert added == ["call_back.flagged -> gate.premium", "gate"]
    policy = Policy.load(file, SITE)
    assert (policy.gate.premium, policy.source("gate.premium")) == (["12590", "169"], "house")
    assert policy.gate.call_back == ["local", "mobile", "national"]
