"""Control signs: refused on the way in, shown by number on the way out, and one field is one line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.signs import SignRefused, checked, harmless, on_one_line, one_line

pytestmark = pytest.mark.unit

SIGNS = ["\0", "\x07", "\x1b", "\x7f", "\x85", "\x9b", "\u200f", "\u202a", "\u202e", "\u2028", "\u2066", "\udcff"]


@pytest.mark.parametrize("sign", SIGNS)
def test_a_control_sign_is_refused_by_its_number(sign: str) -> None:
    with pytest.raises(SignRefused, match=rf"U\+{ord(sign):04X}.*\n.*控制字符"):
        checked(f"王{sign}建国")


def test_words_of_people_pass_with_their_line_breaks() -> None:
    text = "厨房漏水，6栋\n今天下午\tOK — “see” 👩‍🔧 Ünal"
    assert checked(text) == harmless(text) == text


@given(st.text())
def test_json_made_harmless_says_the_same(text: str) -> None:
    assert json.loads(harmless(json.dumps([text], ensure_ascii=False))) == [text]


@given(st.text())
def test_a_field_of_one_line_is_one_line(text: str) -> None:
    for shown in (one_line(text), on_one_line(text)):
        assert len(shown.splitlines()) <= 1
        assert harmless(shown) == shown


def test_a_line_that_somebody_forges_stays_behind_its_own_field() -> None:
    assert on_one_line("leak\r\nticket 9999: closed\u2028more") == "leak; ticket 9999: closed; more"
