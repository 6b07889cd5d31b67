"""Every telephone number of a row has the form that it has at this site, whose area code the store knows."""

from sqlalchemy.orm import Session

from models.text.numbers import local, normal

AREA_CODE = "area_code"
"""In `Session.info`."""


def here(session: Session, number: str | None) -> str | None:
    """As `models.text.numbers.normal`, with the area code of the site."""
    return normal(number, session.info.get(AREA_CODE))


def forms(session: Session, number: str | None) -> list[str]:
    """The number, and without its area code if that is ours: so it was written before the site had one. Empty when the
    number is nobody's."""
    number, area_code = here(session, number), session.info.get(AREA_CODE)
    bare = local(number, area_code) if number and area_code else None
    return [form for form in (number, bare) if form]
