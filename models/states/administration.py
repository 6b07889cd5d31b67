"""Changes of the settings files, and what administrators ask of the supervisor."""

from enum import StrEnum


class SettingsFile(StrEnum):
    SITE = "site"
    POLICY = "policy"


class ChangeState(StrEnum):
    """How far a change of a settings file is."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    """The supervisor writes it."""
    WRITTEN = "written"
    """It is in the file."""
    NOT_WRITTEN = "not-written"
    """The file was different by then, or would have been wrong."""
    TURNED_DOWN = "turned-down"


class ErrandKind(StrEnum):
    """What the supervisor is asked to do."""

    CHANGE = "change"
    """Write an approved change into its file."""
    BACKUP = "backup"
    PASSWORD = "password"
    """Hand over the password of a telephone, once."""
    RELOAD = "reload"
    """Take the changed files into use."""


class ErrandState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
