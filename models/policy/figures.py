"""Fields for the numbers of the policy: limits, and the words that say what is right."""

from typing import Any

from pydantic import Field


def whole(low: int, high: int, unit: str, unit_zh: str) -> Any:
    text = f"a whole number of {unit}, {low} to {high}|{unit_zh}，{low} 至 {high} 的整数"
    return Field(ge=low, le=high, description=text)


def seconds(low: float, high: float) -> Any:
    return Field(ge=low, le=high, description=f"seconds, {low} to {high}|秒数，{low} 至 {high}")
