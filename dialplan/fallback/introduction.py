"""Who connects introduces itself as Asterisk does, knows our secret, and sends nothing that Asterisk does not send.

The port is on loopback, where every account of the machine can connect to it. Nothing is started for a connection
before its introduction is whole and right.
"""

import re
import socket
from collections.abc import Mapping
from hmac import compare_digest
from typing import TextIO

from models.site import Site

_LONGEST = 16_384
"""Bytes; Asterisk sends less than one thousand."""
_LONGEST_LINE = 65_536
# The first is part of the names of files. None may hold a space, a quotation mark or a comma: they go back to Asterisk.
_UNIQUEID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", re.ASCII)
_CHANNEL = re.compile(r"[A-Za-z0-9]+/[A-Za-z0-9@._;+*#-]{1,120}", re.ASCII)
_FOLDER = re.compile(r"(/(?!\.\.?(/|$))[^\s\"|,&^()$/]+)+")


class Stranger(Exception):
    """Not Asterisk, or not our Asterisk; the text says which part of the introduction is wrong."""


def whole(connection: socket.socket) -> dict[str, str] | None:
    """The introduction, which stays to be read; None while more is to come. Raises Stranger and OSError."""
    said = connection.recv(_LONGEST, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    head, end, _ = said.partition(b"\n\n")
    if not end:
        ended = len(said) < connection.getsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT)
        if ended or len(said) == _LONGEST:
            raise Stranger("no introduction")
        # Wakes us when there is more than this; with what was sent so far it would wake us at once, again and again.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, len(said) + 1)
        return None
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
    lines = (line.partition(":") for line in head.decode("utf-8", "replace").split("\n"))
    return {name.strip(): value.strip() for name, _, value in lines}


def check(said: Mapping[str, str], secret: str, site: Site) -> None:
    """Raises Stranger unless our Asterisk has said this; `hello` needs the secret alone."""
    if not compare_digest(said.get("agi_arg_1", "").encode(), secret.encode()):
        raise Stranger("secret")
    if said.get("agi_network_script") == "hello":
        return
    for field, form in (("agi_uniqueid", _UNIQUEID), ("agi_channel", _CHANNEL), ("agi_arg_3", _FOLDER)):
        if not form.fullmatch(said.get(field, "")):
            raise Stranger(field)
    if said.get("agi_arg_2") not in {line.number for line in site.lines}:
        raise Stranger("agi_arg_2")


class Lines:
    """Lines of the connection, as pyst2 reads them: at the end of the stream it would wait for more for ever."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def readline(self) -> str:
        """Raises ConnectionError at the end of the stream and for a line without an end."""
        line = self._stream.readline(_LONGEST_LINE)
        if not line.endswith("\n"):
            raise ConnectionAbortedError("the connection has ended")
        return line
