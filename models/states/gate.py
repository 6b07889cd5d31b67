"""The classes of telephone numbers, and the purposes for which a call leaves."""

from enum import StrEnum


class NumberClass(StrEnum):
    """What a number in the public network is."""

    EMERGENCY = "emergency"
    OWN = "own"
    """One of ours: a line, a telephone, a room, or a public number of a line."""
    LOCAL = "local"
    """A landline of the site's area."""
    MOBILE = "mobile"
    NATIONAL = "national"
    """A landline of another area, or 400 and 800."""
    INTERNATIONAL = "international"
    PREMIUM = "premium"
    """声讯: the one who calls pays the one who answers."""
    SERVICE = "service"
    """A short number of a bank, a carrier or an authority; also a number dialled by way of another carrier."""
    UNKNOWN = "unknown"


class Reach(StrEnum):
    """For what purpose a call leaves; each is a key of [gate] and a section of [limits] in the policy."""

    CALL_BACK = "call_back"
    FOLLOW_UP = "follow_up"
    STAFF_MOBILE = "staff_mobile"


class Limit(StrEnum):
    """Why a number of an allowed class is refused all the same: what has left, or who wrote the number."""

    NUMBER_A_DAY = "too-often"
    """As often to this number today as [limits] allows."""
    AN_HOUR = "too-many"
    AT_ONCE = "all-in-use"
    MINUTES_A_DAY = "minutes-used-up"
    MONEY_A_DAY = "money-used-up"
    NOT_KNOWN = "not-known"
    """Somebody else wrote this number, nobody of it has talked to us, and it is neither local nor a mobile."""
    NEW_TODAY = "called-today"
    """As above, and it has been called today."""
    NEW_AN_HOUR = "too-many-new"
    """As above, and many such numbers were called in this hour."""


FOR_A_PERSON = frozenset({Limit.NOT_KNOWN, Limit.NEW_AN_HOUR})
"""What these refuse waits for a person; what the others refuse may be called later."""
TOMORROW = frozenset({Limit.NUMBER_A_DAY, Limit.NEW_TODAY, Limit.MINUTES_A_DAY, Limit.MONEY_A_DAY})
