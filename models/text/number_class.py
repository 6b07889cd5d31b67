"""Every number has exactly one class, in whatever form it is written; a number of no known kind is unknown."""

import re
from collections.abc import Collection, Iterable

import phonenumbers
from phonenumbers import PhoneNumberType

from models.states.gate import NumberClass
from models.text.numbers import LANDLINE, MOBILE, SHARED, SUBSCRIBER, as_dialled, national

__all__ = ["NumberClass"]

_PREMIUM = re.compile(r"16[08]\d{3,8}|1259\d+")
"""声讯; libphonenumber knows the first kind only without an area code, and the second not at all."""
_CARRIER_CODE = re.compile(r"(179\d{2}|10193|12593|12583\d|190|193|197)(\d*)")
"""Dialled before a number, it chooses another carrier (and its price). 190, 193 and 197 also begin mobile numbers."""
_SERVICE = re.compile(r"1[0-2]\d{1,4}|9[56]\d{3,6}|106\d{2,17}|95\d{3,15}")
_EMERGENCIES = frozenset({"110", "112", "119", "120", "122"})
_HABITS = ("", "9", "0", "00", "90")
"""What people dial before an emergency number: the outside line, a trunk 0."""


def number_class(
    number: str | None,
    *,
    area_code: str | None = None,
    emergency: Iterable[str] = (),
    own: Collection[str] = (),
    premium: Iterable[str] = (),
) -> NumberClass:
    """`own`: our numbers, as they are dialled. `premium`: beginnings of more premium numbers.

    Without an area code every bare landline number is local, for it can be nothing else where it is dialled.
    """
    plain = as_dialled(number)
    emergencies, prefixes = _EMERGENCIES | set(emergency), tuple(premium)
    if plain in own and plain not in emergencies:
        return NumberClass.OWN
    if _is_emergency(plain.rstrip("#"), emergencies):
        return NumberClass.EMERGENCY
    if national(plain, area_code) in {national(as_dialled(one), area_code) for one in own}:
        return NumberClass.OWN
    if not re.fullmatch(r"\+?[0-9]{3,20}", plain):
        return NumberClass.UNKNOWN
    if plain.startswith("+") and not plain.startswith("+86"):
        return _foreign(plain)
    return _domestic(national(plain, None), area_code, prefixes)


def _is_emergency(plain: str, emergencies: Collection[str]) -> bool:
    """With or without what people dial before it: 9110, 0110, 00110, 010110, +86110."""
    inside = plain.removeprefix("+").removeprefix("86")
    if (coded := _CARRIER_CODE.fullmatch(inside)) is not None and not MOBILE.fullmatch(inside):
        inside = coded[2]
    # Behind a country code an area code has no 0.
    area = LANDLINE.fullmatch(inside if inside == plain else "0" + inside.lstrip("0"))
    return any(
        (inside.endswith(number) and inside.removesuffix(number) in _HABITS) or (area is not None and area[2] == number)
        for number in emergencies
    )


def _domestic(number: str, area_code: str | None, premium: tuple[str, ...]) -> NumberClass:
    if (coded := _CARRIER_CODE.fullmatch(number)) is not None and not MOBILE.fullmatch(number):
        behind = _domestic(national(coded[2], None), area_code, premium)
        return NumberClass.PREMIUM if behind is NumberClass.PREMIUM else NumberClass.SERVICE
    if number.startswith(premium) or _PREMIUM.fullmatch(number):
        return NumberClass.PREMIUM
    if MOBILE.fullmatch(number):
        return NumberClass.MOBILE
    if SHARED.fullmatch(number):
        return NumberClass.NATIONAL
    if SUBSCRIBER.fullmatch(number):
        return NumberClass.LOCAL if area_code is None or _is_landline(area_code + number) else NumberClass.UNKNOWN
    if (landline := LANDLINE.fullmatch(number)) is not None:
        return _landline(number, landline, area_code, premium)
    if _type_of(number) is PhoneNumberType.PREMIUM_RATE:
        return NumberClass.PREMIUM
    return NumberClass.SERVICE if _SERVICE.fullmatch(number) else NumberClass.UNKNOWN


def _landline(number: str, parts: re.Match[str], area_code: str | None, premium: tuple[str, ...]) -> NumberClass:
    """Behind an area code, too, a number that begins with 1 is no subscriber: 02116812345 is a premium number."""
    area, subscriber = "0" + parts[1], parts[2]
    if subscriber.startswith(premium) or _PREMIUM.fullmatch(subscriber):
        return NumberClass.PREMIUM
    if SUBSCRIBER.fullmatch(subscriber) and _is_landline(number):
        return NumberClass.LOCAL if area == area_code else NumberClass.NATIONAL
    return NumberClass.SERVICE if _SERVICE.fullmatch(subscriber) else NumberClass.UNKNOWN


def _is_landline(number: str) -> bool:
    return _type_of(number) in (PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def _foreign(number: str) -> NumberClass:
    """A premium number abroad is one, too."""
    if _type_of(number) is PhoneNumberType.PREMIUM_RATE:
        return NumberClass.PREMIUM
    return NumberClass.INTERNATIONAL if re.fullmatch(r"\+[1-9]\d{5,14}", number) else NumberClass.UNKNOWN


def _type_of(number: str) -> int:
    try:
        return phonenumbers.number_type(phonenumbers.parse(number, "CN"))
    except phonenumbers.NumberParseException:
        return PhoneNumberType.UNKNOWN
