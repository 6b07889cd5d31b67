"""`hotline serve` for an administrator: it starts or says why not, restarts what dies, leaves nothing behind."""

import contextlib
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from models.instance import tls
from models.instance.home import PROJECT_ROOT
from phones.instance import AS_DELIVERED, LiveHotline, changed
from phones.microphone import tones
from phones.ports import Ports, claimed, own_address

pytestmark = pytest.mark.asterisk

CALLER, CALLED = tones(2)


@pytest.fixture
def ports() -> Iterator[Ports]:
    with claimed() as ports:
        yield ports


@pytest.fixture
def instance(home: Path, ports: Ports) -> Iterator[LiveHotline]:
    """Configured, not yet started; whatever a test does to it, it is stopped at the end."""
    instance = LiveHotline(home, ports)
    instance.configure(AS_DELIVERED, AS_DELIVERED)
    yield instance
    instance.close_phones()
    with contextlib.suppress(AssertionError):
        instance.stop()


def serve(home: Path, *within: str) -> subprocess.CompletedProcess[str]:
    """A start that is refused: its output and exit code. `within` is a command that runs it."""
    command = [*within, sys.executable, "-m", "hotline", "--home", str(home), "--lang", "en", "serve"]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, cwd=PROJECT_ROOT)


def processes_of(home: Path) -> set[int]:
    """Every process that has the home in its command line, mounts, folder or open files."""
    found = set()
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal() or int(process.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            seen = (process / "cmdline").read_text(errors="replace") + (process / "mountinfo").read_text()
            for descriptor in (process / "fd").iterdir():
                with contextlib.suppress(OSError):
                    seen += f"\n{descriptor.readlink()}"
            if str(home) in seen:
                found.add(int(process.name))
    return found


def answers(address: str, trusted: ssl.SSLContext | bool = True) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{address}/api/v1/health", verify=trusted).is_success
    return False


def half_written(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.suffix in (".part", ".new", ".pid", ".tmp")]


def edit(file: Path, key: str, value: object) -> None:
    file.write_text(changed(file.read_text(encoding="utf-8"), key, value), encoding="utf-8")


# --- starting and stopping ---


def test_the_manager_signs_in_by_the_link_on_the_card_and_no_later_card_has_one(instance: LiveHotline) -> None:
    instance.start()
    (link,) = re.findall(r"http://\S+/sign-in/link/\S+", instance.said())
    address = link.partition("/sign-in")[0]
    form = {"password": "nine green bottles", "again": "nine green bottles", "page": link}
    instance.until(lambda: answers(address), "console", 30)
    with httpx.Client(base_url=address, headers={"origin": address}, follow_redirects=True, timeout=30) as browser:
        assert "7050" in browser.get(link).text
        browser.post(link, data=form)
        assert "7050" in browser.get("/me").text
    instance.stop()
    instance.start()
    assert instance.said().count("/sign-in/link/") == 1


def test_beyond_this_machine_the_console_answers_by_https_with_the_certificate_on_the_card(
    instance: LiveHotline,
) -> None:
    edit(instance.home.site_file, "console.address", own_address())
    instance.start()
    authority = tls.authority(instance.home)
    (shown,) = re.findall(r"/trust  SHA-256 (\S+)", instance.said())
    assert shown == tls.fingerprint(authority)
    address = f"https://{own_address()}:{instance.ports.console}"
    trusted = ssl.create_default_context(cafile=authority)
    instance.until(lambda: answers(address, trusted), "console", 30)
    assert shown in httpx.get(f"{address}/trust", verify=trusted).text
    instance.until(lambda: instance.child("console")["state"] == "up", "console that is seen to work")


def test_a_stop_leaves_no_process_no_mount_and_no_half_written_file(instance: LiveHotline) -> None:
    instance.start()
    pids = {instance.state()["pid"]} | {child["pid"] for child in instance.state()["children"].values()}
    assert len(pids) == 6
    assert pids <= processes_of(instance.home.path)
    os.kill(instance.state()["pid"], signal.SIGTERM)
    assert instance.stop() == 0
    assert processes_of(instance.home.path) == set()
    assert str(instance.home.path) not in Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    assert half_written(instance.home.path) == []
    assert not (instance.home.run / "status.json").exists()
    assert instance.said().rstrip().endswith("stopped.")


def test_a_stop_in_the_middle_of_a_call_ends_it_and_leaves_nothing(instance: LiveHotline) -> None:
    instance.start()
    caller = instance.phone("7020")
    caller.reach("8000")
    caller.wait_heard("greeting")
    os.kill(instance.state()["pid"], signal.SIGTERM)
    caller.wait_ended(20)
    assert instance.stop() == 0
    assert "killed" not in instance.said()
    instance.close_phones()
    assert processes_of(instance.home.path) == set()
    assert half_written(instance.home.path) == []


def test_a_stop_before_everything_is_up_leaves_nothing(instance: LiveHotline) -> None:
    command = [sys.executable, "-m", "hotline", "--home", str(instance.home.path), "--lang", "en", "serve"]
    with subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True) as starting:
        assert starting.stdout is not None
        assert any("configuration of Asterisk" in line for line in starting.stdout)
        starting.terminate()
        said = starting.stdout.read()
        assert starting.wait(30) == 0
    assert "ready" not in said
    assert processes_of(instance.home.path) == set()
    assert half_written(instance.home.path) == []


