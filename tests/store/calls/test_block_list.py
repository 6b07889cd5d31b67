"""A nuisance caller is not let in until a date: never an emergency number, one of our own, or one of the staff."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from models import enrolment
from models.calls import block_list
from models.calls.block_list import CannotBlock
from models.database.store import Store
from models.instance.home import PROJECT_ROOT
from models.policy import Policy
from models.site import Site
from models.tables import Staff

pytestmark = pytest.mark.store

SITE = Site.load(PROJECT_ROOT / "site.example.toml")
POLICY = Policy.load(PROJECT_ROOT / "policy.toml", SITE)
NUISANCE = "13700000007"


def block(store: Store, number: str, at: datetime, *, days: int = 7, why: str = "swears") -> Any:
    rules: dict[str, Any] = {"by": "7001", "at": at, "site": SITE, "policy": POLICY}
    return store.write(block_list.block, number, until=at + timedelta(days=days), why=why, **rules)


def is_blocked(store: Store, number: str | None, at: datetime) -> bool:
    return store.read(block_list.is_blocked, number, at=at)


def test_a_blocked_number_is_let_in_again_by_its_date(store: Store, noon: datetime) -> None:
    block(store, f"+86 {NUISANCE}", noon)
    assert is_blocked(store, NUISANCE, noon + timedelta(days=6))
    assert not is_blocked(store, NUISANCE, noon + timedelta(days=7))
    assert not is_blocked(store, "13700000008", noon)
    assert not is_blocked(store, None, noon), "a withheld number is nobody's"


def test_a_block_that_is_lifted_is_over_at_once_and_stays_in_the_list(store: Store, noon: datetime) -> None:
    block(store, NUISANCE, noon)
    store.write(block_list.lift, f"0{NUISANCE}", by="7050", at=noon)
    assert not is_blocked(store, NUISANCE, noon)
    (row,) = store.read(block_list.newest, limit=10)
    assert (row.number, row.why, row.blocked_by) == (NUISANCE, "swears", "7001")
    assert (row.lifted_by, row.lifted_at) == ("7050", noon)
    with pytest.raises(CannotBlock, match="is not blocked"):
        store.write(block_list.lift, NUISANCE, by="7050", at=noon)


def test_blocking_again_gives_it_the_new_date(store: Store, noon: datetime) -> None:
    block(store, NUISANCE, noon)
    block(store, NUISANCE, noon, days=30, why="worse")
    (row,) = store.read(block_list.newest, limit=10)
    assert (row.until, row.why) == (noon + timedelta(days=30), "worse")


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("110", "emergency"), ("119", "emergency"), ("8000", "our own"), ("7001", "our own"), ("1101", "our own"),
        ("13600000001", "staff"), ("anonymous", "withholds"), ("保密", "withholds"), ("", "withholds"),
        ("12", "withholds"),
    ],
)  # fmt: skip
def test_what_must_get_through_cannot_be_blocked(store: Store, noon: datetime, number: str, why: str) -> None:
    store.write(enrolment.enrol, SITE)
    store.write(lambda s: setattr(s.get_one(Staff, "7001"), "mobile", "13600000001"))
    with pytest.raises(CannotBlock, match=why):
        block(store, number, noon)
    assert store.read(block_list.newest, limit=10) == []


@pytest.mark.parametrize(("how", "said"), [({"days": 0}, "past"), ({"why": " "}, "why"), ({"why": "x" * 201}, "why")])
def test_a_block_has_a_date_to_come_and_a_reason(store: Store, noon: datetime, how: dict[str, Any], said: str) -> None:
    with pytest.raises(CannotBlock, match=said):
        block(store, NUISANCE, noon, **how)
