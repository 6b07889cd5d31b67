"""[rooms] of the site file: which rooms there are, and which of them have a telephone."""

from typing import Annotated

from pydantic import Field

from models.settings import Strict
from models.site.fields import Number


class Rooms(Strict):
    """[rooms]: a room number is floor and room, two digits each; `phones` are the rooms that register here."""

    floors: Annotated[list[Annotated[int, Field(ge=10, le=69)]], Field(min_length=2, max_length=2)] = Field(
        description="the first and the last floor, 10 to 69, such as [11, 19]|首层与末层，10 至 69，如 [11, 19]"
    )
    per_floor: Annotated[list[Annotated[int, Field(ge=1, le=99)]], Field(min_length=2, max_length=2)] = Field(
        description="the first and the last room of a floor, 1 to 99, such as [1, 99]"
        "|每层首间与末间，1 至 99，如 [1, 99]"
    )
    phones: list[Number] = Field(
        description='room numbers in quotes, such as ["1101", "1102"]|带引号的房号，如 ["1101", "1102"]'
    )

    def has(self, number: str) -> bool:
        """Whether this is a room of the site, with a telephone or without."""
        if len(number) != 4 or not number.isdecimal():
            return False
        floor, room = int(number[:2]), int(number[2:])
        return self.floors[0] <= floor <= self.floors[1] and self.per_floor[0] <= room <= self.per_floor[1]
