"""A browser in a stranger's hands: any method, header, cookie and body, and what every answer must say."""

import http.client
import secrets
import socket
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from tests.attack.world import World

HOME = "127.0.0.1"
"""Where the staff have signed in before."""
_PATIENCE_S = 30.0
"""Passwords are compared one after the other."""
_FORM = "application/x-www-form-urlencoded"


class Page(NamedTuple):
    """Status 0: no answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    text: str

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known == name]

    @property
    def goes_to(self) -> str:
        """Where a browser is sent; empty if nowhere."""
        return next(iter(self.all("location")), "")

    @property
    def cookie(self) -> str:
        """The secret of a new sign-in; empty without one."""
        set_here = (value.partition(";")[0].partition("=") for value in self.all("set-cookie"))
        return next((value for name, _, value in set_here if name == "hotline"), "")

    @property
    def open(self) -> bool:
        """Something was shown, or an act was done."""
        return 200 <= self.status < 300 or (self.status == 303 and not self.goes_to.startswith("/sign-in?"))


NOTHING = Page(0, (), "")


class Browser:
    """`cookie` is the secret of a sign-in; `source` the address from which it connects."""

    def __init__(self, world: World, cookie: str = "", source: str = HOME) -> None:
        self.port = world.hotline.ports.console
        self.origin = f"http://127.0.0.1:{self.port}"
        self.cookie, self.source = cookie, source

    def get(self, path: str, **headers: str) -> Page:
        return self.send("GET", path, headers=headers)

    def post(self, path: str, form: Mapping[str, str], *, origin: str | None = "", **headers: str) -> Page:
        """By default from our own pages; with `origin` None from nowhere."""
        said = self.origin if origin == "" else origin
        from_where = {} if said is None else {"Origin": said}
        body = urlencode(form).encode()
        return self.send("POST", path, body, {"Content-Type": _FORM} | from_where | headers)

    def send(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Page:
        """Names of headers may be written with an underscore."""
        connection = http.client.HTTPConnection(HOME, self.port, timeout=_PATIENCE_S, source_address=(self.source, 0))
        given = {name.replace("_", "-").lower(): value for name, value in (headers or {}).items()}
        if self.cookie:
            given.setdefault("cookie", f"hotline={self.cookie}")
        try:
            connection.putrequest(method, path, skip_host="host" in given, skip_accept_encoding=True)
            for name, value in given.items():
                connection.putheader(name, value)
            if body is not None and "transfer-encoding" not in given:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            return _read(connection.getresponse())
        except (OSError, http.client.HTTPException, ValueError):
            return NOTHING
        finally:
            connection.close()

    def says(self, sent: bytes) -> Page:
        """These bytes as they are."""
        try:
            with socket.create_connection((HOME, self.port), 10, source_address=(self.source, 0)) as line:
                line.sendall(sent)
                answer = http.client.HTTPResponse(line)
                answer.begin()
                return _read(answer)
        except (OSError, http.client.HTTPException, ValueError):
            return NOTHING

    def watches(self, boards: str, who: str, *, seconds: float = 2.0, **headers: str) -> Page:
        """What a stream sends within these seconds."""
        connection = http.client.HTTPConnection(HOME, self.port, timeout=seconds, source_address=(self.source, 0))
        said = {"Cookie": f"hotline={self.cookie}"} | {name.replace("_", "-"): v for name, v in headers.items()}
        read = b""
        try:
            connection.request("GET", f"/live?{urlencode({'who': who, 'watch': boards})}", headers=said)
            answer = connection.getresponse()
            head = tuple((name.lower(), value) for name, value in answer.getheaders())
            try:
                while block := answer.read1():
                    read += block
            except TimeoutError:
                pass
            return Page(answer.status, head, read.decode("utf-8", "replace"))
        except (OSError, http.client.HTTPException):
            return NOTHING
        finally:
            connection.close()


def multipart(files: Mapping[str, bytes]) -> tuple[bytes, str]:
    """A body with these files, and its type."""
    edge = secrets.token_hex(8)
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}.png"\r\n\r\n'.encode() + content
        for name, content in files.items()
    ]
    return b"\r\n".join([*parts, f"--{edge}--\r\n".encode()]), f"multipart/form-data; boundary={edge}"


def _read(answer: http.client.HTTPResponse) -> Page:
    text = answer.read(2_000_000).decode("utf-8", "replace")
    return Page(answer.status, tuple((name.lower(), value) for name, value in answer.getheaders()), text)
