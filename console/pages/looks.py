"""How a state or kind looks: a colour of Tabler and an icon, beside its word; the same on every page."""

from typing import NamedTuple


class Look(NamedTuple):
    colour: str
    icon: str


_UNKNOWN = Look("secondary", "tag")
LOOKS = {
    # states of a ticket
    "new": Look("blue", "inbox"),
    "dispatched": Look("azure", "send"),
    "accepted": Look("cyan", "user-check"),
    "on-site": Look("teal", "map-pin"),
    "waiting": Look("yellow", "hourglass"),
    "done": Look("lime", "circle-check"),
    "confirmed": Look("green", "badge-check"),
    "reopened": Look("orange", "rotate-ccw"),
    "closed": Look("secondary", "lock"),
    "merged": Look("secondary", "merge"),
    "referred": Look("purple", "external-link"),
    # kinds of tickets
    "repair": Look("secondary", "wrench"),
    "urgent-repair": Look("red", "siren"),
    "lift": Look("red", "arrow-up-down"),
    "power": Look("orange", "zap"),
    "water": Look("azure", "droplets"),
    "public-lighting": Look("yellow", "lightbulb"),
    "complaint": Look("pink", "message-square-warning"),
    "enquiry": Look("secondary", "circle-question-mark"),
    "suggestion": Look("secondary", "message-square-plus"),
    "message": Look("secondary", "voicemail"),
    "general-manager": Look("purple", "building-2"),
    "fault": Look("red", "server-crash"),
    # what happened to a ticket
    "opened": Look("blue", "inbox"),
    "moved": Look("azure", "shuffle"),
    "classified": Look("secondary", "tag"),
    "received": Look("cyan", "hand"),
    "noted": Look("secondary", "sticky-note"),
    "filled-in": Look("secondary", "pencil"),
    "assigned": Look("azure", "send"),
    "told": Look("green", "message-circle"),
    "notified": Look("azure", "phone-outgoing"),
    "promised": Look("purple", "calendar-check"),
    "postponed": Look("orange", "calendar-clock"),
    "handed-over": Look("secondary", "users"),
    "appointed": Look("purple", "calendar-days"),
    "appointment-moved": Look("orange", "calendar-clock"),
    "appointment-cancelled": Look("secondary", "calendar-x"),
    "appointment-missed": Look("red", "calendar-x"),
    "appointment-called": Look("azure", "phone-outgoing"),
    "call": Look("blue", "phone"),
    "recording": Look("blue", "mic"),
    # marks of a scored call
    "met": Look("green", "circle-check"),
    "partly": Look("yellow", "circle-minus"),
    "not-met": Look("red", "circle-x"),
    "not-applicable": Look("secondary", "minus"),
    # clocks
    "clock-respond": Look("secondary", "user-check"),
    "clock-on-site": Look("secondary", "map-pin"),
    "clock-feedback": Look("secondary", "message-circle"),
    "clock-solution": Look("secondary", "circle-check"),
    "promise": Look("secondary", "calendar-check"),
    "appointment": Look("secondary", "calendar-days"),
}


def look(word: str | None) -> Look:
    return LOOKS.get(word or "", _UNKNOWN)
