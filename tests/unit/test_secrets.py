"""Passwords are random, one for each phone, and readable only for the service's account."""

import os
import re
import stat
import threading
from pathlib import Path

import pytest

from hotline.supervisor.card import FirstLink, card
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


def test_the_card_names_the_command_for_passwords_and_shows_none(tmp_path: Path, site: Site) -> None:
    """It may end up in a log or in a container's output."""
    home = Home(tmp_path)
    secrets = Secrets.load_or_create(home, site, pins_for=["7050"])
    shown = card(home, site, secrets, None, "en", 1.0)
    assert f"12 + 3 (15 new); a password: .venv/bin/hotline accounts show 7001 --home {tmp_path}" in shown
    assert [word for word in (*secrets.sip.values(), *secrets.pins.values()) if word in shown] == []


def test_the_link_of_the_first_administrator_stands_below_the_card_in_one_piece(tmp_path: Path, site: Site) -> None:
    """On a terminal of 80 columns, too: within the card it was folded, and could not be copied."""
    home = Home(tmp_path)
    secrets = Secrets.load_or_create(home, site)
    shown = card(home, site, secrets, FirstLink("郑伟", "7050", "a-secret"), "en", 1.0)
    assert "7050 郑伟 administers: the link below is good once" in shown
    assert shown.splitlines()[-1] == "http://127.0.0.1:8090/sign-in/link/a-secret"


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


def test_the_programs_get_what_they_need_and_no_telephones_password(tmp_path: Path, site: Site) -> None:
    home = Home(tmp_path)
    home.run.mkdir()
    whole = Secrets.load_or_create(home, site, pins_for=["7050"])
    whole.hand_on(home)
    handed = home.handed_secrets_file.read_text(encoding="utf-8")
    assert stat.S_IMODE(home.handed_secrets_file.stat().st_mode) == 0o600
    for needed in (whole.ari_password, whole.agi_password, whole.pins["7050"]):
        assert needed in handed
    assert not any(word in handed for word in whole.sip.values())


def test_a_file_of_an_older_version_gets_what_it_lacks_and_keeps_the_rest(tmp_path: Path, site: Site) -> None:
    first = Secrets.load_or_create(Home(tmp_path), site)
    file = tmp_path / "secrets.toml"
    older = re.sub(r"\[agi\]\n.*\n", "", file.read_text(encoding="utf-8"))
    file.write_text(f'{older}\n[mail]\npassword = "a \\"b\\" 3"\n', encoding="utf-8")
    second = Secrets.load_or_create(Home(tmp_path), site)
    assert (second.ari_password, second.sip, second.mail) == (first.ari_password, first.sip, 'a "b" 3')
    assert PASSWORD.fullmatch(second.agi_password)
    assert second.agi_password != first.agi_password
    assert Secrets.load_or_create(Home(tmp_path), site).agi_password == second.agi_password
