"""The measurements, as a table for each database: the same on the screen and in docs/performance.md."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.bench.document import put
from tests.bench.store.filling import OPEN, OVER, SHARES

GROWING = {table: OVER[table] for table in SHARES}
"""The history tables: no statement may read one of these from end to end."""
RATIO_AIM = 3.0
_AT_LEAST_S = 0.005
"""Below this the ratio depends more on the machine than on the store."""


@dataclass(frozen=True)
class Cost:
    """Seconds without and with history; with history also the number of statements, and the indexes they used."""

    without: float
    with_history: float
    statements: int = 0
    indexes: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)
    """History tables that were read from end to end."""

    @property
    def dear(self) -> bool:
        return self.with_history > RATIO_AIM * self.without and self.with_history - self.without > _AT_LEAST_S


@dataclass(frozen=True)
class Measured:
    store: str
    history: int
    costs: dict[str, Cost]
    pages: dict[str, float]
    """The 95th percentile, in seconds, of what a page of the console reads, with history."""

    @property
    def trouble(self) -> Iterator[str]:
        for what, cost in self.costs.items():
            if cost.dear:
                yield f"{what}: costs more than {RATIO_AIM:g} times as much with history"
            if cost.whole:
                yield f"{what}: reads {', '.join(cost.whole)} from end to end"


def lines(measured: Measured) -> Iterator[str]:
    yield f"**{measured.store}**: {OPEN:,} open tickets, {measured.history:,} closed."
    yield ""
    yield "| | without history, ms | with history, ms | ratio | statements | found by |"
    yield "|---|--:|--:|--:|--:|:--|"
    for what, cost in measured.costs.items():
        ratio = cost.with_history / cost.without
        found = ", ".join(cost.indexes)
        yield (
            f"| {what} | {cost.without * 1000:.1f} | {cost.with_history * 1000:.1f} | {ratio:.2f} |"
            f" {cost.statements or ''} | {found} |"
        )
    yield ""
    yield "| page of the console, with history | p95, ms |"
    yield "|---|--:|"
    for address, p95 in measured.pages.items():
        yield f"| {address} | {p95 * 1000:.1f} |"
    yield ""
    trouble = list(measured.trouble)
    yield from (f"- {line}" for line in trouble or ["No statement reads a history table from end to end."])
    yield ""


def write(measured: list[Measured]) -> None:
    """Puts the results into docs/performance.md."""
    put("make bench-store", [line for one in measured for line in lines(one)])
