"""Asterisk runs as one unprivileged process that sees one folder of ours, in mounts that vanish with it.

It is the machine's own Asterisk where that is new enough, otherwise the embedded one: a Debian root file system below
var/engine, which every instance shares and none writes to. In a container (HOTLINE_CONTAINER, set by our Dockerfile)
the container isolates Asterisk instead, since mounts are not allowed there.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from dialplan.render import AsteriskPaths
from hotline.supervisor import account
from models.instance.home import Home, engine_root
from models.instance.priority import ahead
from models.instance.rights import as_root, started_by_root

FLOOR = (22, 10, 1)  # older ones have known security holes
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Arguments: root ("" is the machine itself), where our folder appears below it, our folder, hosts, nsswitch, and the
# command. Mounts come before privileges drop, so that the home may lie in a folder that only its owner can enter.
# Names resolve from our own hosts file alone: a machine without a resolver would cost every call 5 s.
_LAUNCH = """
set -eu
root=$1 at=$2 ours=$3 hosts=$4 nsswitch=$5; shift 5
mount --bind "$ours" "$root$at"
mount --bind "$hosts" "$root/etc/hosts"
mount --bind "$nsswitch" "$root/etc/nsswitch.conf"
if [ -n "$root" ]; then
    mount --rbind /proc "$root/proc"
    mount --rbind /dev "$root/dev"
fi
umask 0027
ulimit -n 32768 2>/dev/null || ulimit -n "$(ulimit -H -n)"
exec chroot "${root:-/}" "$@"
"""
_PLAIN = """
umask 0027
ulimit -n 32768 2>/dev/null || ulimit -n "$(ulimit -H -n)"
exec "$@"
"""
_NSSWITCH = "passwd: files\ngroup: files\nhosts: files\n"


class EngineError(Exception):
    """Asterisk can't run on this machine as it is; the text says what is missing and how to get it."""


@dataclass(frozen=True)
class Engine:
    """An Asterisk that can be started: `root` is its file system ("/" when it is the machine's own)."""

    root: Path
    program: str
    version: str
    view: AsteriskPaths
    in_container: bool = False

    @property
    def embedded(self) -> bool:
        return self.root != Path("/")

    def command(self, home: Home, arguments: list[str]) -> list[str]:
        """The command that becomes this Asterisk: each step replaces itself by the next, so no parent stays."""
        outside = str(self.root) if self.embedded else ""
        names = home.run
        less = self._less()
        if self.in_container:
            return ahead(["sh", "-c", _PLAIN, "asterisk", *less, self.program, *arguments])
        space = ["unshare", "--mount"] if started_by_root() else ["unshare", "--user", "--map-root-user", "--mount"]
        launch = ["sh", "-c", _LAUNCH, "asterisk", outside, self.view.base, str(home.asterisk)]
        launch += [str(names / "hosts"), str(names / "nsswitch.conf")]
        return ahead([*space, *launch, *less, self.program, *arguments])

    @staticmethod
    def _less() -> list[str]:
        """Without root the process is root in its own user namespace: it gives up these privileges, too."""
        return account.made(account.ASTERISK).less() if started_by_root() else list(account.NO_MORE)

    def environment(self) -> dict[str, str]:
        """None of our variables: Asterisk reads its configuration only."""
        return {"PATH": _PATH, "LANG": "C.UTF-8"}


def find(home: Home) -> Engine:
    """The machine's own Asterisk if it's new enough, else the embedded one (HOTLINE_ENGINE set: always that one).

    Raises EngineError when there is neither.
    """
    if own := _own(home):
        return own
    root = engine_root()
    if not (root / "usr/sbin/asterisk").exists():
        floor = ".".join(map(str, FLOOR))
        raise EngineError(
            f"本机没有 {floor} 或更新的 Asterisk,{root} 中也没有。请运行 bin/setup。\n"
            f"  There is no Asterisk >= {floor} on this machine, and none in {root}.\n"
            "  Run  bin/setup  : it makes one there (about 40 s, 340 MB)."
        )
    return Engine(root, "/usr/sbin/asterisk", embedded_version(root), AsteriskPaths())


def _own(home: Home) -> Engine | None:
    """The machine's own Asterisk, if it is new enough and no other is asked for."""
    program = None if os.environ.get("HOTLINE_ENGINE") else shutil.which("asterisk", path=_PATH)
    if not program:
        return None
    version = _version(subprocess.run([program, "-V"], capture_output=True, text=True, check=False).stdout)
    if not version or _numbers(version) < FLOOR:
        return None
    data = _first(Path("/usr/share/asterisk"), Path("/var/lib/asterisk"), having="documentation")
    music = _first(Path("/usr/share/asterisk"), Path("/var/lib/asterisk"), having="moh")
    in_container = bool(os.environ.get("HOTLINE_CONTAINER"))
    # /mnt exists on every system and is covered in Asterisk's own mounts only.
    base = str(home.asterisk) if in_container else "/mnt"
    return Engine(Path("/"), program, version, AsteriskPaths(base, str(data), str(music / "moh")), in_container)


