"""Passwords and PINs are random, made at the first start, and kept in a file that only the service's account reads."""

import hashlib
import json
import os
import re
import secrets
import stat
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from models.errors import ConfigError, Problem
from models.instance.home import Home
from models.instance.lock import alone
from models.instance.rights import as_root, started_by_root
from models.settings import read_toml
from models.site import Site
from models.site.trunks import Trunk

# Asterisk's configuration and SIP digests keep these characters unchanged; a ";" would begin a comment.
PASSWORD = re.compile(r"[A-Za-z0-9._~-]{12,64}")
PIN = re.compile(r"[0-9]{6,12}")
_PIN_LENGTH = 6
# Chosen by the mail server's owner; SMTP log-in carries ASCII only.
MAIL_PASSWORD = re.compile(r"[\x20-\x7e]{1,200}")
# Chosen by the carrier; Asterisk's configuration would cut blanks at its ends.
TRUNK_PASSWORD = re.compile(r"[\x21-\x7e]{1,128}")


Kept = dict[str, dict[str, str]]
"""The entries of the file, by section."""


@dataclass(frozen=True)
class Secrets:
    """The passwords of ARI, of AGI and of each SIP account, and the PINs keyed at telephones, by staff number.

    `created` and `pins_created` are the numbers with a new password or PIN. `mail` is the mail server's password and
    `trunks` those of trunks with which we register, as an administrator has written them there. A gateway that
    registers with us is a SIP account.
    """

    ari_password: str
    agi_password: str
    sip: dict[str, str]
    pins: dict[str, str]
    created: tuple[str, ...] = ()
    pins_created: tuple[str, ...] = ()
    mail: str = ""
    trunks: dict[str, str] = field(default_factory=dict)

    @property
    def stranger(self) -> str:
        """The password that a stranger would have to know: nobody does."""
        return hashlib.sha256(f"stranger {self.ari_password}".encode()).hexdigest()

    @classmethod
    def load_or_create(cls, home: Home, site: Site, *, pins_for: Collection[str] = ()) -> "Secrets":
        """Reads home/secrets.toml, and adds what is missing for the site's phones and for staff who need a PIN.

        A program that root has started under an account gets what it needs from `hand_on` instead: no telephone's
        password. Raises ConfigError when others can read the file or an entry is not a password or PIN.
        """
        if _is_closed(home.secrets_file):
            return cls._of(_read(home.handed_secrets_file))
        home.path.mkdir(parents=True, exist_ok=True)
        with as_root(), alone(home.path):  # two that start together must not make two sets of passwords
            kept = _read(home.secrets_file) if home.secrets_file.exists() else {section: {} for section in _FORMS}
            sip, pins = kept["sip"], kept["pin"]
            accounts = [*site.phones, *site.gateways]
            created = tuple(name for name in accounts if name not in sip)
            pins_created = tuple(number for number in pins_for if number not in pins)
            ours = [section for section in ("ari", "agi") if "password" not in kept[section]]
            if created or pins_created or ours:
                kept |= {section: {"password": _password()} for section in ours}
                sip |= {number: _password() for number in created}
                pins |= {number: _pin() for number in pins_created}
                _write(home.secrets_file, kept)
        kept["sip"] = {number: sip[number] for number in accounts}
        return replace(cls._of(kept), created=created, pins_created=pins_created)

    @classmethod
    def _of(cls, kept: "Kept") -> "Secrets":
        return cls(
            kept["ari"]["password"],
            kept["agi"]["password"],
            kept["sip"],
            kept["pin"],
            mail=kept["mail"].get("password", ""),
            trunks=kept["trunk"],
        )

    def hand_on(self, home: Home) -> None:
        """Leaves for the programs, which run under this process's account, what they need."""
        ours = {"ari": {"password": self.ari_password}, "agi": {"password": self.agi_password}}
        mail = {"password": self.mail} if self.mail else {}
        _write(home.handed_secrets_file, ours | {"pin": self.pins, "mail": mail})


def check(home: Home, site: Site) -> None:
    """Raises ConfigError when the existing passwords cannot be used, or a trunk's is missing; makes none."""
    with as_root():
        trunks = _read(home.secrets_file)["trunk"] if home.secrets_file.exists() else {}
    missing = [trunk for trunk in site.trunks if trunk.registers and trunk.name not in trunks]
    if missing:
        raise ConfigError(_no_password(home.secrets_file, trunk) for trunk in missing)


def _no_password(file: Path, trunk: Trunk) -> Problem:
    entry, who = f'[trunk] {trunk.name} = "..."', f"{trunk.user}@{trunk.server}"
    return Problem(
        file,
        f"trunk.{trunk.name}",
        "is missing",
        f"{entry}, the password of {who} that the carrier has given (the file has mode 0600)",
        "缺少这一项",
        f"{entry}，即运营商为 {who} 提供的密码（文件权限为 0600）",
    )


def _is_closed(file: Path) -> bool:
    """Whether it is root's, and this process has no right of root's left."""
    return file.exists() and not started_by_root() and file.stat().st_uid == 0


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
    "带引号的 6 至 12 位数字；也可删除该行以重新生成",
)
_NO_MAIL_PASSWORD = (
    MAIL_PASSWORD,
    "is no password",
    "the mail server's password: ASCII, in quotes",
    "不是可用的密码",
    "带引号的邮箱密码，仅限 ASCII 字符",
)
_NO_TRUNK_PASSWORD = (
    TRUNK_PASSWORD,
    "is no password",
    "the carrier's password in quotes: 1 to 128 ASCII characters without blanks",
    "不是可用的密码",
    "带引号的运营商密码：1 至 128 个 ASCII 字符，不含空格",
)
_FORMS = {
    "ari": _NO_PASSWORD,
    "agi": _NO_PASSWORD,
    "sip": _NO_PASSWORD,
    "pin": _NO_PIN,
    "mail": _NO_MAIL_PASSWORD,
    "trunk": _NO_TRUNK_PASSWORD,
}
"""The form of the entries of each section, and the words for a wrong one."""


def _read(file: Path) -> Kept:
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        raise ConfigError(
            [
                Problem(
                    file,
                    "(file)",
                    f"has mode {mode:04o}: others can read the passwords",
                    f"chmod 600 {file}",
                    f"权限为 {mode:04o}：其他用户可以读取密码",
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
    return found


def _write(file: Path, kept: Kept) -> None:
    """Writes the file whole, and never readable by others, not even for a moment."""
    lines = [
        "# Made by hotline. Delete a line and restart for a new password. 由 hotline 生成；删除某行并重启即可更换。"
    ]
    for section, entries in kept.items():
        if entries:
            words = {"pin": ["# keyed after *90 拨 *90 后输入"]}.get(section, [])
            # A JSON string is a TOML string as well.
            lines += [
                *words,
                f"[{section}]",
                *(f"{_key(name)} = {json.dumps(word)}" for name, word in entries.items()),
                "",
            ]
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write("\n".join(lines))
        if file.exists():
            # Root changes it for the user who runs the service.
            os.fchown(out.fileno(), file.stat().st_uid, file.stat().st_gid)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


def _key(name: str) -> str:
    """Numbers are names here, and in quotes."""
    return name if name.isalpha() else f'"{name}"'
