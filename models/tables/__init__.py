"""The tables, one class each; their functions are in the packages of their domains."""

from models.tables.accounts import Account, SignIn, SignInLink, SignInTry
from models.tables.administration import Errand, SettingsChange
from models.tables.agents import WorkSummary, WrapUp
from models.tables.api import Delivery, IdempotencyKey, Token, Webhook
from models.tables.appointments import Appointment
from models.tables.base import Base, UtcDateTime
from models.tables.blocked import BlockedNumber
from models.tables.calls import Call, Recording, RingRow, Talk, Transfer
from models.tables.canaries import Canary
from models.tables.clicks import Click
from models.tables.console import Photo, SavedView
from models.tables.escalations import Escalation, EscalationStep
from models.tables.findings import Finding
from models.tables.guesses import Ban, Guess, WrongPins
from models.tables.outbox import Attempt, CallToMake
from models.tables.people import AccessEntry, AccessHead, Group, Owner, OwnerPhone, Phone, Presence, Staff, Unit
from models.tables.promises import Promise
from models.tables.pushed_back import PushedBack
from models.tables.quality import ScoredCriterion, Scoring
from models.tables.reports import ReportRun
from models.tables.rooms import Guest, Room, RoomEvent
from models.tables.roster import Cover, Duty, DutyNote, Gap, Handover, Rotation, Shift, ShiftGroup, Swap
from models.tables.surveys import Campaign, OptOut, Survey
from models.tables.tickets import FIRST_NUMBER, Task, Ticket, TicketClock, TicketEvent
from models.tables.trunk_calls import TrunkCall
from models.tables.trunks import TrunkRow
from models.tables.wakeups import Knock, Wakeup, WakeupAttempt, WakeupEvent, WakeupOrder, WakeupText

__all__ = [
    "FIRST_NUMBER",
    "AccessEntry",
    "AccessHead",
    "Account",
    "Appointment",
    "Attempt",
    "Ban",
    "Base",
    "BlockedNumber",
    "Call",
    "CallToMake",
    "Campaign",
    "Canary",
    "Click",
    "Cover",
    "Delivery",
    "Duty",
    "DutyNote",
    "Errand",
    "Escalation",
    "EscalationStep",
    "Finding",
    "Gap",
    "Group",
    "Guess",
    "Guest",
    "Handover",
    "IdempotencyKey",
    "Knock",
    "OptOut",
    "Owner",
    "OwnerPhone",
    "Phone",
    "Photo",
    "Presence",
    "Promise",
    "PushedBack",
    "Recording",
    "ReportRun",
    "RingRow",
    "Room",
    "RoomEvent",
    "Rotation",
    "SavedView",
    "ScoredCriterion",
    "Scoring",
    "SettingsChange",
    "Shift",
    "ShiftGroup",
    "SignIn",
    "SignInLink",
    "SignInTry",
    "Staff",
    "Survey",
    "Swap",
    "Talk",
    "Task",
    "Ticket",
    "TicketClock",
    "TicketEvent",
    "Token",
    "Transfer",
    "TrunkCall",
    "TrunkRow",
    "Unit",
    "UtcDateTime",
    "Wakeup",
    "WakeupAttempt",
    "WakeupEvent",
    "WakeupOrder",
    "WakeupText",
    "Webhook",
    "WorkSummary",
    "WrapUp",
    "WrongPins",
]
