"""Names, numbers and texts that want to be a command: to the dialplan, AGI, a terminal, a log, a spreadsheet, SQL."""

import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from models.instance.home import engine_root
from phones.faults import kept_dead
from tests.attack.api import ROOT, ask, token
from tests.attack.outcome import Kind, Outcome
from tests.attack.world import World

_MARK = "attack-mark"
_FORGED = "FORGED"
_COMMANDS = (
    f"${{SHELL(touch /tmp/{_MARK})}}",
    f"$(touch /tmp/{_MARK})",
    f"`touch /tmp/{_MARK}`",
    f"1,System(touch /tmp/{_MARK})",
    f"x\r\nagi_uniqueid: ../../{_MARK}\r\n\r\nEXEC System touch",
    f"a\n{_FORGED} line of a log",
    "\x1b]0;title\x07\x1b[2J\x1b[31m",
    "\u202e\u2066right to left\u2028next",
    '=HYPERLINK("http://127.0.0.1/","x")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "'; DROP TABLE calls; --",
    "../../../../etc/passwd",
    "%s%n%x${CALLERID(num)}",
    "9" * 200,
    "\x00\xff",
)
_DIALLED = ("8000,1", "8000&Local/110@emergency", "_X.", "s", "h", "i", "T", "110", "9110", "16812345", "*90", "7001")
_NOT_SHOWN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
_LONGEST = 40


def attack(world: World, outcome: Outcome) -> None:
    hostile = _COMMANDS if world.large else _COMMANDS[::3]
    leave_no_mark()
    with world.watched(
        outcome, "a hostile name", may_ring=tuple(world.phones), calls=10 * len(hostile), killed=["ivr"]
    ):
        for text in hostile:
            calls_in(world, outcome, text)
        with kept_dead(world.hotline, "ivr"):
            for text in hostile[:: world.some(2, 4)]:
                calls_in(world, outcome, text)
        for dialled in _DIALLED[:: world.some(1, 3)]:
            outcome.tried()
            with world.outside() as caller:
                status = caller.invite("8000", uri=f"sip:{quote(dialled, safe='&,')}@{world.host}").status
            if status < 300:
                outcome.gets_in(f"the carrier's call to {dialled!r} was answered")
    on_a_form(world, outcome, hostile)
    nothing_shows(world, outcome)
    if marks := leave_no_mark():
        outcome.gets_in(f"a command was run: {', '.join(marks)}")


def calls_in(world: World, outcome: Outcome, text: str) -> None:
    """As the display name and as the number, which the carrier asserts."""
    display = re.sub(r"[\r\n]", "", text).replace("\\", "\\\\").replace('"', '\\"')
    asserted = f'"{display}" <sip:{quote(text, safe="")}@ims.example>'
    outcome.tried()
    # What is not SIP any more gets no answer.
    with world.outside() as caller, suppress(AssertionError):
        caller.invite("8000", headers=[f"P-Asserted-Identity: {asserted}"], rings=5)


def on_a_form(world: World, outcome: Outcome, hostile: tuple[str, ...]) -> None:
    form = token(world, "attack-texts", "open")
    for number, text in enumerate(hostile):
        outcome.tried()
        filled = {"contact_name": text[:80], "problem": text, "need": text}
        ticket = {"kind": "enquiry", "source": "web", "contact_number": "13912340002", **filled}
        answer = ask(world, "POST", f"{ROOT}/tickets", form, ticket, headers={"Idempotency-Key": f"text-{number:04}"})
        if answer.status >= 500 or answer.status == 0:
            outcome.gets_in(f"a ticket with the text {text[:30]!r}: {answer.status}")


def nothing_shows(world: World, outcome: Outcome) -> None:
    """Neither rows, lists nor logs hold anything that drives what reads them."""
    for (number,) in world.rows("SELECT DISTINCT caller_number FROM calls WHERE caller_number IS NOT NULL"):
        if len(number) > _LONGEST or _NOT_SHOWN.search(number):
            outcome.gets_in(f"{number[:40]!r} is written as a number")
    newest = world.rows("SELECT id FROM tickets ORDER BY id DESC LIMIT 5")
    tickets = [("tickets", "show", str(1000 + ticket), "--as", "7050") for (ticket,) in newest]
    for words in (("calls", "--limit", "200", "--reveal"), ("tickets", "--limit", "200", "--as", "7050"), *tickets):
        said = world.command(*words)
        for text in (said.stdout, said.stderr):
            if found := _NOT_SHOWN.search(text):
                outcome.gets_in(f"hotline {' '.join(words)} prints {found[0]!r}")
            if "Traceback" in text or re.search(rf"(?m)^{_FORGED}", text):
                outcome.gets_in(f"hotline {' '.join(words)}: {text[-200:]}")
    for log in world.hotline.home.logs.rglob("*"):
        text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
        if (found := re.search(r"\x1b[\[\]]|\x07|\u202e", text)) or (found := re.search(rf"(?m)^{_FORGED}.*", text)):
            outcome.gets_in(f"{log.name} holds {found[0]!r}")


def leave_no_mark() -> list[str]:
    """The files that a command has made; they are removed."""
    found = [path for folder in (Path("/tmp"), engine_root() / "tmp") for path in folder.glob(f"*{_MARK}*")]
    for path in found:
        path.unlink()
    return [str(path) for path in found]


KIND = Kind("injections", "be a command instead of a name, number or text", attack)
