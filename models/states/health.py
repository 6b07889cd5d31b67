"""Where a test call failed, and what does not agree."""

from enum import StrEnum


class CanaryStep(StrEnum):
    """What a canary was at when it failed."""

    CONNECT = "connect"
    """The application had no connection to Asterisk, or Asterisk made no call."""
    DIALPLAN = "dialplan"
    """The call did not come from the dialplan to the application."""
    ANSWER = "answer"
    PROMPT = "prompt"
    """The first words were not played to their end."""
    KEY = "key"
    """A key that was pressed did not arrive."""
    MISSING = "missing"
    """No canary has come for too long: the application does not live."""


class FindingKind(StrEnum):
    """What does not agree between calls, rows and files (R04-1)."""

    FILE_WITHOUT_ROW = "file-without-row"
    ROW_WITHOUT_FILE = "row-without-file"
    TALK_WITHOUT_RECORDING = "talk-without-recording"
    DISK_NEARLY_FULL = "disk-nearly-full"
    SCAN_LATE = "scan-late"
    """A scan, or the scheduler as a whole, has not looked for too long."""
    WORK_LATE = "work-late"
    """What is due is not handled, though the scans look."""
    ROW_FAILS = "row-fails"
    """A scan can't get through with one row, however often it tries."""
    NO_BACKUP = "no-backup"
    WEBHOOK_FAILS = "webhook-fails"
    """A message to another program was given up, and it has taken none since."""
    CALENDAR_END = "calendar-end"
    """The public holidays of the year `subject` are not known, and it comes near."""
    SURVEY_DUE = "survey-due"
    """In the half-year `subject` no survey of all residents has begun, and it ends soon (R08-6)."""
