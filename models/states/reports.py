"""The periods of reports, and the states of a report that is sent automatically."""

from enum import StrEnum


class PeriodKind(StrEnum):
    """The period that a report covers (R01-1: month or quarter); a week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class ReportState(StrEnum):
    """How far an automatic report has come."""

    DUE = "due"
    CLAIMED = "claimed"
    """One process is writing it and talking to the mail server."""
    SENDING = "sending"
    """The mail is being handed to the server: from here on it may have arrived."""
    SENT = "sent"
    FILED = "filed"
    """In its folder; it is not to be mailed."""
    FAILED = "failed"
    """Mailing was given up after many tries; the report is in its folder."""
    UNCERTAIN = "uncertain"
    """The program or the connection failed while it was handed over: it is not sent again."""


_R = ReportState


REPORT_MOVES: dict[ReportState, frozenset[ReportState]] = {
    _R.DUE: frozenset({_R.CLAIMED}),
    _R.CLAIMED: frozenset({_R.CLAIMED, _R.DUE, _R.SENDING, _R.FILED, _R.FAILED}),
    _R.SENDING: frozenset({_R.SENT, _R.DUE, _R.FAILED, _R.UNCERTAIN}),
}
"""The legal moves of a report; a state that is not a key here is final."""
