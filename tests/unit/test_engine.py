"""Which Asterisk runs and how: new enough, without root rights, in mounts of its own or inside a container."""

import os
from pathlib import Path

import pytest

from hotline.supervisor import engine
from hotline.supervisor.engine import EngineError
from models.instance.home import Home

pytestmark = pytest.mark.unit


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without Asterisk, installed or embedded; its programs are in bin."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setattr(engine, "_PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setattr(engine, "engine_root", lambda: tmp_path / "engine")
    for name in ("HOTLINE_ENGINE", "HOTLINE_CONTAINER"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def own(machine: Path, version: str) -> None:
    program = machine / "bin" / "asterisk"
    program.write_text(f"#!/bin/sh\necho 'Asterisk {version}'\n", encoding="utf-8")
    program.chmod(0o755)


def embedded(machine: Path, version: str) -> None:
    for folder in ("usr/sbin", "var/lib/dpkg"):
        (machine / "engine" / folder).mkdir(parents=True)
    (machine / "engine/usr/sbin/asterisk").touch()
    text = f"Package: asterisk\nStatus: install ok installed\nVersion: 1:{version}\n\nPackage: zlib\n"
    (machine / "engine/var/lib/dpkg/status").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("version", ["22.10.1", "22.10.1+dfsg+~cs6.17.60671434-1", "23.0.0", "certified/22.11"])
def test_the_installed_asterisk_is_used_if_it_is_new_enough(machine: Path, home: Home, version: str) -> None:
    own(machine, version)
    embedded(machine, "22.10.1")
    found = engine.find(home)
    assert (found.embedded, found.view.base) == (False, "/mnt")


@pytest.mark.parametrize("version", ["22.10.0", "20.15.1", "22.9.9", "unknown"])
def test_an_installed_asterisk_with_known_security_holes_is_not_used(machine: Path, home: Home, version: str) -> None:
    own(machine, version)
    embedded(machine, "22.10.1~dfsg-1")
    found = engine.find(home)
    assert (found.embedded, found.version) == (True, "22.10.1")


def test_the_embedded_asterisk_can_be_chosen(machine: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    own(machine, "22.10.1")
    embedded(machine, "22.10.2")
    monkeypatch.setenv("HOTLINE_ENGINE", str(machine / "engine"))
    assert engine.find(home).embedded


def test_a_missing_or_outdated_asterisk_is_reported_with_the_remedy(machine: Path, home: Home) -> None:
    with pytest.raises(EngineError, match="bin/setup"):
        engine.find(home)
    embedded(machine, "22.9.0")
    with pytest.raises(EngineError, match=r"holds Asterisk 22\.9\.0, too old: delete that folder and run bin/setup"):
        engine.find(home)


def test_asterisk_runs_without_root_rights_in_mounts_of_its_own(
    machine: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded(machine, "22.10.1")
    monkeypatch.setattr(os, "getuid", lambda: 1001)
    command = engine.find(home).command(home, ["-f"])
    assert command[:4] == ["unshare", "--user", "--map-root-user", "--mount"]
    assert command[-5:] == ["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", "/usr/sbin/asterisk", "-f"]
    assert [str(machine / "engine"), "/hotline", str(home.asterisk)] == command[8:11]


def test_in_a_container_asterisk_runs_without_root_rights_and_makes_no_mount(
    machine: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    own(machine, "22.10.1")
    monkeypatch.setenv("HOTLINE_CONTAINER", "1")
    monkeypatch.setattr(os, "getuid", lambda: 1001)
    found = engine.find(home)
    command = found.command(home, ["-f"])
    assert found.view.base == str(home.asterisk)
    assert "unshare" not in command
    assert command[-6:-2] == ["setpriv", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
