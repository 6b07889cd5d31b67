"""Started by root, our programs run under an account without rights, and Asterisk under another one.

Asterisk is what strangers reach first: it can neither read the programs' files nor look into their processes.
"""

import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from models.instance.lock import alone

OURS = "hotline"
ASTERISK = "hotline-asterisk"
_ACCOUNTS = Path("/etc")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class AccountError(Exception):
    """The programs can't run under their account as the machine is; the text says what to do."""


@dataclass(frozen=True)
class Account:
    """A system account of the machine."""

    name: str
    uid: int
    gid: int

    def less(self) -> list[str]:
        """The beginning of a command that runs the rest under this account, without any right to get more."""
        who = [f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"]
        return [*NO_MORE, *who]


NO_MORE = ("setpriv", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all")


def made(name: str) -> Account:
    """The account; made if it is missing. Only root can make one. Raises AccountError when it can't be."""
    # Of two `useradd` at once, the second gives the account another number.
    with alone(_ACCOUNTS):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            found = _make(name)
    return Account(name, found.pw_uid, found.pw_gid)


def _make(name: str) -> pwd.struct_passwd:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    command += ["--shell", "/usr/sbin/nologin", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": _PATH})
    if done.returncode != 0:
        raise AccountError(
            f"无法创建系统账户 {name}：{done.stderr.strip()}。请手工执行下面的命令。\n"
            f"  The system account {name} could not be made. Make it by hand:\n"
            f"  {' '.join(command)}"
        )
    return pwd.getpwnam(name)
