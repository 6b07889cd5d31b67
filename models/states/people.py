"""Kinds of telephones, the presence of staff, how they sign in, and the rights of tokens."""

from enum import StrEnum


class PresenceState(StrEnum):
    """The presence that a staff member has reported."""

    ON_DUTY = "on-duty"
    BREAK = "break"


class ReportedBy(StrEnum):
    """How a staff member reports it."""

    DIALLED = "dialled"
    """*20 or *21."""
    CLICKED = "clicked"
    """On the agent's page."""


class PhoneKind(StrEnum):
    STAFF = "staff"
    ROOM = "room"


class May(StrEnum):
    """A right of the holder of a token."""

    OPEN = "open"
    """Open a ticket (R01-4)."""
    FOLLOW = "follow"
    """Ask for the state of a ticket for a customer who knows its number and the end of the phone number."""
    READ = "read"
    NOTE = "note"
    HANDLE = "handle"
    """Move, dispatch, assign, promise, postpone: in the name of one of the staff only (R15-6)."""
    BLOCK = "block"
    """See the block list, block nuisance callers, let them in again."""
    PERSONAL = "personal"
    """See whole names and telephone numbers; every time is logged (R05-9, R08-9)."""


class Theme(StrEnum):
    """The colours of a person's pages."""

    LIGHT = "light"
    DARK = "dark"


class SignInPlace(StrEnum):
    BROWSER = "browser"
    TERMINAL = "terminal"


class SignInEnd(StrEnum):
    """Why a sign-in has ended."""

    SIGNED_OUT = "signed-out"
    ENDED = "ended"
    """By the person at another place, or by an administrator."""
    IDLE = "idle"
    TOO_LONG = "too-long"
    POST_CHANGED = "post-changed"
    """Another role, group or right; or the person has left."""
    NEW_PASSWORD = "new-password"
