"""The embedded Asterisk is Debian's package in a root file system of its own, made once and complete, or not at all."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from hotline.supervisor.engine import EngineError, embedded_version
from models.language import Language
from models.text.wording import say

# testing carries Asterisk >= 22.10.1; hold music comes from a package of its own (CC-BY-SA).
SUITE = "forky"
PACKAGES = "asterisk,asterisk-moh-opsound-wav"
_EXPIRED = "is expired"
_KEEP_LINES = 15


def build(root: Path, language: Language) -> None:
    """Makes the root file system at `root` (about 40 s and 340 MB), unless it is there already.

    Two that start together make one. Raises EngineError with the last lines of what failed.
    """
    root.parent.mkdir(parents=True, exist_ok=True)
    with (root.parent / f".{root.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (root / "usr/sbin/asterisk").exists():
            embedded_version(root)
            return
        part = root.with_name(f".{root.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        try:
            with tempfile.TemporaryDirectory(prefix=".engine-", dir=root.parent) as folder:
                archive = Path(folder) / "root.tar"
                _debian(archive, language)
                _unpack(archive, part)
            embedded_version(part)
            part.replace(root)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _debian(archive: Path, language: Language) -> None:
    """mmdebstrap as an archive: so it needs no root, and what it makes belongs to us."""
    command = ["mmdebstrap", "--mode=unshare", "--variant=apt", f"--include={PACKAGES}"]
    try:
        _followed([*command, SUITE, str(archive)], language)
    except EngineError as error:
        # A mirror may lag behind for weeks; its signatures are still checked, only their date is not.
        if _EXPIRED not in str(error):
            raise
        late = '--aptopt=Acquire::Check-Valid-Until "false"'
        print(
            say("  ..  镜像已过期，不检查日期再试一次", "  ..  the mirror lags: once more without its date", language)
        )
        _followed([*command, late, SUITE, str(archive)], language)


def _unpack(archive: Path, part: Path) -> None:
    """Without device nodes (the machine's are mounted) and without set-uid programs (nobody needs them here)."""
    part.mkdir()
    part.chmod(0o755)
    tar = ["tar", "--extract", "--file", str(archive), "--directory", str(part), "--exclude=./dev/*"]
    done = subprocess.run([*tar, "--no-same-owner"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise EngineError(f"The root file system could not be unpacked:\n{_tail(done.stderr)}")
    for folder, _, files in os.walk(part):
        for name in files:
            file = Path(folder, name)
            if not file.is_symlink() and file.stat().st_mode & 0o6000:
                file.chmod(file.stat().st_mode & 0o777)
    for mount_point in ("hotline", "dev", "proc"):
        (part / mount_point).mkdir(exist_ok=True)
    (part / "etc/hosts").touch()


def _followed(command: list[str], language: Language) -> None:
    """Runs it, with the seconds on a terminal. Raises EngineError with its last lines if it fails."""
    if not shutil.which(command[0]):
        raise EngineError(
            f"{command[0]} is missing: apt-get install mmdebstrap uidmap\n  缺少 {command[0]}，请安装上述软件包。"
        )
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        began = time.monotonic()
        with subprocess.Popen(command, stdout=said, stderr=said, stdin=subprocess.DEVNULL) as process:
            try:
                _wait(process, lambda: f"  ... Asterisk {time.monotonic() - began:.0f} s ")
            except BaseException:
                process.terminate()
                raise
        if process.returncode != 0:
            said.seek(0)
            raise EngineError(
                say("制作内置 Asterisk 失败：", "The embedded Asterisk could not be made:", language)
                + f"\n{_tail(said.read())}\n"
                + say("请检查网络后重试。", "Check the machine's network, then start again.", language)
            )


def _wait(process: "subprocess.Popen[bytes]", progress: Callable[[], str]) -> None:
    while True:
        try:
            process.wait(0.5)
        except subprocess.TimeoutExpired:
            if sys.stdout.isatty():
                print(f"\r{progress()}", end="", flush=True)
        else:
            if sys.stdout.isatty():
                print("\r", end="")
            return


def _tail(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-_KEEP_LINES:])
