"""The step at which a test call failed, how trunks are, and the kinds of findings."""

from enum import StrEnum


class CanaryStep(StrEnum):
    """The step at which a canary failed."""

    CONNECT = "connect"
    """The application had no connection to Asterisk, or Asterisk made no call."""
    DIALPLAN = "dialplan"
    """The call did not get from the dialplan to the application."""
    ANSWER = "answer"
    PROMPT = "prompt"
    """The first prompt was not played to its end."""
    KEY = "key"
    """A key that was pressed did not arrive."""
    MISSING = "missing"
    """No canary has come for too long: the application does not run."""


class TrunkState(StrEnum):
    """Whether a trunk is there; each look may find any of them."""

    UP = "up"
    DOWN = "down"
    UNWATCHED = "unwatched"
    """It has never answered OPTIONS, as many carriers do not."""


class TrunkFailure(StrEnum):
    """What is wrong with a trunk, or was wrong with its last failed call."""

    SILENT = "silent"
    """It does not answer OPTIONS any more."""
    NOT_REGISTERED = "not-registered"
    """The carrier does not accept our registration, or does not answer it."""
    GATEWAY_GONE = "gateway-gone"
    """The gateway is not registered with us."""
    CERTIFICATE = "certificate"
    """Its certificate comes from no authority of ours, does not name its address, or has ended."""
    NO_TLS = "no-tls"
    """It takes no TLS connection from us."""
    CALL_REFUSED = "call-refused"
    CALL_FULL = "call-full"
    """A call was one more than its `max_calls`."""
    CALL_SILENT = "call-silent"
    """A call neither rang, nor connected, nor was refused in time."""


class FindingKind(StrEnum):
    """Faults and disagreements between calls, rows and files (R04-1)."""

    FILE_WITHOUT_ROW = "file-without-row"
    ROW_WITHOUT_FILE = "row-without-file"
    TALK_WITHOUT_RECORDING = "talk-without-recording"
    DISK_NEARLY_FULL = "disk-nearly-full"
    SCAN_LATE = "scan-late"
    """A scan, or the whole scheduler, has not run for too long."""
    WORK_LATE = "work-late"
    """Due work is not done, although the scans run."""
    ROW_FAILS = "row-fails"
    """A scan fails at one row again and again."""
    NO_BACKUP = "no-backup"
    WEBHOOK_FAILS = "webhook-fails"
    """A message to another program was given up, and it has accepted none since."""
    CALENDAR_END = "calendar-end"
    """The public holidays of the coming year `subject` are not known."""
    SURVEY_DUE = "survey-due"
    """The half-year `subject` ends soon, and no survey of all residents has begun in it (R08-6)."""
    CALLS_AT_NIGHT = "calls-at-night"
    """Many calls left over the trunks outside the hours in which we call."""
    CALLS_REFUSED = "calls-refused"
    """The gate or its limits refused many calls."""
    TRUNK_DOWN = "trunk-down"
    """The trunk `subject` has been away for too long."""
    CERTIFICATE_END = "certificate-end"
    """The certificate that telephones see ends soon."""
    GUESSING = "guessing"
    """Passwords of telephones are guessed: addresses are banned."""
    PIN_LOCKED = "pin-locked"
    """Wrong PINs were keyed at the telephone `subject`, where no PIN counts for a while."""
