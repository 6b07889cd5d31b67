"""[[line]] and [emergency] of the site file: the numbers that people dial."""

from typing import Annotated, Literal

from pydantic import Field

from models.settings import Strict
from models.site.fields import A_GROUP, A_NUMBER, Number


class Line(Strict):
    """[[line]]: a number that people dial, and the conversation it leads to."""

    number: Number = Field(description=A_NUMBER)
    flow: Literal["hotline", "supervision", "general-manager", "switchboard"] = Field(
        description="hotline, supervision, general-manager or switchboard"
        "|hotline、supervision、general-manager、switchboard 之一"
    )
    group: str = Field(description=A_GROUP)
    did: list[Annotated[str, Field(pattern=r"^\+?[0-9]{3,20}$")]] = Field(
        default=[],
        description='the public numbers in quotes, 3 to 20 digits each, such as ["02188886666"]'
        '|带引号的公网号码，每个 3 至 20 位数字，如 ["02188886666"]',
    )


class Emergency(Strict):
    """[emergency]: numbers that every phone can dial at any time, and who is notified at once."""

    numbers: Annotated[list[Annotated[str, Field(pattern=r"^[0-9]{3,6}$")]], Field(min_length=1)] = Field(
        description='numbers in quotes, such as ["110", "119"]|带引号的号码，如 ["110", "119"]'
    )
    told: str = Field(description="a staff number or the name of a group|工号或某个 [[group]] 的 name")
