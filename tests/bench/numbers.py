"""Percentiles, and the search for the highest rate that is carried."""

import math
from collections.abc import Sequence


def percentile(values: Sequence[float], percent: float) -> float:
    """The value at or below which this percentage of the values lies (nearest rank); NaN of nothing."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


class Ceiling:
    """The highest carried rate: up in steps until one fails twice, then the gap is halved."""

    def __init__(self, first: float, step: float = 1.5, gap: float = 1.06) -> None:
        self._next: float | None = first
        self._step, self._gap = step, gap
        self._failed_once = False
        self.carried = 0.0
        self.refused = math.inf

    @property
    def rate(self) -> float | None:
        """The next rate to try; None when the ceiling is found: it lies between `carried` and `refused`."""
        return self._next

    def note(self, carried: bool) -> None:
        """Notes the result of `rate`."""
        tried = self._next
        assert tried is not None
        if carried:
            self.carried = max(self.carried, tried)
        elif not self._failed_once:
            # one failure may be the machine's: the same rate gets a second chance
            self._failed_once = True
            return
        else:
            self.refused = min(self.refused, tried)
        self._failed_once = False
        self._next = self._proposal()

    def _proposal(self) -> float | None:
        if math.isinf(self.refused):
            return self.carried * self._step
        if not self.carried:
            return self.refused / self._step if self.refused > 1 else None
        if self.refused / self.carried <= self._gap:
            return None
        return math.sqrt(self.refused * self.carried)
