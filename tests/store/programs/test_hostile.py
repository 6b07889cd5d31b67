"""Every command takes hostile values as a person's mistake: no traceback, nothing that drives the terminal."""

import enum
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy.orm import Session

from hotline import cli
from hotline.terminal import acting
from models import enrolment
from models.events import ticket_events
from models.instance.home import Home
from models.policy import Policy
from models.site import Site
from models.states.tickets import TicketEventKind
from models.tables import Ticket
from phones.instance import changed
from tests.store.api_tickets import a_ticket
from tests.store.conftest import NOON
from tests.store.terminal import Terminal

pytestmark = pytest.mark.store

RUN_FOR_EVER = {"serve", "ivr", "scheduler", "fallback", "console"}
INSTALL = {"voice install", "backup"}
"""They work on files of the machine, and take no value of these kinds."""
DRIVES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
HOSTILE_TEXT = "\x1b]0;owned\x07\x1b[31m王\u202e建国\u2028x\x9b31m\rgone"
TEXTS = ("one\nticket 9999: closed", "长" * 5000)
NUMBERS = ("99999999999999999999", "2147483648", "0")
MOMENTS = ("0001-01-01", "9999-12-31")
PLAIN = {
    "kind": "repair",
    "state": "accepted",
    "department": "engineering",
    "name": "x-1",
    "url": "https://example.com/",
}


def leaves(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, (*path, name))
            if command.invoke_without_command:
                yield (*path, name), command
        else:
            yield (*path, name), command


COMMANDS = {
    " ".join(path): command
    for path, command in leaves(typer.main.get_command(cli.app))
    if path[0] not in RUN_FOR_EVER and " ".join(path) not in INSTALL
}


def plain_value(parameter: Any, home: Home) -> str:
    """What a person might give."""
    kind = parameter.type_descriptor.annotation
    if issubclass(kind, enum.Enum):
        return str(next(iter(kind)).value)
    if kind is int:
        return "1001" if parameter.name in ("number", "into", "older") else "1"
    if kind is datetime:
        return "2026-03-03"
    if kind is Path:
        return str(home.path / "nothing.csv")
    return PLAIN.get(parameter.name, "7001")


def hostile_values(parameter: Any) -> tuple[str, ...]:
    kind = parameter.type_descriptor.annotation
    if kind is int:
        return NUMBERS
    if kind is datetime:
        return MOMENTS
    if kind is not str:
        return ()
    if parameter.name in ("when", "date", "day", "since", "until", "month", "quarter", "at"):
        return (*TEXTS, *MOMENTS, "+9999w", "0001-01", "9999Q4")
    return TEXTS


def words(command: Any, home: Home, instead: str, value: str) -> list[str]:
    """The command's arguments, and the option under test, with this value in one place."""
    options, arguments = [], []
    for parameter in command.params:
        here = value if parameter.name == instead else plain_value(parameter, home)
        if not parameter.opts[0].startswith("--"):
            arguments += [here] if parameter.name == instead or parameter.required else []
        elif parameter.opts[0] == "--yes":
            options.append("--yes")
        elif parameter.name == instead or parameter.required:
            options += [parameter.opts[0], here]
    return [*options, "--", *arguments] if arguments else options


@pytest.fixture
def desk(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], policy: Policy
) -> Iterator[Terminal]:
    """A home on this database, with staff and a ticket whose text drives a terminal."""
    home = Home(tmp_path / "home")
    home.create_missing()
    site = home.site_file.read_text(encoding="utf-8")
    home.site_file.write_text(changed(site, "database.url", url), encoding="utf-8")
    monkeypatch.setenv(acting.STAFF_VARIABLE, "7001")
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr("hotline.programs.verbs._TAKEN_UP_WITHIN_S", 0.0)
    desk = Terminal(home, monkeypatch, capsys)

    def write(session: Session) -> None:
        enrolment.enrol(session, Site.load(home.site_file))
        ticket = a_ticket(session, policy, NOON)
        # As an earlier version took it.
        ticket.problem = ticket.contact_name = HOSTILE_TEXT
        ticket.room = HOSTILE_TEXT[:20]
        noted = "first\n" + HOSTILE_TEXT
        ticket_events.write(session, ticket.id, TicketEventKind.NOTED, who="7001", at=NOON, text=noted)

    with closing(desk.store):
        desk.store.write(write)
        yield desk


@pytest.mark.timeout(600)
def test_no_command_ends_in_a_traceback_or_drives_the_terminal(desk: Terminal) -> None:
    found = []
    for name, command in COMMANDS.items():
        for parameter in command.params:
            for value in hostile_values(parameter):
                given = words(command, desk.home, str(parameter.name), value)
                try:
                    said = desk(*name.split(), *given)
                except (Exception, pytest.fail.Exception) as error:
                    if "Timeout" in str(error):
                        raise
                    found.append((name, parameter.name, value[:30], repr(error)[:300]))
                    continue
                if DRIVES.search(said + desk.errors):
                    found.append((name, parameter.name, value[:30], "drives the terminal"))
    assert found == []


@pytest.mark.parametrize("command", ["tickets", "tickets show 1001", "ticket mine"])
def test_what_is_kept_from_an_earlier_version_is_shown_one_field_one_line(desk: Terminal, command: str) -> None:
    desk.store.write(lambda session: setattr(session.get_one(Ticket, 1), "problem", "leak\nticket 9999: closed"))
    for form in ((), ("--json",)):
        said = desk(*command.split(), "--reveal", *form)
        assert desk.code == 0, desk.errors
        assert not DRIVES.search(said)
        assert "\\u001b]0;owned" in said
        assert not re.search(r"^ticket 9999", said, re.MULTILINE)


@pytest.mark.parametrize("sign", ["\x1b[31m", "\x9b", "\u202e", "\u2028", "\udcff", "\r\x07"])
def test_a_control_sign_is_refused_wherever_it_is_typed(desk: Terminal, sign: str) -> None:
    for given in (("ticket", "note", "1001", sign), ("ticket", "new", "repair", "--name", sign), ("tickets", sign)):
        desk(*given)
        assert desk.code == 1
        assert "control sign U+" in desk.errors
        assert "控制字符" in desk.errors


def test_an_unknown_number_is_no_such_number_however_long(desk: Terminal) -> None:
    desk("ticket", "show", "99999999999999999999")
    assert desk.code == 1
    assert "there is nothing with the number 99999999999999999999" in desk.errors
    assert "没有编号" in desk.errors
