"""Passwords are random, made at the first start, kept in one file that only the service's account reads."""

import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from models.errors import ConfigError, Problem
from models.home import Home
from models.settings import read_toml
from models.site import Site

# Asterisk's configuration and a SIP digest carry these unchanged; a ";" would begin a comment there.
PASSWORD = re.compile(r"[A-Za-z0-9._~-]{12,64}")


@dataclass(frozen=True)
class Secrets:
    """ARI's password and one for each SIP account; `created` are the numbers whose password is new since last time."""

    ari_password: str
    sip: dict[str, str]
    created: tuple[str, ...] = ()

    @classmethod
    def load_or_create(cls, home: Home, site: Site) -> "Secrets":
        """Reads home/secrets.toml, and adds what is missing for the site's phones.

        Raises ConfigError when others may read the file or an entry is no password.
        """
        home.path.mkdir(parents=True, exist_ok=True)
        with _alone(home.path):
            ari, sip = _read(home.secrets_file) if home.secrets_file.exists() else ("", {})
            created = tuple(number for number in site.phones if number not in sip)
            if created or not ari:
                ari = ari or _password()
                sip |= {number: _password() for number in created}
                _write(home.secrets_file, ari, sip)
        return cls(ari, {number: sip[number] for number in site.phones}, created)


def check(home: Home) -> None:
    """Raises ConfigError when the passwords that exist cannot be used; makes none."""
    if home.secrets_file.exists():
        _read(home.secrets_file)


def _password() -> str:
    return secrets.token_urlsafe(15)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two programs that start together must not make two sets of passwords."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read(file: Path) -> tuple[str, dict[str, str]]:
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        raise ConfigError([
            Problem(file, "(file)", f"has mode {mode:04o}: others can read the passwords", f"chmod 600 {file}",
                    f"权限为 {mode:04o}:其他用户可以读取密码", f"chmod 600 {file}")
        ])  # fmt: skip
    tables = read_toml(file)
    ari, sip = tables.get("ari", {}), tables.get("sip", {})
    entries = {f"{section}.{name}": value for section, table in (("ari", ari), ("sip", sip))
               if isinstance(table, dict) for name, value in table.items()}  # fmt: skip
    problems = [
        Problem(file, key, "is no password", "12 to 64 letters, digits or . _ ~ -; or delete the line for a new one",
                "不是可用的密码", "12 至 64 个字母、数字或 . _ ~ -;也可删除该行以重新生成")
        for key, value in entries.items() if not (isinstance(value, str) and PASSWORD.fullmatch(value))
    ]  # fmt: skip
    if problems:
        raise ConfigError(problems)
    return entries.get("ari.password", ""), dict(sip)


def _write(file: Path, ari: str, sip: dict[str, str]) -> None:
    """Complete or not at all, and never readable by others, not even for a moment."""
    lines = [
        "# Made by hotline. Delete a line and restart for a new password. 由 hotline 生成;删除某行并重启即可更换。",
        "[ari]", f'password = "{ari}"', "", "[sip]", *(f'"{number}" = "{word}"' for number, word in sip.items()),
    ]  # fmt: skip
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
