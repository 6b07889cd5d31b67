"""Mail is handed over once: a refused message may be tried again, one that was cut off may have arrived."""

import smtplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from email import policy
from email.message import EmailMessage

from models.site.mail import Mail

_WITHIN_S = 30.0
_TAKEN = 250


class NotTaken(Exception):
    """The server has refused the message, and says why: nothing has been sent."""


class MayHaveArrived(Exception):
    """The connection broke after the message was handed over and before the server confirmed it."""


def deliver(
    server: Mail, password: str, message: EmailMessage, to: Sequence[str], *, handing_over: Callable[[], bool]
) -> list[str]:
    """Hands the message to the server; returns the refused recipients, each with the server's reason.

    `handing_over` is called at the last moment at which a failure surely means "not sent"; if it returns False, nothing
    is sent. Raises NotTaken, MayHaveArrived.
    """
    try:
        connection = _connect(server)
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        raise NotTaken(f"{server.host}:{server.port}: {_told(error)}") from error
    try:
        refused = _envelope(connection, server, password, to)
        if not handing_over():
            raise NotTaken("another process has it by now")
        _content(connection, message)
        return refused
    finally:
        # QUIT; the answer to it changes nothing.
        with suppress(OSError, smtplib.SMTPException):
            connection.quit()
        connection.close()


def _connect(server: Mail) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=_WITHIN_S, context=_context(server))
    connection = smtplib.SMTP(server.host, server.port, timeout=_WITHIN_S)
    if server.security == "starttls":
        try:
            connection.starttls(context=_context(server))
        except BaseException:
            connection.close()
            raise
    return connection


def _context(server: Mail) -> ssl.SSLContext:
    """The server's name and certificate are checked, by the machine's authorities or by the site's own."""
    return ssl.create_default_context(cafile=server.ca_file or None)


def _envelope(connection: smtplib.SMTP, server: Mail, password: str, to: Sequence[str]) -> list[str]:
    """Sends sender and recipients; at least one recipient must be accepted."""
    try:
        if server.user:
            connection.login(server.user, password)
        connection.ehlo_or_helo_if_needed()
        code, said = connection.mail(server.sender)
        if code != _TAKEN:
            raise NotTaken(f"{server.sender}: {code} {said.decode('utf-8', 'replace')}")
        refused = []
        for recipient in to:
            code, said = connection.rcpt(recipient)
            # 251: taken, and forwarded by the server
            if code not in (_TAKEN, 251):
                refused.append(f"{recipient}: {code} {said.decode('utf-8', 'replace')}")
    except (OSError, smtplib.SMTPException) as error:
        raise NotTaken(_told(error)) from error
    if len(refused) == len(to):
        raise NotTaken("; ".join(refused))
    return refused


def _content(connection: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        code, said = connection.data(message.as_bytes(policy=policy.SMTP))
    except smtplib.SMTPDataError as error:
        # The server has refused "DATA" itself.
        raise NotTaken(_told(error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise MayHaveArrived(_told(error)) from error
    if code != _TAKEN:
        raise NotTaken(f"{code} {said.decode('utf-8', 'replace')}")


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
    return str(error) or type(error).__name__
