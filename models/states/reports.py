"""Which period a report covers, and how far sending it has come."""

from enum import StrEnum


class PeriodKind(StrEnum):
    """What a report is about (R01-1: month or quarter)."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"


class ReportState(StrEnum):
    """How far the report of one period has come that is sent by itself."""

    DUE = "due"
    CLAIMED = "claimed"
    """One process writes it, and speaks with the mail server."""
    SENDING = "sending"
    """The mail is being handed over: from here on it may have arrived."""
    SENT = "sent"
    FILED = "filed"
    """In its folder; nobody is to get it by mail."""
    FAILED = "failed"
    """Given up after many tries; it is in its folder."""
    UNCERTAIN = "uncertain"
    """We died, or the line broke, while it was handed over: it is not sent a second time."""


_R = ReportState


REPORT_MOVES: dict[ReportState, frozenset[ReportState]] = {
    _R.DUE: frozenset({_R.CLAIMED}),
    _R.CLAIMED: frozenset({_R.CLAIMED, _R.DUE, _R.SENDING, _R.FILED, _R.FAILED}),
    _R.SENDING: frozenset({_R.SENT, _R.DUE, _R.FAILED, _R.UNCERTAIN}),
}
"""From where a report may go where; what is not listed here is an ending."""
