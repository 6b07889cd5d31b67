"""The certificate that telephones see is made once, renewed in time, and missed by the manager when it ends."""

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
