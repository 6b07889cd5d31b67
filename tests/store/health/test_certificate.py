"""The certificate that telephones see is made once, renewed in time, and missed by the manager when it ends."""

import os
import ssl
import stat
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models.clock import SystemClock
from models.errors import ConfigError
from models.instance import tls
from models.instance.home import Home
from models.site import Site
from models.states.tickets import TaskKind, TaskState
from models.tables import Task
from scheduler.scans.certificate_end import certificate_end
from scheduler.scope import Scope

pytestmark = pytest.mark.store

NOW = SystemClock().now()
DAY = timedelta(days=1)


def encrypted(site: Site, **more: str) -> Site:
    return site.model_copy(update={"sip": site.sip.model_copy(update={"tls": "required", **more})})


def made(home: Home, site: Site, in_days: int = 0) -> tls.Certificate:
    found = tls.load_or_make(home, site, renew=30 * DAY, at=NOW + in_days * DAY)
    assert found is not None
    return found


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create_missing()
    return home


def test_without_encryption_nothing_is_made(home: Home, site: Site) -> None:
    assert tls.load_or_make(home, site, renew=30 * DAY, at=NOW) is None
    assert not home.tls.exists()


def test_the_certificate_is_of_the_authority_for_the_address_and_the_keys_are_private(home: Home, site: Site) -> None:
    first = made(home, encrypted(site))
    assert made(home, encrypted(site)) == first
    file = tls.certificate_file(home, encrypted(site))
    checked = ["openssl", "verify", "-CAfile", str(tls.authority(home)), "-verify_ip", site.sip.address, str(file)]
    subprocess.run(checked, check=True, capture_output=True)
    assert 395 * DAY < tls.ends_at(file) - NOW < 398 * DAY
    assert len(tls.fingerprint(file)) == 95
    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in home.tls.iterdir()}
    assert modes == {"authority.pem": 0o644, "certificate.pem": 0o644, "authority-key.pem": 0o600, "key.pem": 0o600}


def test_it_is_renewed_in_time_and_for_another_address_by_the_same_authority(home: Home, site: Site) -> None:
    first = made(home, encrypted(site))
    authority = tls.authority(home).read_bytes()
    assert made(home, encrypted(site), in_days=360) == first
    assert made(home, encrypted(site), in_days=370) != first
    second = made(home, encrypted(site))
    assert made(home, encrypted(site, address="192.168.1.10")) != second
    assert tls.authority(home).read_bytes() == authority


def test_the_sites_own_files_are_used_as_they_are_and_must_belong_together(home: Home, site: Site) -> None:
    ours = made(home, encrypted(site))
    files = {"certificate": str(home.tls / "certificate.pem"), "key": str(home.tls / "key.pem")}
    assert made(home, encrypted(site, **files)) == ours
    for key, other, wrong in (
        ("key", "authority-key.pem", "does not belong"),
        ("key", "certificate.pem", "cannot be used"),
        ("certificate", "none.pem", "cannot be used"),
    ):
        with pytest.raises(ConfigError, match=rf"sip\.{key}.*{wrong}"):
            tls.check(home, encrypted(site, **files | {key: str(home.tls / other)}))


def test_the_authorities_of_trunks_are_copied_for_our_programs_and_a_file_that_holds_none_is_refused(
    home: Home, site: Site
) -> None:
    made(home, encrypted(site))
    authority = tls.authority(home)
    assert made(home, encrypted(site, trunk_authority=str(authority))).trunk_authorities == authority.read_text()
    assert tls.trunk_authorities(home).read_bytes() == authority.read_bytes()
    for wrong in ("key.pem", "none.pem"):
        with pytest.raises(ConfigError, match=r"sip\.trunk_authority.*cannot be used"):
            tls.check(home, encrypted(site, trunk_authority=str(home.tls / wrong)))


def beyond_this_machine(site: Site, where: str = "192.168.1.10", **sip: str) -> Site:
    console = site.console.model_copy(update={"address": where})
    return site.model_copy(update={"console": console, "sip": site.sip.model_copy(update=sip)})


def test_the_console_serves_other_machines_with_a_certificate_of_the_same_authority(home: Home, site: Site) -> None:
    made(home, encrypted(site))
    wide = beyond_this_machine(site)
    tls.hand_to_console(home, wide, renew=30 * DAY, at=NOW)
    file = tls.console_file(home)
    checked = ["openssl", "verify", "-CAfile", str(tls.authority(home)), "-verify_ip", "192.168.1.10", str(file)]
    subprocess.run(checked, check=True, capture_output=True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(file)
    before = file.read_text()
    tls.hand_to_console(home, wide, renew=30 * DAY, at=NOW)
    assert file.read_text() == before
    assert (wide.console_url, tls.in_use(home, wide)) == (
        "https://192.168.1.10:8090",
        [tls.console_certificate_file(home, wide)],
    )
    shown = subprocess.run(
        ["openssl", "x509", "-in", str(file), "-noout", "-fingerprint", "-sha256"], capture_output=True, text=True
    )
    assert shown.stdout.strip().endswith(tls.fingerprint(tls.console_certificate_file(home, wide)))


def test_the_console_on_this_machine_alone_has_no_certificate(home: Home, site: Site) -> None:
    tls.hand_to_console(home, beyond_this_machine(site), renew=30 * DAY, at=NOW)
    tls.hand_to_console(home, site, renew=30 * DAY, at=NOW)
    assert not tls.console_file(home).exists()
    assert site.console_url == "http://127.0.0.1:8090"


def test_the_console_shows_the_sites_own_certificate_where_there_is_one(home: Home, site: Site) -> None:
    ours = made(home, encrypted(site))
    files = {"certificate": str(home.tls / "certificate.pem"), "key": str(home.tls / "key.pem")}
    own = beyond_this_machine(site, **files)
    tls.hand_to_console(home, own, renew=30 * DAY, at=NOW)
    assert ours.certificate in tls.console_file(home).read_text()
    with pytest.raises(ConfigError, match=r"sip\.key.*cannot be used"):
        tls.check(home, beyond_this_machine(site, **files | {"key": "/none.pem"}))


def test_a_program_under_its_account_leaves_what_root_has_handed_on(
    home: Home, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls.hand_to_console(home, beyond_this_machine(site), renew=30 * DAY, at=NOW)
    before = tls.console_file(home).read_text()
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    monkeypatch.setattr(os, "access", lambda *_: False)
    tls.hand_to_console(home, beyond_this_machine(site, "192.168.1.11"), renew=30 * DAY, at=NOW)
    assert tls.console_file(home).read_text() == before


def test_a_certificate_that_ends_soon_is_a_task_until_it_is_renewed(scope: Scope) -> None:
    site = encrypted(scope.site)
    made(scope.home, site)
    object.__setattr__(scope, "site", site)
    scope.clock.moment = NOW + 300 * DAY  # type: ignore[attr-defined]
    assert certificate_end(scope) == 0
    scope.clock.moment = NOW + 370 * DAY  # type: ignore[attr-defined]
    assert (certificate_end(scope), certificate_end(scope)) == (1, 0)
    made(scope.home, site, in_days=370)
    # Made today, as far as the machine knows; a real one would last.
    scope.clock.moment = NOW + DAY  # type: ignore[attr-defined]
    assert certificate_end(scope) == 0
    (task,) = scope.store.read(lambda session: list(session.scalars(select(Task))))
    assert (task.kind, task.owner_group, task.state) == (TaskKind.CERTIFICATE_END, "management", TaskState.CLOSED)
