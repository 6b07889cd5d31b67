"""What was typed in a form whose sign-in had ended: the sign-in page keeps it, and shows it again, not submitted."""

import json
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request

from console.pages.again import PAGE, is_ours, typed_in
from console.pages.visitor import WHO

_SECRET = frozenset({"password", "old", "again"})


@dataclass(frozen=True)
class Kept:
    """The fields of one form, without passwords; only the same person sees them again."""

    who: str
    page: str
    typed: dict[str, str]

    @property
    def sign_in(self) -> str:
        """The address of the sign-in page that leads back to the form's page."""
        return f"/sign-in?then={quote(self.page)}"

    def __str__(self) -> str:
        return json.dumps([self.who, self.page, self.typed], ensure_ascii=False)


async def of(request: Request) -> Kept | None:
    """The form that was sent; None when it is not one of somebody's pages."""
    typed = {name: value for name, value in (await typed_in(request)).items() if name not in _SECRET}
    who, page = typed.pop(WHO, ""), typed.get(PAGE, "")
    return Kept(who, page, typed) if who and is_ours(page) else None


def read(text: str) -> Kept | None:
    """What `str` has written; None for anything else."""
    try:
        who, page, typed = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    known = isinstance(who, str) and isinstance(page, str) and isinstance(typed, dict) and is_ours(page)
    if not known or not all(isinstance(value, str) for value in typed.values()):
        return None
    return Kept(who, page, typed)
