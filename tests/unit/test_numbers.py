"""A telephone number has one form, however it is written, and a room the digits a caller presses."""

import pytest
from hypothesis import example, given
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
        "8613800138000",
        "\u202d138 0013 8000\u202c",
        "\u2068+86\u00a0138\u20110013\u20118000\u2069\u200b",
        "tel:+86-138-0013-8000",
        "tel:13800138000;phone-context=+86",
        "13800138000;phone-context=ims.example",
        "13800138000;npdi;rn=+8610",
        "sip:+8613800138000@ims.example;user=phone",
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
        ("862087654321", "02087654321"),
        ("8675582345678", "075582345678"),
        ("864008108888", "4008108888"),
        ("tel:87654321;phone-context=+8620", "02087654321"),
        ("86543210", "86543210"),
        ("+86110", "110"),
        ("+8695588", "95588"),
        ("+44 20 7946 0000", "+442079460000"),
        ("0044 20 7946 0000", "+442079460000"),
        ("1101", "1101"),
        ("110", "110"),
        ("88886666", "88886666"),
    ],
)
def test_landlines_short_and_foreign_numbers_have_one_form(written: str, form: str) -> None:
    assert normal(written) == form


@pytest.mark.parametrize("written", ["87654321", "8765 4321", "020-87654321", "+862087654321", "862087654321"])
def test_a_landline_written_without_its_area_code_is_one_of_the_site(written: str) -> None:
    assert normal(written, "020") == "02087654321"


@pytest.mark.parametrize(
    "number", ["7001", "110", "95588", "13800138000", "4008108888", "01087654321", "+442079460000"]
)
def test_only_a_landline_gets_the_area_code(number: str) -> None:
    assert normal(number, "020") == number


@pytest.mark.parametrize(
    "withheld",
    [
        *(None, "", "  ", "anonymous", "Anonymous", "unknown", "restricted", "sip:anonymous@anonymous.invalid", "tel:"),
        *("0", "00000000", "+0", "保密", "匿名", "主叫号码保密", "\u202d\u202c", "---", "***", "\x00", "9" * 200),
    ],
)
def test_a_withheld_number_belongs_to_nobody(withheld: str | None) -> None:
    assert normal(withheld) is None


SIGNS = st.text("0123456789+-() ;:@*#８６０１", max_size=24)
LANDLINES = st.tuples(
    st.sampled_from(["010", "020", "021", "0755", "0991"]), st.from_regex(r"[2-8][0-9]{7}", fullmatch=True)
)
MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
AROUND = [
    ("", ""),
    ("\u202d", "\u202c"),
    (" ", " "),
    ("tel:", ";ext="),
    ("sip:", "@ims.example"),
    ("", ";phone-context=+86"),
]


def _written(number: str) -> list[str]:
    """In the forms of carriers, lists and people."""
    bare = number.removeprefix("0")
    forms = [
        number,
        f"+86{bare}",
        f"0086{bare}",
        f"86{bare}",
        f"+86 (0){bare}",
        f"+86{number}",
        f"{number[:3]}-{number[3:]}",
    ]
    forms += ["".join(chr(ord(digit) + 0xFEE0) for digit in number), " ".join(number), "\u200e".join(number)]
    return [before + form + after for form in forms for before, after in AROUND]


@given(MOBILES)
def test_a_mobile_is_one_number_in_all_forms(number: str) -> None:
    found = {form: normal(form) for form in [*_written(number), f"0{number}"]}
    assert found == dict.fromkeys(found, number)


@given(LANDLINES)
def test_a_landline_is_one_number_in_all_forms(number: tuple[str, str]) -> None:
    area, subscriber = number
    found = {form: normal(form, "0571") for form in _written(area + subscriber)}
    assert found == dict.fromkeys(found, area + subscriber)
    assert normal(subscriber, area) == area + subscriber


@given(st.text(max_size=30) | SIGNS, st.sampled_from([None, "010", "020", "0755"]))
@example("868613800138000", None)
@example("+8600862087654321", "020")
@example("0" * 6 + "8613800138000", None)
def test_normalising_a_number_twice_changes_nothing(text: str, area_code: str | None) -> None:
    once = normal(text, area_code)
    assert normal(once, area_code) == normal(once) == once


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