def embedded_version(root: Path) -> str:
    """The version of the package in an embedded root, as its package list says. Raises EngineError if that has none."""
    status = (root / "var/lib/dpkg/status").read_text(encoding="utf-8", errors="replace")
    found = re.search(r"^Package: asterisk\n(?:.+\n)*?Version: (?:\d+:)?(\d[\d.]*)", status, re.MULTILINE)
    if not found:
        raise EngineError(f"{root} holds no Asterisk: delete that folder and run bin/setup.")
    if _numbers(found[1]) < FLOOR:
        raise EngineError(f"{root} holds Asterisk {found[1]}, too old: delete that folder and run bin/setup.")
    return found[1].rstrip(".")


def prepare(home: Home) -> None:
    """Writes Asterisk's hosts file. Started by root, gives each its part of home/asterisk: the configuration is root's,
    the spool Asterisk's, the sounds ours."""
    home.run.mkdir(parents=True, exist_ok=True)
    (home.run / "hosts").write_text(f"127.0.0.1 localhost {socket.gethostname()}\n::1 localhost\n", encoding="utf-8")
    (home.run / "nsswitch.conf").write_text(_NSSWITCH, encoding="utf-8")
    for name in ("hosts", "nsswitch.conf"):
        (home.run / name).chmod(0o644)
    if not started_by_root():
        home.asterisk.chmod(0o750)
        return
    ours, asterisk = account.made(account.OURS), account.made(account.ASTERISK)
    with as_root():
        os.chown(home.asterisk, 0, 0)
        home.asterisk.chmod(0o755)
        for name, uid, gid, mode in (
            # Passwords: root writes, Asterisk reads.
            ("etc", 0, asterisk.gid, 0o750),
            ("sounds", ours.uid, ours.gid, 0o755),
            # What Asterisk records is of our group, by the folder's set-group bit, and we take it away.
            ("spool", asterisk.uid, ours.gid, 0o2770),
            ("run", asterisk.uid, ours.gid, 0o2770),  # its console
            *((name, asterisk.uid, asterisk.gid, 0o750) for name in ("lib", "log")),
        ):
            _give(home.asterisk / name, uid, gid, mode)


def _give(top: Path, uid: int, gid: int, mode: int) -> None:
    """The folder and all in it; links are not followed."""
    for _, _, files, within in os.fwalk(top):
        os.fchown(within, uid, gid)
        os.fchmod(within, mode)
        for name in files:
            os.chown(name, uid, gid, dir_fd=within, follow_symlinks=False)


def check(home: Home, engine: Engine) -> None:
    """Enters Asterisk's mounts once, before anything is started: as root where root has started us.

    Raises EngineError with what this machine refuses and how to allow it.
    """
    with as_root():
        asked = subprocess.run(
            engine.command(home, ["-V"]), env=engine.environment(), capture_output=True, text=True, check=False
        )
    if asked.returncode != 0:
        said = (asked.stderr or asked.stdout).strip()
        raise EngineError(f"{_why_not(said) or 'Asterisk cannot be run on this machine.'}\n  ({said})")


def _why_not(message: str) -> str:
    """What is missing where Asterisk's mounts were refused, and how to get it; empty when that is not the reason.

    `message` is what the failed start wrote.
    """
    if not re.search(r"^(unshare|mount|setpriv|chroot|sh): ", message, re.MULTILINE):
        return ""
    if started_by_root():
        return (
            "此处即使 root 也不能创建挂载命名空间：请改用 docker-compose.yml，或按下列参数启动容器。\n"
            "  Asterisk needs a mount namespace of its own, and root may not make one here (a container without\n"
            "  CAP_SYS_ADMIN?). Use docker-compose.yml, or start the container with\n"
            "  --cap-add SYS_ADMIN --security-opt apparmor=unconfined --security-opt seccomp=unconfined."
        )
    for switch, refused, remedy in (
        ("kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
        ("user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=10000"),
        (
            "kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
    ):
        setting = Path("/proc/sys") / switch
        if setting.exists() and setting.read_text(encoding="ascii").strip() == refused:
            return (
                f"本机不允许普通用户使用用户命名空间。请管理员执行 {remedy}，或以 root 启动。\n"
                f"  Without root, Asterisk needs user namespaces; this machine refuses them ({switch} is {refused}).\n"
                f"  An administrator can allow them:  {remedy}\n"
                "  (to keep it, the same setting in a file below /etc/sysctl.d), or start hotline as root."
            )
    return (
        "本机不允许普通用户使用用户命名空间。请以 root 启动，或改用 docker-compose.yml。\n"
        "  Without root, Asterisk needs user namespaces; this machine refuses them (a container's seccomp profile?).\n"
        "  Start hotline as root, or use docker-compose.yml."
    )


def _version(text: str) -> str:
    """ "22.10.1" from "Asterisk 22.10.1~dfsg+~cs6.15.60671435-1"; empty when there is none."""
    found = re.search(r"Asterisk (?:certified[/-])?(\d+(?:\.\d+)*)", text)
    return found[1] if found else ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.strip(".").split("."))


def _first(*folders: Path, having: str) -> Path:
    return next((folder for folder in folders if (folder / having).is_dir()), folders[0])


def main() -> int:
    """What `bin/setup` runs: makes the embedded Asterisk where the machine has none that is new enough."""
    from hotline.supervisor.engine_build import build
    from models.language import language_of_terminal

    began = time.monotonic()
    try:
        if not _own(Home.choose()):
            build(engine_root(), language_of_terminal())
        print(f"  ok  Asterisk {find(Home.choose()).version} ({time.monotonic() - began:.0f} s)")
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
