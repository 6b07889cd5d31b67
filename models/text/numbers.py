"""A telephone number in any form is one number: as the carrier sends it, a list has it, or a person types it."""

import re
import unicodedata

LONGEST = 40
"""Of a number that is kept; a telephone number has at most 15 digits (ITU-T E.164)."""

MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
SHARED = re.compile(r"[48]00\d{7}", re.ASCII)
"""400 and 800 have no area code."""
SUBSCRIBER = re.compile(r"[2-8]\d{6,7}", re.ASCII)
LANDLINE = re.compile(r"0(10|2\d|[3-9]\d{2})(\d+)", re.ASCII)
"""An area code, and what is dialled behind it."""
_WHOLE_LANDLINE = re.compile(r"(10|2\d|[3-9]\d{2})[1-8]\d{6,7}", re.ASCII)
"""As it stands behind the country code: the area code without its 0."""
_LONGEST_LOCAL = 8
"""86543210 is a landline of the site's area: a bare country code stands before something longer."""

_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015.·()/]+")
_SCHEME = re.compile(r"(?:tel|sips?):", re.IGNORECASE)
_CONTEXT = re.compile(r"phone-?context=(\+\d+)", re.IGNORECASE | re.ASCII)
_WITHHELD = {"anonymous", "unknown", "restricted", "private", "unavailable", "withheld", "blocked", "asterisk", "none"}
_WITHHELD_ZH = {"保密", "匿名", "隐藏", "未知", "不详", "无", "无号码", "号码保密", "主叫号码保密", "未显示"}
_NOBODY = _WITHHELD | _WITHHELD_ZH


def normal(number: str | None, area_code: str | None = None) -> str | None:
    """The number as it is dialled inside the country; None when it is nobody's: withheld, all zeros, without a digit
    or letter, longer than any number.

    Mobiles have neither country code nor 0 before them, landlines have their area code: `area_code` is that of a
    landline written without one. Foreign numbers are +COUNTRY... Text that is no number is only rid of its separators.
    """
    plain = _signs(number)
    nobody = plain.casefold() in _NOBODY or not plain.strip("+0") or not any(sign.isalnum() for sign in plain)
    return None if nobody or len(plain) > LONGEST else national(plain, area_code)


def as_dialled(number: str | None) -> str:
    """Digits, with + before a country code, as they stand there; empty for what no telephone can send (٣, 保密)."""
    plain = _signs(number)
    return plain if plain.isascii() else ""


def extension(text: str) -> str:
    """A short number of ours as somebody typed it: "７００１", " 70 01"; what is no number stays as it is."""
    plain = as_dialled(text)
    return plain if plain.isdecimal() else text.strip()


def national(plain: str, area_code: str | None) -> str:
    """What `as_dialled` returns, as it is dialled inside the country; a landline without area code gets `area_code`."""
    rest = plain
    if plain.startswith("+86"):
        rest = plain[3:].lstrip("0")
    elif plain.startswith("86") and len(plain) > _LONGEST_LOCAL and plain.isascii() and plain.isdecimal():
        rest = plain[2:].lstrip("0")
    if rest != plain:
        if not rest:
            return plain
        has_area = _WHOLE_LANDLINE.fullmatch(rest) and not SHARED.fullmatch(rest)
        return "0" + rest if has_area else national(rest, area_code)
    if rest.startswith("0") and (MOBILE.fullmatch(rest[1:]) or SHARED.fullmatch(rest[1:])):
        return rest[1:]
    return area_code + rest if area_code and SUBSCRIBER.fullmatch(rest) else rest


def local(number: str, area_code: str) -> str | None:
    """A landline in normal form without this area code, as its neighbours dial it; None for any other number."""
    bare = number.removeprefix(area_code)
    return bare if bare != number and SUBSCRIBER.fullmatch(bare) else None


def plausible(number: str) -> bool:
    """Whether a number in normal form can be called at all: 3 to 15 digits (ITU-T E.164)."""
    return re.fullmatch(r"\+?\d{3,15}", number, re.ASCII) is not None


NO_NUMBER = ("is no telephone number: 3 to 15 digits", "不是电话号码：应为 3 至 15 位数字")
"""What follows something that is not `plausible`, in English and Chinese."""


def keys(text: str | None) -> str:
    """The digits of a building's or room's name, as a caller keys them: "12栋" is 12, "A-0301" is 0301."""
    return re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", text or ""))


def _signs(number: str | None) -> str:
    """Without separators, signs that nobody sees, and what an address has around a number (RFC 3966, RFC 3261 19.1.6);
    00 before a country code is +, and a `phone-context` stands before the number."""
    text = unicodedata.normalize("NFKC", number or "")
    text = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cf", "Cc") or sign.isspace())
    # NFKC once more: what stood apart may have joined.
    text = unicodedata.normalize("NFKC", _SEPARATORS.sub("", text))
    if scheme := _SCHEME.match(text):
        text = text[scheme.end() :].partition("@")[0]
    text, _, parameters = text.partition(";")
    if text.startswith("00") and len(text) > 6:
        text = "+" + text[2:]
    if not text.startswith("+") and text.isdecimal() and (context := _CONTEXT.search(parameters)):
        text = context[1] + text
    return text
