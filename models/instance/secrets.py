"""Passwords and PINs are random, made at the first start, and kept in a file that only the service's account reads."""

import fcntl
import json
import os
import re
import secrets
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from models.errors import ConfigError, Problem
from models.instance.home import Home
from models.settings import read_toml
from models.site import Site

# Asterisk's configuration and SIP digests keep these characters unchanged; a ";" would begin a comment.
PASSWORD = re.compile(r"[A-Za-z0-9._~-]{12,64}")
PIN = re.compile(r"[0-9]{6,12}")
_PIN_LENGTH = 6
# Chosen by the mail server's owner; SMTP log-in carries ASCII only.
MAIL_PASSWORD = re.compile(r"[\x20-\x7e]{1,200}")


@dataclass(frozen=True)
class Secrets:
    """The password of ARI and of each SIP account, and the PINs keyed at telephones, by staff number.

    `created` and `pins_created` are the numbers with a new password or PIN. `mail` is the mail server's password as an
    administrator has written it there; else empty.
    """

    ari_password: str
    sip: dict[str, str]
    pins: dict[str, str]
    created: tuple[str, ...] = ()
    pins_created: tuple[str, ...] = ()
    mail: str = ""

    @classmethod
    def load_or_create(cls, home: Home, site: Site, *, pins_for: Collection[str] = ()) -> "Secrets":
        """Reads home/secrets.toml, and adds what is missing for the site's phones and for staff who need a PIN.

        Raises ConfigError when others can read the file or an entry is not a password or PIN.
        """
        home.path.mkdir(parents=True, exist_ok=True)
        with _alone(home.path):
            ari, sip, pins, mail = _read(home.secrets_file) if home.secrets_file.exists() else ("", {}, {}, "")
            created = tuple(number for number in site.phones if number not in sip)
            pins_created = tuple(number for number in pins_for if number not in pins)
            if created or pins_created or not ari:
                ari = ari or _password()
                sip |= {number: _password() for number in created}
                pins |= {number: _pin() for number in pins_created}
                _write(home.secrets_file, ari, sip, pins, mail)
        return cls(ari, {number: sip[number] for number in site.phones}, pins, created, pins_created, mail)


def check(home: Home) -> None:
    """Raises ConfigError when the existing passwords cannot be used; makes none."""
    if home.secrets_file.exists():
        _read(home.secrets_file)


def _password() -> str:
    return secrets.token_urlsafe(15)


def _pin() -> str:
    return f"{secrets.randbelow(10**_PIN_LENGTH):0{_PIN_LENGTH}}"


_NO_PASSWORD = (
    PASSWORD,
    "is no password",
    "12 to 64 letters, digits or . _ ~ -; or delete the line for a new one",
    "不是可用的密码",
    "12 至 64 个字母、数字或 . _ ~ -;也可删除该行以重新生成",
)
_NO_PIN = (
    PIN,
    "is no PIN",
    "6 to 12 digits in quotes; or delete the line for a new one",
    "不是可用的监听密码",
    "带引号的 6 至 12 位数字;也可删除该行以重新生成",
)
_NO_MAIL_PASSWORD = (
    MAIL_PASSWORD,
    "is no password",
    "the mail server's password: ASCII, in quotes",
    "不是可用的密码",
    "带引号的邮箱密码,仅限 ASCII 字符",
)
_FORMS = {"ari": _NO_PASSWORD, "sip": _NO_PASSWORD, "pin": _NO_PIN, "mail": _NO_MAIL_PASSWORD}
"""The form of the entries of each section, and the words for a wrong one."""


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Locks the folder: two programs that start together must not make two sets of passwords."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read(file: Path) -> tuple[str, dict[str, str], dict[str, str], str]:
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        raise ConfigError(
            [
                Problem(
                    file,
                    "(file)",
                    f"has mode {mode:04o}: others can read the passwords",
                    f"chmod 600 {file}",
                    f"权限为 {mode:04o}:其他用户可以读取密码",
                    f"chmod 600 {file}",
                )
            ]
        )
    tables = read_toml(file)
    found = {section: tables[section] if isinstance(tables.get(section), dict) else {} for section in _FORMS}
    problems = [
        Problem(file, f"{section}.{name}", wrong, right, wrong_zh, right_zh)
        for section, (form, wrong, right, wrong_zh, right_zh) in _FORMS.items()
        for name, value in found[section].items()
        if not (isinstance(value, str) and form.fullmatch(value))
    ]
    if problems:
        raise ConfigError(problems)
    return found["ari"].get("password", ""), dict(found["sip"]), dict(found["pin"]), found["mail"].get("password", "")


def _write(file: Path, ari: str, sip: dict[str, str], pins: dict[str, str], mail: str) -> None:
    """Writes the file whole, and never readable by others, not even for a moment."""
    lines = [
        "# Made by hotline. Delete a line and restart for a new password. 由 hotline 生成;删除某行并重启即可更换。",
        "[ari]",
        f'password = "{ari}"',
        "",
        "[sip]",
        *(f'"{number}" = "{word}"' for number, word in sip.items()),
        "",
        "# keyed after *90 拨 *90 后输入",
        "[pin]",
        *(f'"{number}" = "{word}"' for number, word in pins.items()),
    ]
    if mail:
        # A JSON string is a TOML string as well.
        lines += ["", "[mail]", f"password = {json.dumps(mail)}"]
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
