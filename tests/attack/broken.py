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
    # The gate lets every number out.
    "the-gate-is-open": (
        ("outsiders-numbers",),
        (
            (
                "models/calls/gate.py",
                "    if kind.value in policy.gate.reaches(purpose):\n",
                "    if True:\n",
            ),
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
}
