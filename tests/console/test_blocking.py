"""Another program keeps the block list, with the same refusals as `hotline block`."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from models.calls import block_list
from models.database.store import Store
from models.states.people import May
from models.tables import AccessEntry
from tests.console.conftest import Clock, wrong

pytestmark = pytest.mark.console

Program = Callable[..., httpx.Client]
NUISANCE = "13700000007"
A_WEEK = "2026-03-09T12:00:00+08:00"


def blocks(client: httpx.Client, **fields: Any) -> httpx.Response:
    return client.post("/blocked", json={"number": NUISANCE, "until": A_WEEK, "why": "swears"} | fields)


def test_a_caller_is_blocked_listed_and_let_in_again(program: Program, store: Store, clock: Clock) -> None:
    client = program(May.BLOCK, May.PERSONAL)
    made = blocks(client, number=f"+86 {NUISANCE}")
    assert (made.status_code, made.json()["number"]) == (201, NUISANCE)
    assert store.read(block_list.is_blocked, NUISANCE, at=clock.now())
    (listed,) = client.get("/blocked").json()
    assert (listed["until"], listed["why"], listed["blocked_by"]) == ("2026-03-09T04:00:00Z", "swears", "api:app")
    lifted = client.delete(f"/blocked/{listed['entry']}")
    assert (lifted.status_code, lifted.json()["lifted_by"]) == (200, "api:app")
    assert not store.read(block_list.is_blocked, NUISANCE, at=clock.now())
    assert client.get("/blocked").json() == [lifted.json()]
    logged = store.read(lambda s: list(s.scalars(select(AccessEntry).where(AccessEntry.who == "api:app"))))
    assert [entry.subject for entry in logged] == ["blocked numbers"] * 4


def test_who_may_not_see_numbers_does_not_learn_by_trying_which_ones_are_blocked(program: Program) -> None:
    """R08-9: neither by the answer, nor by the list, nor by lifting what was tried."""
    boss, client = program(May.BLOCK, May.PERSONAL, name="boss"), program(May.BLOCK)
    blocks(boss, why="swears badly")

    def tries(number: str) -> list[object]:
        made = blocks(client, number=number)
        entry = made.json().pop("entry")
        listed = [one for one in client.get("/blocked").json() if one["entry"] != entry]
        lifted = client.delete(f"/blocked/{entry}")
        again = client.delete(f"/blocked/{entry}")
        after = [one for one in client.get("/blocked").json() if one["entry"] == 1]
        said = {name: value for name, value in made.json().items() if name != "entry"}
        return [made.status_code, said, listed[-1:], lifted.status_code, again.status_code, after]

    assert tries(NUISANCE) == tries("13700010007")
    assert boss.get("/blocked").json()[-1]["lifted_at"] is None


def test_blocking_again_changes_the_entry(program: Program) -> None:
    client = program(May.BLOCK, May.PERSONAL)
    first, again = blocks(client).json(), blocks(client, why="worse").json()
    assert (again["entry"], again["why"]) == (first["entry"], "worse")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"number": "110"}, "is an emergency number"),
        ({"number": "7001"}, "is one of our own numbers"),
        ({"number": "8000"}, "is one of our own numbers"),
        ({"number": "anonymous"}, "is no telephone number"),
        ({"until": "2026-03-01T12:00:00+08:00"}, "the date is past"),
        ({"why": ""}, "say why"),
        ({"why": "x" * 201}, "say why"),
    ],
)
def test_what_the_command_refuses_is_refused_with_the_same_words(
    program: Program, fields: dict[str, str], words: str
) -> None:
    client = program(May.BLOCK)
    assert words in wrong(blocks(client, **fields), 409, "refused")["detail"]
    assert client.get("/blocked").json() == []


def test_malformed_requests_are_refused_field_by_field(program: Program) -> None:
    client = program(May.BLOCK)
    wrong(blocks(client, number="1370000\x000007"), 422, "malformed", "number")
    wrong(blocks(client, until="tomorrow"), 422, "malformed", "until")
    wrong(blocks(client, why="\x1b[31m"), 422, "malformed", "why")
    wrong(client.get("/blocked", params={"limit": 0}), 422, "malformed", "limit")
    wrong(client.delete("/blocked/99999999999999999999"), 422, "malformed", "entry")


def test_an_entry_that_is_over_or_unknown_cannot_be_lifted(program: Program, clock: Clock) -> None:
    client = program(May.BLOCK)
    entry = blocks(client).json()["entry"]
    wrong(client.delete(f"/blocked/{entry + 1}"), 404, "no-such-entry")
    clock.forward(days=8)
    refused = wrong(client.delete(f"/blocked/{entry}"), 409, "refused")
    assert NUISANCE not in str(refused)


def test_a_token_without_personal_sees_no_whole_number(program: Program) -> None:
    """R08-9."""
    client = program(May.BLOCK)
    answers = [blocks(client), client.get("/blocked"), client.delete("/blocked/1"), client.delete("/blocked/1")]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 409]
    assert [answer.text for answer in answers if NUISANCE in answer.text] == []
    assert client.get("/blocked").json()[0]["number"] == "137****0007"


def test_the_block_list_needs_the_right_block(program: Program) -> None:
    client = program(*(set(May) - {May.BLOCK}), staff="7001")
    for answer in (blocks(client), client.get("/blocked"), client.delete("/blocked/1")):
        assert "the right block" in wrong(answer, 403, "not-allowed")["detail"]
