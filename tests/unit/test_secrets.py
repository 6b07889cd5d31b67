"""Passwords are random, one for each phone, and readable only for the service's account."""

import os
import re
import stat
import threading
from pathlib import Path

import pytest

from hotline.supervisor.card import card
from models.errors import ConfigError
from models.instance.home import PROJECT_ROOT, Home
from models.instance.secrets import PASSWORD, PIN, Secrets
from models.site import Site

pytestmark = pytest.mark.unit


@pytest.fixture
def site() -> Site:
    return Site.load(PROJECT_ROOT / "site.example.toml")


def test_every_phone_gets_a_password_of_its_own(tmp_path: Path, site: Site) -> None:
    made = Secrets.load_or_create(Home(tmp_path), site)
    assert list(made.sip) == site.phones == list(made.created)
    words = [made.ari_password, *made.sip.values()]
    assert len(set(words)) == len(words)
    assert all(PASSWORD.fullmatch(word) and len(word) >= 20 for word in words)


def test_a_second_start_keeps_the_passwords_and_makes_no_new_ones(tmp_path: Path, site: Site) -> None:
    first = Secrets.load_or_create(Home(tmp_path), site)
    written = (tmp_path / "secrets.toml").stat().st_mtime_ns
    second = Secrets.load_or_create(Home(tmp_path), site)
    assert (second.ari_password, second.sip, second.created) == (first.ari_password, first.sip, ())
    assert (tmp_path / "secrets.toml").stat().st_mtime_ns == written


def test_a_phone_added_later_gets_its_password_and_the_others_keep_theirs(tmp_path: Path, site: Site) -> None:
    first = Secrets.load_or_create(Home(tmp_path), site)
    text = (PROJECT_ROOT / "site.example.toml").read_text(encoding="utf-8")
    (tmp_path / "site.toml").write_text(text.replace('"1103"]', '"1103", "1104"]'), encoding="utf-8")
    second = Secrets.load_or_create(Home(tmp_path), Site.load(tmp_path / "site.toml"))
    assert second.created == ("1104",)
    assert {number: second.sip[number] for number in first.sip} == first.sip


def test_staff_who_may_listen_to_talks_get_a_pin_and_keep_it(tmp_path: Path, site: Site) -> None:
    """R04-1. Staff who need no PIN do not cost the others theirs."""
    first = Secrets.load_or_create(Home(tmp_path), site, pins_for=["7050"])
    assert first.pins_created == ("7050",)
    assert PIN.fullmatch(first.pins["7050"])
    assert Secrets.load_or_create(Home(tmp_path), site).pins == first.pins
    second = Secrets.load_or_create(Home(tmp_path), site, pins_for=["7050", "7060"])
    assert (second.created, second.pins_created) == ((), ("7060",))
    assert (second.sip, second.pins["7050"]) == (first.sip, first.pins["7050"])
    assert Secrets.load_or_create(Home(tmp_path), site, pins_for=["7050", "7060"]).pins_created == ()


@pytest.mark.parametrize("pin", ['"12345"', '"12345a"', "123456", '"1234567890123"'])
def test_a_short_pin_or_one_that_cannot_be_keyed_is_refused(tmp_path: Path, site: Site, pin: str) -> None:
    Secrets.load_or_create(Home(tmp_path), site, pins_for=["7050"])
    file = tmp_path / "secrets.toml"
    file.write_text(re.sub(r'(?<=\[pin\]\n"7050" = ).*', pin, file.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ConfigError, match="6 to 12 digits") as raised:
        Secrets.load_or_create(Home(tmp_path), site)
    assert [problem.key for problem in raised.value.problems] == ["pin.7050"]


def test_the_card_shows_new_pins_beside_new_passwords(tmp_path: Path, site: Site) -> None:
    home = Home(tmp_path)
    first = Secrets.load_or_create(home, site, pins_for=["7050"])
    shown = card(home, site, first, "en", 1.0)
    assert re.search(rf"7050 .*{re.escape(first.sip['7050'])} +{first.pins['7050']} ", shown)
    later = card(home, site, Secrets.load_or_create(home, site, pins_for=["7050", "7060"]), "en", 1.0)
    assert "7060" in later
    assert first.pins["7050"] not in later
    assert not any(word in later for word in first.sip.values())


def test_only_its_owner_can_read_the_secrets_whatever_the_umask(tmp_path: Path, site: Site) -> None:
    before = os.umask(0)
    try:
        Secrets.load_or_create(Home(tmp_path), site)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "secrets.toml").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.toml"]


def test_a_file_that_others_can_read_is_refused_with_the_command_to_fix_it(tmp_path: Path, site: Site) -> None:
    Secrets.load_or_create(Home(tmp_path), site)
    (tmp_path / "secrets.toml").chmod(0o644)
    with pytest.raises(ConfigError, match=r"mode 0644.*chmod 600"):
        Secrets.load_or_create(Home(tmp_path), site)


@pytest.mark.parametrize("word", ['"short"', '"with;semicolon-in-it"', "123456789012", '""'])
def test_a_password_that_asterisk_cannot_store_is_refused(tmp_path: Path, site: Site, word: str) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text(f'[ari]\npassword = "long-enough-password"\n[sip]\n"7001" = {word}\n', encoding="utf-8")
    file.chmod(0o600)
    with pytest.raises(ConfigError) as raised:
        Secrets.load_or_create(Home(tmp_path), site)
    assert [problem.key for problem in raised.value.problems] == ["sip.7001"]


def test_two_programs_starting_together_agree_on_the_passwords(tmp_path: Path, site: Site) -> None:
    found: list[Secrets] = []
    starters = [
        threading.Thread(target=lambda: found.append(Secrets.load_or_create(Home(tmp_path), site))) for _ in range(8)
    ]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert len(found) == 8
    assert {(one.ari_password, tuple(one.sip.values())) for one in found} == {
        (found[0].ari_password, tuple(found[0].sip.values()))
    }
