"""A number has many forms on a trunk: the one that the carrier wants dialled, and all in which it may send ours."""

from models.text.numbers import LANDLINE, MOBILE, SHARED, SUBSCRIBER, as_dialled, national


def to_dial(number: str, form: str, area_code: str | None) -> str:
    """As this trunk wants it: "plain" (as it is written), "bare" (numbers of our area without area code), "national"
    (landlines with area code and its 0), "86" or "+86". A number that is none of China's goes out as it is written."""
    plain = as_dialled(number)
    inside = national(plain, area_code)
    if form == "plain" or not _is_of_china(inside):
        return plain
    if form == "bare":
        return inside.removeprefix(area_code) if area_code else inside
    return inside if form == "national" else form + inside.removeprefix("0")


def written_forms(number: str, area_code: str | None) -> list[str]:
    """Every form in which a carrier may send this number of ours, the written one first: with +86, 0086, 86, 0, without
    its 0, and without its area code. Short numbers have one form."""
    plain = as_dialled(number)
    inside = national(plain, area_code)
    if not _is_of_china(inside):
        return [plain]
    bare = inside.removeprefix("0")
    forms = [plain, inside, bare, f"86{bare}", f"+86{bare}", f"0086{bare}"]
    if (landline := LANDLINE.fullmatch(inside)) is not None:
        forms.append(landline[2])
    elif MOBILE.fullmatch(inside):
        forms.append(f"0{inside}")
    return list(dict.fromkeys(forms))


def _is_of_china(number: str) -> bool:
    """Whether it is whole: a mobile or 400 number, or a landline with its area code."""
    landline = LANDLINE.fullmatch(number)
    return bool(
        MOBILE.fullmatch(number) or SHARED.fullmatch(number) or (landline and SUBSCRIBER.fullmatch(landline[2]))
    )