def test_no_start_shows_a_password_and_the_card_says_how_to_see_one(instance: LiveHotline) -> None:
    instance.start()
    kept = tomllib.loads(instance.home.secrets_file.read_text(encoding="utf-8"))
    said = instance.said()
    for section in kept.values():
        assert [word for word in section.values() if word in said] == []
    command = f"hotline accounts show 7001 --home {instance.home.path}"
    for expected in ("8000", f"127.0.0.1:{instance.ports.sip}", str(instance.home.logs), command):
        assert expected in said
    instance.stop()
    instance.start()
    assert tomllib.loads(instance.home.secrets_file.read_text(encoding="utf-8")) == kept
    instance.phone("7001")  # it still has its password


def test_the_next_start_cleans_up_after_a_killed_supervisor(instance: LiveHotline) -> None:
    instance.start()
    left = {name: child["pid"] for name, child in instance.state()["children"].items()}
    os.kill(instance.state()["pid"], signal.SIGKILL)
    instance.stop()
    assert set(left.values()) <= processes_of(instance.home.path)
    instance.start()
    for name, pid in left.items():
        assert f"{name}: process {pid} is left from a start that was killed" in instance.said()
        assert pid not in processes_of(instance.home.path)
    instance.phone("7001")


def test_a_home_may_be_in_a_folder_that_only_root_can_enter(tmp_path: Path, ports: Ports) -> None:
    """Started by root, Asterisk runs under an account of its own, which could not reach the home by itself."""
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o700)
    instance = LiveHotline(locked / "home", ports)
    instance.configure(AS_DELIVERED, AS_DELIVERED)
    try:
        instance.start()
        status = Path(f"/proc/{instance.child('asterisk')['pid']}/status").read_text(encoding="utf-8")
        facts = dict(line.split(":\t", 1) for line in status.splitlines())
        assert (facts["NoNewPrivs"], int(facts["CapEff"], 16), int(facts["CapBnd"], 16)) == ("1", 0, 0)
        assert "0" not in facts["Uid"].split() or os.geteuid() != 0
        caller = instance.phone("7020")
        caller.reach("8000")
        caller.wait_heard("greeting")  # its sounds and its spool are accessible
    finally:
        instance.close_phones()
        instance.stop()


# --- restarting what dies ---


