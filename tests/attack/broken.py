"""Builds with a door left open on purpose, each with the kinds of attack that must turn red on it."""

from tests.chaos.broken import Change

Broken = tuple[tuple[str, ...], tuple[Change, ...]]

BUILDS: dict[str, Broken] = {
    # A name in From is enough to be the carrier.
    "names-are-believed": (
        ("names",),
        (("asterisk-conf/pjsip.conf.j2", "identify_by = ip\n", ""),),
    ),
    # A rung telephone that answers 302 is followed.
    "redirections-are-followed": (
        ("redirects",),
        (
            ("asterisk-conf/pjsip.conf.j2", "set_var = FORWARD_CONTEXT=redirected\n", ""),
            ("dialplan/extensions.conf.j2", "Dial(PJSIP/${ARG1},30,i)", "Dial(PJSIP/${ARG1},30)"),
            ("dialplan/extensions-lines.conf.j2", "Dial(${CALLS},,i)", "Dial(${CALLS})"),
        ),
    ),
    # The gate lets every number out, and so does what looks at numbers that never talked to us.
    "the-gate-is-open": (
        ("outsiders-numbers", "own-call-backs"),
        (
            (
                "models/calls/gate.py",
                "    if kind.value in policy.gate.reaches(purpose):\n",
                "    if True:\n",
            ),
            ("models/calls/trunk_calls.py", "    if kind not in _NEAR:\n", "    if False:\n"),
        ),
    ),
    # A call back that nobody has requested is let out like one that a person has.
    "call-backs-are-all-requested": (
        ("own-call-backs",),
        (
            (
                "models/calls/trunk_calls.py",
                "known = not (by_itself or purpose in _BY_ITSELF) or is_known(session, kept)\n",
                "known = purpose not in _BY_ITSELF or is_known(session, kept)\n",
            ),
        ),
    ),
    # Every telephone may dial the codes of the staff, and is taken for one of them.
    "codes-are-for-all": (
        ("own-call-backs",),
        (
            ("dialplan/extensions.conf.j2", "include => room-codes\n", "include => codes\ninclude => room-codes\n"),
            (
                "ivr/flows/next_call_back.py",
                "    staff = await house.read(people.staff, call.number)\n",
                '    staff = await house.read(people.staff, "7001")\n',
            ),
            ("ivr/flows/next_call_back.py", "take_next, call.number, group", 'take_next, "7001", group'),
        ),
    ),
    # Somebody without a password is a guest whom the lines answer.
    "strangers-are-guests": (
        ("strangers", "scan"),
        (
            ("asterisk-conf/pjsip.conf.j2", "context = stranger\n", "context = from-carrier\n"),
            ("asterisk-conf/pjsip.conf.j2", "auth = stranger-1,stranger-2\n", ""),
        ),
    ),
    # A token may do everything.
    "rights-are-not-asked": (
        ("interface",),
        (("console/api/bearers.py", "        if right not in bearer.may:\n", "        if right is None:\n"),),
    ),
    # Every post may do everything on the console, and see every ticket.
    "every-post-may-everything": (
        ("console",),
        (
            (
                "console/pages/visitor.py",
                "        if right not in person.rights:\n",
                "        if right is None:\n",
            ),
        ),
    ),
    # Another website may act in a signed-in browser.
    "other-websites-may-act": (
        ("console",),
        (
            (
                "console/pages/origin.py",
                'and _host(origin) == host.lower() != ""',
                'and _host(origin) != host.lower() + " "',
            ),
        ),
    ),
    # Who is complained of reads the complaint.
    "complaints-are-open": (
        ("console",),
        (
            (
                "models/tickets/impartial.py",
                "    return ticket.about_staff is not None and ticket.about_staff == reader\n",
                '    return ticket.about_staff is not None and ticket.about_staff == ""\n',
            ),
        ),
    ),
    # Who guesses is heard for ever.
    "nobody-is-banned": (
        ("guessing",),
        (("scheduler/scans/guessing.py", "    if not wanted:\n", "    if True:\n"),),
    ),
    # Voice is accepted from everywhere.
    "every-voice-is-heard": (
        ("voice",),
        (("asterisk-conf/rtp.conf.j2", "strictrtp = yes\n", "strictrtp = no\n"),),
    ),
    # Control characters are texts like others.
    "control-characters-pass": (
        ("injections",),
        (("models/text/signs.py", r'"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"', r'"\x00"'),),
    ),
    # An address is looked at where it is written, and not what a name means.
    "names-lead-inside": (
        ("webhooks",),
        (("scheduler/post.py", "next(filter(to.reachable, addresses), None)", "next(iter(addresses), None)"),),
    ),
    # Who speaks to the fallback is Asterisk.
    "introductions-are-believed": (
        ("agi",),
        (
            (
                "dialplan/fallback/introduction.py",
                '    if not compare_digest(said.get("agi_arg_1", "").encode(), secret.encode()):\n',
                "    if not compare_digest(secret, secret):\n",
            ),
            ("dialplan/fallback/introduction.py", "[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", "[A-Za-z0-9._/-]{1,128}"),
        ),
    ),
    # An emergency call is counted like any other, and waits while a trunk says nothing.
    "emergency-calls-are-like-others": (
        ("emergency",),
        (
            (
                "dialplan/extensions-emergency.conf.j2",
                "exten => s,1,Set(__EMERGENCY_FROM=${FILTER(0-9,${CALLERID(num)})})\n",
                "exten => s,1,Gosub(ceilings,s,1)\n"
                ' same => n,GotoIf($["${GOSUB_RETVAL}" != ""]?over,s,1)\n'
                " same => n,Set(__EMERGENCY_FROM=${FILTER(0-9,${CALLERID(num)})})\n",
            ),
            ("dialplan/extensions-trunks.conf.j2", "GotoIf($[${SILENT} < {{ polls }}]?wait)", "Goto(wait)"),
        ),
    ),
}
