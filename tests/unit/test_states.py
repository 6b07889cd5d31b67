"""models/states defines every enum that is the type of a column, and nothing else but their moves and sets."""

import importlib
import pkgutil
from collections.abc import Iterator
from enum import Enum, IntEnum, StrEnum
from types import ModuleType

import pytest
import sqlalchemy

import models
import models.states
from models.states.calls import ClickOutcome, Priority
from models.states.gate import Limit
from models.states.people import May
from models.tables import Base, CallToMake, Token

pytestmark = pytest.mark.unit

WITHOUT_A_COLUMN_OF_ITS_TYPE = {
    May: "a token has several rights: they are in `tokens.may`, one text with spaces between",
    ClickOutcome: "it is one of the ends in `clicks.outcome`, beside those of an attempt and the reasons of the gate",
    Limit: "it is one of the reasons in `trunk_calls.reason`, beside the classes of numbers",
}


def states() -> list[ModuleType]:
    return [
        importlib.import_module(f"models.states.{found.name}") for found in pkgutil.iter_modules(models.states.__path__)
    ]


def words() -> set[type[StrEnum]]:
    """Every StrEnum that a module of models/states defines."""
    return {
        value
        for module in states()
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, StrEnum) and value.__module__ == module.__name__
    }


def in_columns() -> dict[type[Enum], list[str]]:
    """The columns of each enum that is the type of one."""
    found: dict[type[Enum], list[str]] = {}
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, sqlalchemy.Enum) and column.type.enum_class is not None:
                found.setdefault(column.type.enum_class, []).append(f"{table.name}.{column.name}")
    return found


def every_str_enum() -> Iterator[type[StrEnum]]:
    for found in pkgutil.walk_packages(models.__path__, "models."):
        if not found.name.startswith("models.migrations."):
            importlib.import_module(found.name)
    left = [StrEnum]
    while left:
        kind = left.pop()
        left += kind.__subclasses__()
        if kind.__module__.startswith("models."):
            yield kind


def test_every_enum_of_the_states_is_the_type_of_a_column() -> None:
    assert words() - set(in_columns()) == set(WITHOUT_A_COLUMN_OF_ITS_TYPE)


def test_the_rights_of_a_token_fit_their_column_all_at_once() -> None:
    """The one exception: its column is plain text."""
    assert isinstance(column := Token.__table__.c.may.type, sqlalchemy.String)
    assert len(" ".join(May)) <= (column.length or 0)


def test_no_enum_from_elsewhere_in_models_is_the_type_of_a_column() -> None:
    assert set(in_columns()) <= words()
    elsewhere = set(every_str_enum()) - words()
    assert {kind.__name__ for kind in elsewhere} >= {"Kept", "CallResult"}, "the search finds what it should"
    assert elsewhere & set(in_columns()) == set()


def test_the_states_hold_enums_their_moves_and_their_sets_and_nothing_else() -> None:
    for module in states():
        for name, value in vars(module).items():
            if not name.startswith("__") and value not in (StrEnum, IntEnum):
                assert is_words(value, module) or is_set(value, module) or is_moves(value, module), (
                    f"{module.__name__}.{name} belongs elsewhere"
                )


def test_the_priority_of_a_call_is_the_only_number_among_the_words() -> None:
    """The most urgent call is made first: the database sorts by it."""
    numbers = {value for module in states() for value in vars(module).values() if is_words(value, module)} - words()
    assert numbers == {Priority}
    assert isinstance(CallToMake.__table__.c.priority.type, sqlalchemy.Integer)


def is_words(value: object, module: ModuleType) -> bool:
    return isinstance(value, type) and issubclass(value, StrEnum | IntEnum) and value.__module__ == module.__name__


def is_set(value: object, module: ModuleType) -> bool:
    """Some members of one enum of this module."""
    return (
        isinstance(value, frozenset)
        and len({type(one) for one in value}) == 1
        and all(is_words(type(one), module) for one in value)
    )


def is_moves(value: object, module: ModuleType) -> bool:
    """From each state of one enum the states it may go to."""
    if not isinstance(value, dict) or not is_set(frozenset(value), module):
        return False
    kind = type(next(iter(value)))
    return all(isinstance(to, frozenset) and all(isinstance(one, kind) for one in to) for to in value.values())
