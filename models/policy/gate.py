"""[gate] of the policy: which calls of the hotline may leave it, by the class of the number."""

from typing import Annotated, Literal

from pydantic import Field

from models.settings import Strict
from models.states.gate import Reach

__all__ = ["Gate", "Reach"]

_CLASSES = '"local", "mobile" and "national" in brackets, or []|方括号内的 "local"、"mobile"、"national"，或 []'
_Classes = list[Literal["local", "mobile", "national"]]
"""The hotline by itself never calls an emergency number, one of our own over the trunk, a premium number, or abroad."""


class Gate(Strict):
    """[gate]: each purpose reaches only these classes; numbers that begin like `premium` are premium (R05-8, R20-5)."""

    call_back: _Classes = Field(description=_CLASSES)
    follow_up: _Classes = Field(description=_CLASSES)
    staff_mobile: _Classes = Field(description=_CLASSES)
    premium: list[Annotated[str, Field(pattern=r"^\+?[0-9]{2,15}$")]] = Field(
        description='beginnings of numbers, such as ["12590", "168"], or []|号码前缀，如 ["12590", "168"]，或 []'
    )

    def reaches(self, purpose: Reach) -> list[str]:
        return list(getattr(self, purpose))