@pytest.mark.parametrize("name", ["scheduler", "ivr", "fallback", "console", "asterisk"])
def test_a_child_that_dies_is_restarted_and_the_reason_shown(instance: LiveHotline, name: str) -> None:
    instance.start()
    others = {other: child["pid"] for other, child in instance.state()["children"].items() if other != name}
    restarts = instance.kill(name)
    instance.wait_restarted(name, restarts)
    assert f"{name}: killed by SIGKILL" in instance.said()
    assert instance.child(name)["last_end"] == "killed by SIGKILL"
    assert {other: instance.child(other)["pid"] for other in others} == others  # the others run on
    instance.phone("7001").reach("8000")


# --- two instances ---


def test_two_hotlines_run_side_by_side(tmp_path: Path) -> None:
    with LiveHotline.running(tmp_path / "one") as one, LiveHotline.running(tmp_path / "two") as two:
        for instance in (one, two):
            colleague, caller = instance.phone("7002", CALLED), instance.phone("7020", CALLER)
            caller.dial("7002")
            colleague.wait_ringing()
            colleague.answer()
            caller.wait_tone(CALLED.hertz)
        one.close_phones()
        one.stop()
        two.phone("7001").reach("8000")


def test_a_second_start_in_the_same_home_is_refused_with_the_remedy(instance: LiveHotline) -> None:
    instance.start()
    refused = serve(instance.home.path)
    assert refused.returncode == 1
    assert f"already running here, as process {instance.state()['pid']}" in refused.stderr
    assert f"kill {instance.state()['pid']}" in refused.stderr
    assert "--home DIR" in refused.stderr


# --- mistakes are reported before anything starts ---


def test_a_taken_port_is_named_with_its_holder_and_the_key_to_change(instance: LiveHotline) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taker:
        taker.bind(("127.0.0.1", instance.ports.sip))
        refused = serve(instance.home.path)
    assert refused.returncode == 2
    expected = f"sip.port: {instance.ports.sip}/udp on 127.0.0.1 is in use by process {os.getpid()} ("
    assert f"{instance.home.site_file}:sip.port：" in refused.stderr
    assert expected in refused.stderr
    assert "right: a free port, or end that program" in refused.stderr
    assert processes_of(instance.home.path) == set()


def test_a_machine_without_user_namespaces_for_ordinary_accounts_is_reported_with_the_remedy(
    instance: LiveHotline,
) -> None:
    """The machine's own setting stays: each user namespace has one, and hotline starts in a new one."""
    person = ["unshare", "--user", "--map-user=1001", "--map-group=1001", "--keep-caps"]
    refusing = ["sh", "-c", 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"', "sh"]
    refused = serve(instance.home.path, *person, *refusing)
    assert refused.returncode == 1
    assert "this machine refuses them (user/max_user_namespaces is 0)" in refused.stderr
    assert "sysctl -w user.max_user_namespaces=10000" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert processes_of(instance.home.path) == set()


def broken_policy(instance: LiveHotline) -> Path:
    edit(instance.home.policy_file, "answer.rings", -3)
    return instance.home.policy_file


def broken_site(instance: LiveHotline) -> Path:
    edit(instance.home.site_file, "emergency.told", "nobody")
    return instance.home.site_file


def broken_sound(instance: LiveHotline) -> Path:
    file = instance.home.own_sounds / "zh" / "menu.wav"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"ID3")
    return file


@pytest.mark.parametrize(
    ("broken", "key"), [(broken_policy, "answer.rings"), (broken_site, "emergency.told"), (broken_sound, "(file)")]
)
def test_a_wrong_file_is_refused_with_its_name_and_key_and_the_remedy(
    instance: LiveHotline, broken: Callable[[LiveHotline], Path], key: str
) -> None:
    file = broken(instance)
    refused = serve(instance.home.path)
    assert refused.returncode == 2
    assert f"{file}:{key}：" in refused.stderr
    assert "; right: " in refused.stderr
    assert "Traceback" not in refused.stderr
    assert processes_of(instance.home.path) == set()
    assert half_written(instance.home.path) == []
