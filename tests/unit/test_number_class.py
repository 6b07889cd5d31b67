"""Every string has exactly one class, in whatever form it is written; nothing makes the gate fail (R05-8, R20-5)."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.text.number_class import NumberClass, number_class

pytestmark = pytest.mark.unit

OWN = {"8000", "7001", "1101", "02188886666"}


def at_home(number: str | None) -> NumberClass:
    return number_class(number, area_code="021", emergency=["110", "119"], own=OWN, premium=["12590", "168", "160"])


@pytest.mark.parametrize(
    ("kind", "numbers"),
    {
        "emergency": "110 119 120 122 9110 0110 00110 110# 010110 +86110 86110 ０１１０ 9-110 021110 17951110",
        "own": "8000 7001 1101 02188886666 021-88886666 88886666 +862188886666 862188886666 008602188886666",
        "local": "02187654321 87654321 86543210 8765-4321 +86(21)87654321 862187654321",
        "mobile": "13800138000 013800138000 +8613800138000 8613800138000 19912345678 19312345678 17012345678",
        "national": "0755-82345678 01087654321 +861087654321 09912345678 4008123456 8008123456 +864008123456",
        "international": "+442079460000 00442079460000 +85221234567 0085221234567",
        "premium": "16812345 16096900 02116812345 010-16096900 1259012345 12591 125901 16812345678 1795116812345 "
        "+8616812345 +862116812345 +449012345678",
        "service": "95588 12345 10086 12315 96110 114 02195588 17951 1795113800138000 17911013800138000 "
        "1259313800138000 12593 12583113800138000 +8695588",
        "unknown": "anonymous 1 021 00000000 0 075512345678 020-87654321-801 12ab 86 +86 +12 ١٣٨٠٠١٣٨٠٠٠ 1e10 911111",
    }.items(),
)
def test_each_number_has_its_class(kind: str, numbers: str) -> None:
    of_each = {number: at_home(number) for number in numbers.split()}
    assert of_each == dict.fromkeys(of_each, NumberClass(kind))


@pytest.mark.parametrize("number", [None, "", " ", "保密", "\x00", "\u202d"])
def test_nobody_is_unknown(number: str | None) -> None:
    assert at_home(number) is NumberClass.UNKNOWN


def test_an_extension_that_looks_like_an_area_code_and_an_emergency_number_is_ours() -> None:
    assert number_class("21110", own={"21110"}) is NumberClass.OWN
    assert number_class("86110", own={"86110"}) is NumberClass.OWN
    assert number_class("110", own={"110"}) is NumberClass.EMERGENCY
    assert number_class("021110", own={"21110"}) is NumberClass.EMERGENCY


def test_without_an_area_code_a_bare_landline_is_local() -> None:
    assert number_class("87654321") is NumberClass.LOCAL
    assert number_class("02187654321") is NumberClass.NATIONAL
    assert number_class("8765432", area_code="021") is NumberClass.UNKNOWN, "Shanghai has numbers of eight digits"


@given(st.text(max_size=40) | st.text("0123456789+#*- ()０１９86", max_size=24))
@example("+")
@example("0" * 40)
@example("²²²")
def test_any_text_has_a_class(text: str) -> None:
    assert at_home(text) in NumberClass
    assert number_class(text) in NumberClass


MOBILES = st.from_regex(r"1(3[0-9]|5[0-35-9]|8[0-9]|9[0-35-9])[0-9]{8}", fullmatch=True)
LANDLINES = st.tuples(
    st.sampled_from(["010", "021", "020", "0755", "0574", "0991"]), st.from_regex(r"[2-8][0-9]{7}", fullmatch=True)
)
SHARED = st.from_regex(r"[48]00[0-9]{7}", fullmatch=True)


def _forms(national: str, spaced: str) -> list[str]:
    abroad = national.removeprefix("0")
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in national)
    return [
        national,
        spaced,
        wide,
        f"+86{abroad}",
        f"0086{abroad}",
        f"86{abroad}",
        f"+86 {spaced.removeprefix('0')}",
        f"+86 {spaced}",
        f"\u202d{national}\u202c",
    ]


@given(
    MOBILES.map(lambda n: (n, f"{n[:3]}-{n[3:7]} {n[7:]}"))
    | LANDLINES.map(lambda n: ("".join(n), f"{n[0]}-{n[1][:4]} {n[1][4:]}"))
    | SHARED.map(lambda n: (n, f"{n[:3]}-{n[3:]}"))
)
def test_all_forms_of_a_number_have_one_class(number: tuple[str, str]) -> None:
    found = {form: at_home(form) for form in _forms(*number)}
    assert len(set(found.values())) == 1, found


@given(
    st.from_regex(r"(16[08]|1259[0-24-9])[0-9]{5}", fullmatch=True),
    st.sampled_from(["010", "021", "0755", "17951", "+86"]),
)
def test_no_prefix_hides_a_premium_number(number: str, before: str) -> None:
    assert at_home(number) is NumberClass.PREMIUM
    assert at_home(before + number) is NumberClass.PREMIUM


@given(
    st.sampled_from(["110", "119", "120", "122"]),
    st.sampled_from(["", "9", "0", "00", "90", "010", "0755", "17951"]),
    st.sampled_from(["", "#"]),
)
def test_no_prefix_hides_an_emergency_number(number: str, before: str, after: str) -> None:
    assert at_home(before + number + after) is NumberClass.EMERGENCY
