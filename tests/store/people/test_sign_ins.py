"""Who signs in proves who he or she is; guessing is slowed and never locks the right person out."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from models.database.store import Store
from models.people import access_log, accounts, passwords, people, sign_ins
from models.people.accounts import AccountRefused, LinkRefused
from models.people.passwords import PasswordRefused
from models.people.rights import Person, Right, rights_of
from models.people.sign_ins import Rules, SignInRefused
from models.site import Site
from models.states.people import SignInEnd, SignInPlace, Theme
from models.tables import SignIn, SignInTry, Staff
from scheduler.scans.retention import retention
from scheduler.scope import Scope
from tests.store.conftest import HeldClock

pytestmark = pytest.mark.store

HOUR = timedelta(hours=1)
RULES = Rules(
    idle=4 * HOUR,
    longest=16 * HOUR,
    tries=5,
    address_tries=20,
    window=HOUR,
    wait=timedelta(seconds=5),
    longest_wait=timedelta(minutes=15),
)
RIGHT, OFFICE, ELSEWHERE = "nine green bottles", "192.0.2.7", "203.0.113.9"


def joined(store: Store, number: str, at: datetime, *, administrator: bool = False, address: str = OFFICE) -> str:
    """The person chooses a password by a link, and is signed in."""
    link = store.write(accounts.make_link, number, administrator=administrator, by="root", at=at, good_for=24 * HOUR)
    return accounts.use_link(store, link, RIGHT, place=SignInPlace.BROWSER, address=address, at=at)


def tried(store: Store, at: datetime, number: str = "7001", password: str = RIGHT, address: str = ELSEWHERE) -> str:
    return sign_ins.sign_in(store, number, password, place=SignInPlace.BROWSER, address=address, rules=RULES, at=at)


def person(store: Store, site: Site, secret: str, at: datetime) -> Person | None:
    return store.read(sign_ins.person_of, secret, site=site, rules=RULES, at=at)


def test_a_link_is_good_once_and_its_person_signs_in_with_the_password_afterwards(
    staffed: Store, site: Site, noon: datetime
) -> None:
    link = staffed.write(accounts.make_link, "7050", administrator=True, by="root", at=noon, good_for=24 * HOUR)
    assert staffed.read(accounts.link_for, link, at=noon).number == "7050"
    first = accounts.use_link(staffed, link, RIGHT, place=SignInPlace.BROWSER, address=OFFICE, at=noon)
    with pytest.raises(LinkRefused, match="used, or is over"):
        accounts.use_link(staffed, link, "another long word", place=SignInPlace.BROWSER, address=OFFICE, at=noon)
    second = tried(staffed, noon, "7050")
    assert first != second
    manager = person(staffed, site, second, noon)
    assert manager is not None
    assert (manager.number, manager.name, manager.role, manager.group) == ("7050", "郑伟", "manager", "management")
    assert Right.ADMINISTER in manager.rights
    assert staffed.read(accounts.administrators) == ["7050"]
    logged = staffed.read(access_log.newest, limit=2)
    assert [(one.who, one.what) for one in logged] == [
        ("7050", "password chosen by link"),
        ("root", "sign-in link made, with the right to administer"),
    ]


def test_neither_password_nor_secrets_are_in_the_rows(staffed: Store, noon: datetime) -> None:
    link = staffed.write(accounts.make_link, "7001", by="root", at=noon, good_for=HOUR)
    secret = accounts.use_link(staffed, link, RIGHT, place=SignInPlace.BROWSER, address=OFFICE, at=noon)
    for table in ("accounts", "sign_ins", "sign_in_links", "sign_in_tries", "access_log"):
        rows = str(staffed.read(lambda session, table=table: session.execute(text(f"SELECT * FROM {table}")).all()))
        assert not [word for word in (link, secret, RIGHT) if word in rows], table


@pytest.mark.parametrize("later", [HOUR, timedelta(0)], ids=["over", "replaced by a newer one"])
def test_a_link_that_is_over_or_replaced_is_refused(staffed: Store, noon: datetime, later: timedelta) -> None:
    link = staffed.write(accounts.make_link, "7001", by="root", at=noon, good_for=HOUR)
    if not later:
        staffed.write(accounts.make_link, "7001", by="root", at=noon, good_for=HOUR)
    with pytest.raises(LinkRefused):
        staffed.read(accounts.link_for, link, at=noon + later)
    with pytest.raises(AccountRefused, match="nobody at work here has the number 7099"):
        staffed.write(accounts.make_link, "7099", by="root", at=noon, good_for=HOUR)


def test_a_link_used_twice_at_the_same_moment_counts_once(staffed: Store, noon: datetime) -> None:
    link = staffed.write(accounts.make_link, "7001", by="root", at=noon, good_for=HOUR)
    done = list[str]()

    def use() -> None:
        try:
            done.append(accounts.use_link(staffed, link, RIGHT, place=SignInPlace.BROWSER, address=OFFICE, at=noon))
        except LinkRefused:
            done.append("refused")

    both = [threading.Thread(target=use) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert done.count("refused") == 1


def test_a_wrong_number_and_a_wrong_password_are_refused_in_the_same_words(staffed: Store, noon: datetime) -> None:
    joined(staffed, "7001", noon)
    said = set()
    for number, password in (("7001", "wrong words here"), ("7002", RIGHT), ("7999", RIGHT), ("70\x0099", RIGHT)):
        with pytest.raises(SignInRefused) as refused:
            tried(staffed, noon, number, password)
        said.add(str(refused.value))
    assert len(said) == 1


def test_after_five_wrong_passwords_each_further_try_waits_twice_as_long(staffed: Store, noon: datetime) -> None:
    joined(staffed, "7001", noon)
    for _ in range(5):
        with pytest.raises(SignInRefused, match="wrong"):
            tried(staffed, noon, password="a guess of mine")
    at = noon
    for wait in (5, 10, 20, 40):
        with pytest.raises(SignInRefused, match=f"try again in {wait} s"):
            tried(staffed, at)
        at += timedelta(seconds=wait)
        with pytest.raises(SignInRefused, match="is wrong"):
            tried(staffed, at, password="a guess of mine")
    assert tried(staffed, at + RULES.longest_wait)


def test_guessing_from_many_addresses_never_keeps_the_person_from_the_own_desk(
    staffed: Store, site: Site, noon: datetime
) -> None:
    joined(staffed, "7001", noon)
    for guess in range(30):
        with pytest.raises(SignInRefused):
            tried(staffed, noon, password="a guess of mine", address=f"203.0.113.{guess}")
    assert person(staffed, site, tried(staffed, noon, address=OFFICE), noon)


def test_an_address_that_guesses_is_slowed_for_all_but_those_who_signed_in_there_before(
    staffed: Store, noon: datetime
) -> None:
    joined(staffed, "7001", noon, address=ELSEWHERE)
    joined(staffed, "7002", noon, address=OFFICE)
    for guess in range(20):
        with pytest.raises(SignInRefused):
            tried(staffed, noon, str(7900 + guess), "a guess of mine")
    with pytest.raises(SignInRefused, match="too many"):
        tried(staffed, noon, "7002")
    assert tried(staffed, noon, "7001")
    assert tried(staffed, noon, "7002", address="198.51.100.1")


def test_of_many_guesses_at_once_none_gets_by_the_count(staffed: Store, noon: datetime) -> None:
    joined(staffed, "7001", noon)
    said = list[str]()

    def guess() -> None:
        with pytest.raises(SignInRefused) as refused:
            tried(staffed, noon, password="a guess of mine")
        said.append(str(refused.value))

    all_at_once = [threading.Thread(target=guess) for _ in range(12)]
    for one in all_at_once:
        one.start()
    for one in all_at_once:
        one.join()
    assert sum("is wrong" in one for one in said) == 5


def test_signing_in_forgets_what_was_wrong_at_this_place_only(staffed: Store, noon: datetime) -> None:
    """Who has an account cannot buy guesses at others by signing in between."""
    joined(staffed, "7001", noon)
    for number in ["7002"] * 4 + ["7001"] * 4:
        with pytest.raises(SignInRefused):
            tried(staffed, noon, number, "a guess of mine", OFFICE)
    tried(staffed, noon, address=OFFICE)
    tries = staffed.read(
        lambda session: session.execute(text("SELECT staff_number FROM sign_in_tries")).scalars().all()
    )
    assert tries == ["7002"] * 4


def test_a_sign_in_ends_by_idling_by_its_length_and_by_another_post(staffed: Store, site: Site, noon: datetime) -> None:
    secret = joined(staffed, "7001", noon)
    at = noon
    for _ in range(4):
        at += 4 * HOUR - timedelta(minutes=1)
        found = person(staffed, site, secret, at)
        assert found is not None
        staffed.write(sign_ins.seen, found.sign_in, at=at)
    assert person(staffed, site, secret, noon + RULES.longest) is None
    idle = tried(staffed, noon)
    assert person(staffed, site, idle, noon + RULES.idle) is None
    fresh = tried(staffed, noon)
    staffed.write(lambda session: setattr(session.get_one(Staff, "7001"), "role", "supervisor"))
    assert person(staffed, site, fresh, noon) is None


def test_the_scan_writes_the_end_of_what_is_over_and_forgets_it_in_the_end(
    staffed: Store, scope: Scope, clock: HeldClock, noon: datetime
) -> None:
    joined(staffed, "7001", noon)
    with pytest.raises(SignInRefused):
        tried(staffed, noon, password="a guess of mine")
    clock.moment = noon + 4 * HOUR
    tried(staffed, clock.moment)
    retention(scope)
    ended = staffed.read(lambda session: session.query(SignIn.why_ended).order_by(SignIn.id).all())
    assert [why for (why,) in ended] == [SignInEnd.IDLE, None]
    assert staffed.read(lambda session: session.query(SignInTry).count()) == 0
    clock.moment = noon + timedelta(days=500)
    retention(scope)
    assert staffed.read(lambda session: session.query(SignIn).count()) == 1


def test_who_has_left_is_signed_out_and_cannot_sign_in(staffed: Store, site: Site, noon: datetime) -> None:
    secret = joined(staffed, "7001", noon)
    staffed.write(lambda session: setattr(session.get_one(people.Staff, "7001"), "group", None))
    assert person(staffed, site, secret, noon) is None
    with pytest.raises(SignInRefused, match="is wrong"):
        tried(staffed, noon)


def test_signing_out_ends_this_sign_in_and_a_new_password_ends_all_others(
    staffed: Store, site: Site, noon: datetime
) -> None:
    first, second, third = joined(staffed, "7001", noon), tried(staffed, noon), tried(staffed, noon)
    staffed.write(sign_ins.sign_out, first, at=noon)
    assert person(staffed, site, first, noon) is None
    me = person(staffed, site, second, noon)
    assert me is not None
    new = "eleven blue kettles"
    with pytest.raises(SignInRefused, match="present password is wrong"):
        sign_ins.change_password(staffed, me, "wrong words here", new, address=OFFICE, rules=RULES, at=noon)
    sign_ins.change_password(staffed, me, RIGHT, new, address=OFFICE, rules=RULES, at=noon)
    assert person(staffed, site, second, noon)
    assert person(staffed, site, third, noon) is None
    with pytest.raises(SignInRefused):
        tried(staffed, noon)
    assert tried(staffed, noon, password=new)


def test_a_person_ends_the_own_sign_ins_and_nobody_elses(staffed: Store, site: Site, noon: datetime) -> None:
    mine, other = joined(staffed, "7001", noon), joined(staffed, "7002", noon)
    (row,) = staffed.read(sign_ins.open_ones, "7001", rules=RULES, at=noon)
    assert not staffed.write(sign_ins.end, row.id, of="7002", at=noon)
    assert staffed.write(sign_ins.end, row.id, of="7001", at=noon)
    assert person(staffed, site, mine, noon) is None
    assert person(staffed, site, other, noon)


def test_the_last_administrator_stays_one(staffed: Store, site: Site, noon: datetime) -> None:
    secret = joined(staffed, "7050", noon, administrator=True)
    with pytest.raises(AccountRefused, match="only administrator"):
        staffed.write(accounts.set_administrator, "7050", False, by="7050", at=noon)
    with pytest.raises(AccountRefused, match="not chosen a password"):
        staffed.write(accounts.set_administrator, "7001", True, by="7050", at=noon)
    joined(staffed, "7001", noon)
    staffed.write(accounts.set_administrator, "7001", True, by="7050", at=noon)
    staffed.write(accounts.set_administrator, "7050", False, by="7001", at=noon)
    assert staffed.read(accounts.administrators) == ["7001"]
    assert person(staffed, site, secret, noon) is None


def test_the_manager_gets_a_link_at_each_start_until_somebody_administers(
    staffed: Store, site: Site, noon: datetime
) -> None:
    first, second = (staffed.write(accounts.first_link, site, at=noon, good_for=HOUR) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first[0] == second[0] == "7050"
    with pytest.raises(LinkRefused):
        staffed.read(accounts.link_for, first[1], at=noon)
    accounts.use_link(staffed, second[1], RIGHT, place=SignInPlace.BROWSER, address=OFFICE, at=noon)
    assert staffed.read(accounts.administrators) == ["7050"]
    assert staffed.write(accounts.first_link, site, at=noon, good_for=HOUR) is None


def test_when_the_last_administrator_has_left_the_next_start_has_a_link_again(
    staffed: Store, site: Site, noon: datetime
) -> None:
    joined(staffed, "7001", noon, administrator=True)
    staffed.write(lambda session: setattr(session.get_one(Staff, "7001"), "group", None))
    assert staffed.read(accounts.administrators) == []
    link = staffed.write(accounts.first_link, site, at=noon, good_for=HOUR)
    assert link is not None
    assert link[0] == "7050"


def test_a_person_keeps_language_and_colours(staffed: Store, site: Site, noon: datetime) -> None:
    secret = joined(staffed, "7001", noon)
    staffed.write(sign_ins.choose, "7001", language="en", theme=Theme.DARK)
    me = person(staffed, site, secret, noon)
    assert me is not None
    assert (me.language, me.theme) == ("en", Theme.DARK)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "7001700170",
        "70017001ab",
        "aaaaaaaaaa",
        "1234567890",
        "Password123!",
        "qwertyuiop",
        "0987654321",
        "x" * 201,
    ],
)
def test_a_password_that_others_guess_first_is_refused(password: str) -> None:
    with pytest.raises(PasswordRefused):
        passwords.hashed(password, number="7001")


@pytest.mark.parametrize("password", ["nine green bottles", "红灯笼挂在老榆树上面啊", "Tr0ub4dor&3", "7001 e1f9 aa"])
def test_a_password_of_its_own_is_taken_and_two_hashes_of_it_differ(password: str) -> None:
    first, second = (passwords.hashed(password, number="7001") for _ in range(2))
    assert first != second
    assert passwords.matches(password, first)
    assert not passwords.matches(password + "x", first)
    assert not passwords.matches("the password of nobody", None)


def test_the_rights_follow_from_the_post(site: Site) -> None:
    def rights(role: str, group: str, administrator: bool = False) -> set[Right]:
        return set(rights_of(role, group, administrator=administrator, site=site))

    everybody = {Right.CALLS, Right.TICKETS, Right.HANDLE}
    assert rights("technician", "engineering") == everybody
    assert rights("agent", "complaints") == everybody | {Right.PERSONAL}
    assert rights("agent", "agents") == everybody | {Right.PERSONAL, Right.DESK}
    assert Right.DUTY in rights("monitoring", "monitoring")
    assert Right.LEADER in rights("manager", "management") & rights("general-manager", "general-manager")
    assert Right.ADMINISTER not in rights("general-manager", "general-manager")
    assert rights("technician", "engineering", True) == everybody | {Right.ADMINISTER}
    for member in site.staff:
        assert rights(member.role, member.group) >= everybody
