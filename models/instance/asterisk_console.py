"""Asterisk's own console says what ARI does not know: our registrations, and who is registered but silent."""

import os
import re
import socket
from enum import StrEnum
from pathlib import Path

from models.instance.home import Home

_WITHIN_S = 3.0


class NoConsole(Exception):
    """Asterisk does not run, or does not answer."""


class Contact(StrEnum):
    """How the other end of a line is."""

    THERE = "there"
    """It answers OPTIONS."""
    SILENT = "silent"
    """It is registered, or has a fixed address, and does not answer."""
    NOT_ASKED = "not-asked"
    """Asterisk has not asked it yet, as in the first seconds after its start."""


_STATUS = {"Unavail": Contact.SILENT, "NonQual": Contact.NOT_ASKED}


def contacts(home: Home) -> dict[str, Contact]:
    """By the name of telephone or trunk; one that is not registered is missing. Of several addresses one is enough.

    Raises NoConsole.
    """
    found: dict[str, Contact] = {}
    for name, status in re.findall(
        r"(?m)^\s*Contact:\s+([^/\s]+)/\S+\s+\S+\s+(\w+)", asked(home, "pjsip show contacts")
    ):
        how = _STATUS.get(status, Contact.THERE)
        found[name] = Contact.THERE if Contact.THERE in (how, found.get(name)) else how
    return found


def whereabouts(home: Home) -> set[str]:
    """Where telephones are registered from, and trunks with an address are. Raises NoConsole."""
    said = asked(home, "pjsip show contacts")
    return set(re.findall(r"(?m)^\s*Contact:\s+[^/\s]+/sips?:(?:[^@\s]*@)?([0-9.]{7,15})(?:[:;\s]|$)", said))


def registered(home: Home) -> set[str]:
    """The names of the trunks where our registration stands. Raises NoConsole."""
    said = asked(home, "pjsip show registrations")
    return {name for name, status in re.findall(r"(?m)^\s*([^/\s]+)/\S+\s+\S+\s+(\w+)", said) if status == "Registered"}


def failed_calls(home: Home) -> dict[str, tuple[int, str]]:
    """When the last call over a trunk failed (seconds since 1970), and how, as the dialplan tells. Raises NoConsole."""
    said = asked(home, "dialplan show globals")
    return {name: (int(at), how) for name, at, how in re.findall(r"TRUNK_FAILED_([a-z0-9-]+)=(\d+) (\S+)", said)}


def asked(home: Home, command: str) -> str:
    """The answer to a command. The path of a socket has 107 characters at most, hence the way by the folder."""
    folder = home.asterisk / "run"
    try:
        descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    except OSError as error:
        raise NoConsole(str(error)) from error
    answer = bytearray()
    try:
        with socket.socket(socket.AF_UNIX) as console:
            console.settimeout(_WITHIN_S)
            console.connect(str(Path(f"/proc/self/fd/{descriptor}/asterisk.ctl")))
            console.sendall(command.encode() + b"\0")
            console.shutdown(socket.SHUT_WR)
            while block := console.recv(65536):
                answer += block
    except OSError as error:
        raise NoConsole(str(error)) from error
    finally:
        os.close(descriptor)
    return answer.decode("utf-8", "replace")
