"""Which conversation follows on what: the line that was dialled, the key in the menu, the code, the reason of our call.

The application hands these to the house, so that nothing below the conversations imports one.
"""

from ivr.flows.after_talk import after_talk
from ivr.flows.blocked import blocked
from ivr.flows.call_back import call_back
from ivr.flows.escalation import escalation
from ivr.flows.follow_up import follow_up
from ivr.flows.from_screen import from_screen
from ivr.flows.handover import remind, take_over
from ivr.flows.hotline import complaint, enquiry_or_suggestion, hotline, other_language, person, repair
from ivr.flows.knock import knock
from ivr.flows.lines import general_manager, supervision, switchboard
from ivr.flows.monitor import monitor
from ivr.flows.next_call_back import next_call_back
from ivr.flows.on_hold import on_hold
from ivr.flows.pickup import pick_up
from ivr.flows.presence import on_break, on_duty
from ivr.flows.progress import progress
from ivr.flows.record_prompt import record_prompt
from ivr.flows.resumed import resumed
from ivr.flows.seen_awake import seen_awake
from ivr.flows.staff_tickets import my_tickets, say_how_it_stands
from ivr.flows.transfer import rejoin, transfer
from ivr.flows.wakeup import wakeup
from ivr.flows.wakeup_setting import wakeup_setting
from ivr.flows.write_up import write_up
from ivr.house import Code, Conversations, Flow, MenuChoice, OutgoingFlow
from models.states.calls import Purpose

FLOWS: dict[str, Flow] = {
    "hotline": hotline,
    "general-manager": general_manager,
    "supervision": supervision,
    "switchboard": switchboard,
}
"""By `flow` in the site file's lines."""

MENU: dict[str, MenuChoice] = {
    "1": repair,
    "2": complaint,
    "3": enquiry_or_suggestion,
    "4": progress,
    "9": other_language,
    "0": person,
}
"""By the key pressed in the menu of the service hotline."""

CODES: dict[str, Code] = {
    "*8": pick_up,
    "*20": on_duty,
    "*21": on_break,
    "*30": take_over,
    "*31": my_tickets,
    "*32": say_how_it_stands,
    "*33": next_call_back,
    "*55": wakeup_setting,
    "*56": seen_awake,
    "*90": monitor,
}
"""What may be dialled at our telephones. By the staff: *8 picks up (R20-4), *20 on duty, *21 on a break (R05-1), *30
takes over from the last shift (R09-6), *31 is my tickets, *32 and a number says how that ticket stands (R10-4), *33
takes the next call back (R17-1), *56 and the room says that its guest is awake (R21-11), *90 listens to a talk (R04-1).
By guests: *55 sets wake-up calls (R21-9)."""

OUTGOING: dict[Purpose, OutgoingFlow] = {
    Purpose.CALL_BACK: call_back,
    Purpose.ESCALATION: escalation,
    Purpose.FOLLOW_UP: follow_up,
    Purpose.REMINDER: remind,
    Purpose.WAKE_UP: wakeup,
    Purpose.KNOCK: knock,
}
"""By the reason for which we call."""

CONVERSATIONS = Conversations(
    lines=FLOWS,
    menu=MENU,
    codes=CODES,
    outgoing=OUTGOING,
    resumed=resumed,
    blocked=blocked,
    after_talk=after_talk,
    write_up=write_up,
    transfer=transfer,
    on_hold=on_hold,
    from_screen=from_screen,
    record_prompt=record_prompt,
    rejoin=rejoin,
)
