"""Brings a telephone number into one form, however the carrier, a list or a person writes it."""

import re
import unicodedata

_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015.·()/]+")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_WITHHELD = {"", "anonymous", "unknown", "restricted", "private", "unavailable", "asterisk"}


def normal(number: str | None) -> str | None:
    """The number without spaces, country code 86 and a trunk 0 before a mobile number; None when it was withheld.

    Foreign numbers become +COUNTRY...; landlines keep the 0 of their area code. Other text is unchanged.
    """
    plain = unicodedata.normalize("NFKC", _SEPARATORS.sub("", unicodedata.normalize("NFKC", number or "")))
    if plain.lower() in _WITHHELD:
        return None
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    if plain.startswith("+86"):
        national = plain[3:].lstrip("0")
        # 400 and 800 numbers have no area code; other landlines get their trunk 0 back.
        return national if _MOBILE.fullmatch(national) or national[:3] in ("400", "800") else "0" + national
    for prefix in ("86", "0"):
        if plain.startswith(prefix) and _MOBILE.fullmatch(plain[len(prefix) :]):
            return plain[len(prefix) :]
    return plain


def plausible(number: str) -> bool:
    """Whether a number in normal form can be called at all: 3 to 15 digits (ITU-T E.164)."""
    return re.fullmatch(r"\+?\d{3,15}", number) is not None


def keys(text: str | None) -> str:
    """The digits of a building's or room's name, as a caller keys them: "12栋" is 12, "A-0301" is 0301."""
    return re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", text or ""))
