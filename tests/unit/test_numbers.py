"""A telephone number has one form, however it is written, and a room the digits a caller presses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.people.people import keyed
from models.text.numbers import keys, normal, plausible

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "+8613800138000",
        "+86 138 0013 8000",
        "008613800138000",
        "86-138-0013-8000",
        "013800138000",
        "138-0013-8000",
        "+86 (0)138 0013 8000",
        "\uff11\uff13\uff18\uff10\uff10\uff11\uff13\uff18\uff10\uff10\uff10",
        " 138.0013.8000 ",
    ],
)
def test_a_mobile_number_has_one_form(written: str) -> None:
    assert normal(written) == "13800138000"


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("010-88886666", "01088886666"),
        ("+86 10 8888 6666", "01088886666"),
        ("+86 010 88886666", "01088886666"),
        ("(021) 8888 6666", "02188886666"),
        ("400-810-8888", "4008108888"),
        ("+86 400 810 8888", "4008108888"),
        ("+44 20 7946 0000", "+442079460000"),
        ("0044 20 7946 0000", "+442079460000"),
        ("1101", "1101"),
        ("110", "110"),
        ("88886666", "88886666"),
    ],
)
def test_landlines_short_and_foreign_numbers_have_one_form(written: str, form: str) -> None:
    assert normal(written) == form


@pytest.mark.parametrize("withheld", [None, "", "  ", "anonymous", "Anonymous", "unknown", "restricted"])
def test_a_withheld_number_belongs_to_nobody(withheld: str | None) -> None:
    assert normal(withheld) is None


@given(st.text(max_size=30))
def test_normalising_a_number_twice_changes_nothing(text: str) -> None:
    once = normal(text)
    assert normal(once) == once


@pytest.mark.parametrize(
    ("number", "can_be_called"),
    [("13800138000", True), ("110", True), ("+442079460000", True), ("12", False), ("1.38E+10", False), ("x", False)],
)
def test_a_number_to_call_is_digits_only(number: str, can_be_called: bool) -> None:
    assert plausible(number) is can_be_called


def test_a_room_is_known_by_the_digits_pressed_for_it() -> None:
    assert keys("12栋") == "12"
    assert keys("A-0301室") == "0301"
    assert keyed("03栋", "0301") == keyed("3", "301") == "3-301"
    assert keyed("1", "1101") != keyed("11", "101")
