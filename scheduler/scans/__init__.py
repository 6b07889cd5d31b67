"""Every scan and its interval; a scan handles what is due and returns how many rows that was."""

from collections.abc import Callable
from dataclasses import dataclass

from scheduler.scans.access_head import access_head
from scheduler.scans.appointments import appointments
from scheduler.scans.backup import backup
from scheduler.scans.calendar_end import calendar_end
from scheduler.scans.call_backs import call_backs
from scheduler.scans.canary_watch import canary_watch
from scheduler.scans.certificate_end import certificate_end
from scheduler.scans.disk_room import disk_room
from scheduler.scans.escalations import emergencies, escalations
from scheduler.scans.finished_recordings import finished_recordings
from scheduler.scans.first_receiver import first_receiver
from scheduler.scans.follow_ups import follow_ups
from scheduler.scans.guessing import guessing, guessing_told
from scheduler.scans.handovers import handovers
from scheduler.scans.notices import notices
from scheduler.scans.outgoing_watch import outgoing_watch
from scheduler.scans.reconcile import reconcile
from scheduler.scans.reports import reports
from scheduler.scans.retention import retention
from scheduler.scans.roster_gaps import roster_gaps
from scheduler.scans.roster_horizon import roster_horizon
from scheduler.scans.spooled_messages import spooled_messages
from scheduler.scans.survey_due import survey_due
from scheduler.scans.trunk_watch import trunk_watch
from scheduler.scans.wakeups import wakeups
from scheduler.scans.webhooks import webhooks
from scheduler.scope import Scope


@dataclass(frozen=True)
class Scan:
    look: Callable[[Scope], int]
    every_s: int
    known_as: str = ""
    """Its name in rows, in the heartbeat and in `hotline status`, where the function is called otherwise."""

    @property
    def name(self) -> str:
        return self.known_as or self.look.__name__


# In the order in which one prepares the work of the next.
SCANS = (
    Scan(spooled_messages, every_s=10),
    Scan(finished_recordings, every_s=5),
    Scan(canary_watch, every_s=10),
    Scan(trunk_watch, every_s=10),
    Scan(outgoing_watch, every_s=30),
    Scan(first_receiver, every_s=30, known_as="first_asked"),
    Scan(guessing, every_s=2),
    Scan(guessing_told, every_s=20),
    Scan(notices, every_s=2),
    Scan(appointments, every_s=5),
    Scan(emergencies, every_s=5),
    Scan(escalations, every_s=5),
    Scan(call_backs, every_s=5),
    Scan(wakeups, every_s=5, known_as="wake_ups"),
    Scan(roster_horizon, every_s=600),
    Scan(roster_gaps, every_s=600),
    Scan(handovers, every_s=20),
    Scan(follow_ups, every_s=5),
    Scan(webhooks, every_s=2),
    Scan(retention, every_s=3600),
    Scan(access_head, every_s=600),
    Scan(disk_room, every_s=60),
    Scan(reports, every_s=60),
    Scan(calendar_end, every_s=3600),
    Scan(certificate_end, every_s=3600),
    Scan(survey_due, every_s=3600),
    Scan(reconcile, every_s=86_400),
    Scan(backup, every_s=60),
)
