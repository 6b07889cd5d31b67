"""What was measured, as a table for each database: the same on the screen and in docs/performance.md."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.bench.document import put
from tests.bench.store.filling import OPEN, OVER, SHARES

GROWING = {table: OVER[table] for table in SHARES}
"""Nothing may read one of these from end to end."""
RATIO_AIM = 3.0
_AT_LEAST_S = 0.005
"""Below this the ratio says more of the machine than of the store."""


@dataclass(frozen=True)
class Cost:
    """Seconds without the past and with it; how many statements the latter were, and by what they found their rows."""

    without: float
    with_past: float
    statements: int = 0
    indexes: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)
    """Tables of the past that were read from end to end."""

    @property
    def dear(self) -> bool:
        return self.with_past > RATIO_AIM * self.without and self.with_past - self.without > _AT_LEAST_S


@dataclass(frozen=True)
class Measured:
    store: str
    past: int
    costs: dict[str, Cost]

    @property
    def trouble(self) -> Iterator[str]:
        for what, cost in self.costs.items():
            if cost.dear:
                yield f"{what}: costs more than {RATIO_AIM:g} times as much with the past"
            if cost.whole:
                yield f"{what}: reads {', '.join(cost.whole)} from end to end"


def lines(measured: Measured) -> Iterator[str]:
    yield f"**{measured.store}**: {OPEN:,} open matters, {measured.past:,} that are over."
    yield ""
    yield "| | without, ms | with the past, ms | ratio | statements | found by |"
    yield "|---|--:|--:|--:|--:|:--|"
    for what, cost in measured.costs.items():
        ratio = cost.with_past / cost.without
        found = ", ".join(cost.indexes)
        yield (
            f"| {what} | {cost.without * 1000:.1f} | {cost.with_past * 1000:.1f} | {ratio:.2f} |"
            f" {cost.statements or ''} | {found} |"
        )
    yield ""
    trouble = list(measured.trouble)
    yield from (f"- {told}" for told in trouble or ["No statement reads a table of the past from end to end."])
    yield ""


def write(measured: list[Measured]) -> None:
    """Puts the results into docs/performance.md."""
    put("make bench-store", [line for one in measured for line in lines(one)])
