"""Started by root, only the supervisor keeps root's rights, and what root does at a terminal locks nobody out."""

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.instance.home import PROJECT_ROOT
from phones.instance import AS_DELIVERED, LiveHotline
from phones.ports import claimed

pytestmark = pytest.mark.asterisk

ROOT = os.geteuid() == 0


@pytest.fixture
def instance(home: Path) -> Iterator[LiveHotline]:
    """Configured, not yet started."""
    with claimed() as ports:
        instance = LiveHotline(home, ports)
        instance.configure(AS_DELIVERED, AS_DELIVERED)
        yield instance
        instance.close_phones()
        instance.stop()


def status_of(pid: int) -> dict[str, str]:
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def listening() -> set[str]:
    """The inodes of all sockets of the machine that wait for somebody: TCP ones that listen, and UDP ones."""
    found = set()
    for family in ("tcp", "tcp6", "udp", "udp6"):
        for row in Path("/proc/net", family).read_text(encoding="ascii").splitlines()[1:]:
            fields = row.split()
            if fields[3] in ("0A", "07"):
                found.add(f"socket:[{fields[9]}]")
    return found


def says(instance: LiveHotline, *words: str) -> str:
    command = [sys.executable, "-m", "hotline", "--home", str(instance.home.path), "--lang", "en", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=PROJECT_ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def owners(*paths: Path) -> set[int]:
    """Of these and, where they are folders, of all below them."""
    return {found.lstat().st_uid for path in paths for found in (path, *path.rglob("*"))}


def programs_files(instance: LiveHotline) -> list[Path]:
    home = instance.home
    return [*(path for path in home.of_the_programs if path.exists()), *home.path.glob("hotline.db*")]


def test_only_the_supervisor_can_be_root_and_it_waits_for_nobody(instance: LiveHotline) -> None:
    instance.start()
    asterisk = instance.child("asterisk")["pid"]
    children = {child["pid"] for child in instance.state()["children"].values()}
    for pid in children:
        facts = status_of(pid)
        assert (facts["NoNewPrivs"], facts["Groups"].strip() if ROOT else "") == (
            "1" if ROOT or pid == asterisk else "0",
            "",
        )
        assert not ROOT or (
            "0" not in facts["Uid"].split() and int(facts["CapEff"], 16) == 0 == int(facts["CapBnd"], 16)
        )
    if ROOT:
        assert len({status_of(pid)["Uid"] for pid in children}) == 2  # Asterisk's is another one than our programs'
        assert len({status_of(pid)["Uid"] for pid in children - {asterisk}}) == 1
    open_files = {str(fd.readlink()) for fd in Path(f"/proc/{instance.state()['pid']}/fd").iterdir()}
    assert open_files & listening() == set()


def test_what_root_does_at_a_terminal_leaves_no_file_that_locks_the_programs_out(instance: LiveHotline) -> None:
    instance.start()
    for words in (
        ["status"],
        ["ticket", "new", "repair", "--problem", "the lamp", "--as", "7001"],
        ["backup"],
        ["tickets"],
    ):
        says(instance, *words)
    instance.stop()  # now a command is the first to open the database, and makes its -wal and -shm
    says(instance, "ticket", "new", "repair", "--problem", "the tap", "--as", "7001")
    says(instance, "backup")
    assert owners(*programs_files(instance)) == {instance.home.run.stat().st_uid}
    assert not ROOT or instance.home.run.stat().st_uid != 0
    instance.start()
    caller = instance.phone("1101")
    caller.reach("8000")
    caller.wait_heard("greeting")


def test_a_home_of_an_older_version_changes_its_owner_and_links_lead_nobody_out(
    instance: LiveHotline, tmp_path: Path
) -> None:
    """An older version ran everything as root."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    mine = owners(outside)
    home = instance.home
    home.create_missing()
    (home.recordings / "2026").mkdir()
    (home.recordings / "2026" / "one.opus").touch()
    (home.recordings / "away").symlink_to(outside)
    (home.recordings / "2026" / "too.opus").hardlink_to(outside / "kept")
    home.backups.symlink_to(outside)
    instance.start()
    assert owners(outside) == mine
    assert home.recordings.joinpath("2026", "one.opus").stat().st_uid == home.run.stat().st_uid
    assert not ROOT or f"{home.recordings} now belongs to hotline (4)" in instance.said()


@pytest.mark.skipif(not ROOT, reason="only root makes accounts")
def test_two_services_that_start_at_once_on_a_new_machine_have_the_same_account() -> None:
    name = f"hotline-{os.getpid()}"
    makes = f"from hotline.supervisor.account import made; print(made({name!r}).uid)"
    try:
        starting = [
            subprocess.Popen([sys.executable, "-c", makes], cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True)
            for _ in range(5)
        ]
        numbers = {int(one.communicate(timeout=60)[0]) for one in starting}
        assert numbers == {pwd.getpwnam(name).pw_uid}
    finally:
        subprocess.run(["userdel", name], check=False, capture_output=True)
