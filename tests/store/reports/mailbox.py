"""A mail server for tests, with TLS and passwords, that takes, refuses or breaks off as the test sets it."""

import email
import email.policy
import subprocess
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from aiosmtpd.smtp import Envelope as _Envelope

PASSWORD = 'a "pass" w\\rd'


class Mailbox:
    """Mails received. The next mails get `answers` instead of being taken; "cut" takes one and hangs up."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.envelopes: list[_Envelope] = []
        self.answers: list[str] = []
        self.refuses: set[str] = set()
        self.encrypted: list[bool] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return "550 nobody here has this name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer == "cut" or answer.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.letters.append(email.message_from_bytes(content, policy=email.policy.default))
            self.envelopes.append(envelope)
            self.encrypted.append(session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None)
        if answer == "cut":
            server.transport.abort()
        return answer


def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and data == LoginPassword(b"hotline", PASSWORD.encode())
    return AuthResult(success=right)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A key and its self-signed certificate for localhost."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    made = [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-days", "2", "-subj", "/CN=localhost", "-addext", names, "-keyout", str(key), "-out", str(cert),
    ]  # fmt: skip
    subprocess.run(made, check=True, capture_output=True, timeout=60)
    return key, cert


class Server(Controller):
    """Listens on a free port; `port` is known once it has started."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = int(self.server.sockets[0].getsockname()[1])
        super()._trigger_server()


def serve(mailbox: Mailbox, **how: Any) -> Server:
    """Starts the server."""
    server = Server(mailbox, hostname="127.0.0.1", port=0, **how)
    server.start()
    return server
