"""People sign in on the pages with number and password; another site cannot act in their name."""

import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import httpx
import pytest
from starlette.datastructures import State

from console.app import Whole
from console.pages.application import pages
from models.clock import SystemClock
from models.database.store import Store
from models.instance import tls
from models.instance.home import Home
from models.instance.instance import RunningInstance
from models.people import accounts
from models.people.rights import Right
from models.policy import Policy
from models.site import Site
from phones.ports import own_address
from tests.console.conftest import Clock
from tests.served import served
from tests.unit.test_rights_of_routes import table

pytestmark = pytest.mark.console

RIGHT = "nine green bottles"
Browser = Callable[[], httpx.Client]


@contextmanager
def signing_in(home: Home, site: Site, policy: Policy, store: Store, clock: Clock) -> Iterator[int]:
    """The running console; its port."""
    instance = RunningInstance(home, site, policy, store, clock)
    certificate = tls.console_file(home) if site.console.over_tls else None
    with served(lambda: Whole(instance), site, policy.api, certificate) as running:
        yield running.port


@pytest.fixture
def address(home: Home, site: Site, policy: Policy, store: Store, clock: Clock) -> Iterator[str]:
    with signing_in(home, site, policy, store, clock) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def browser(address: str) -> Iterator[Browser]:
    """A browser with cookies of its own, whose forms come from our pages."""
    with ExitStack() as browsers:

        def opened() -> httpx.Client:
            headers = {"origin": address, "accept-language": "en"}
            return browsers.enter_context(httpx.Client(base_url=address, headers=headers, follow_redirects=True))

        yield opened


@pytest.fixture
def link(store: Store, policy: Policy, clock: Clock) -> Callable[[str], str]:
    """The path of a new link for somebody."""
    rules = {"by": "root", "at": clock.moment, "good_for": timedelta(hours=policy.console.link_hours)}
    return lambda number: accounts.LINK_PATH + store.write(accounts.make_link, number, **rules)


def joins(browser: httpx.Client, path: str, password: str = RIGHT) -> httpx.Response:
    form = {"password": password, "again": password, "form": "link", "page": path}
    return browser.post(path, data=form)


def signs_in(browser: httpx.Client, number: str = "7001", password: str = RIGHT, then: str = "/") -> httpx.Response:
    form = {"number": number, "password": password, "then": then, "form": "sign-in", "page": "/sign-in"}
    return browser.post("/sign-in", data=form)


def test_a_person_chooses_a_password_by_the_link_and_signs_in_with_it(
    browser: Browser, link: Callable[[str], str]
) -> None:
    first, path = browser(), link("7001")
    assert "7001 王芳" in first.get(path).text
    assert "/sign-out" in joins(first, path).text
    assert browser().get(path).status_code == 410
    second = browser()
    assert second.get("/tickets").url.path == "/sign-in"
    assert signs_in(second, then="/me").url.path == "/me"
    assert "7001" in second.get("/me").text


def test_a_link_stays_good_when_the_passwords_differ_or_are_too_easy(
    browser: Browser, link: Callable[[str], str]
) -> None:
    one, path = browser(), link("7001")
    form = {"password": RIGHT, "again": "something else", "form": "link", "page": path}
    refused = one.post(path, data=form)
    assert refused.status_code == 409
    assert "differ" in refused.text
    assert RIGHT not in refused.text
    assert "others would guess" in joins(one, path, "1234567890").text
    assert "/sign-out" in joins(one, path).text


def test_a_wrong_password_is_refused_with_the_number_kept_and_the_password_gone(
    browser: Browser, link: Callable[[str], str]
) -> None:
    joins(browser(), link("7001"))
    refused = signs_in(browser(), password="my wrong guess")
    assert refused.status_code == 409
    assert "number or the password is wrong" in refused.text
    assert 'value="7001"' in refused.text
    assert "my wrong guess" not in refused.text


def test_the_cookie_is_closed_to_scripts_and_new_at_each_sign_in(browser: Browser, link: Callable[[str], str]) -> None:
    one = browser()
    joins(one, link("7001"))
    before = one.cookies["hotline"]
    one.follow_redirects = False
    answer = signs_in(one)
    assert re.search(r"hotline=\S+; HttpOnly; Path=/; SameSite=lax", answer.headers["set-cookie"])
    assert one.cookies["hotline"] != before
    other = browser()
    other.cookies.set("hotline", before)
    assert other.get("/me").url.path == "/sign-in"


def test_signing_out_ends_the_sign_in_itself(browser: Browser, link: Callable[[str], str]) -> None:
    one = browser()
    joins(one, link("7001"))
    secret = one.cookies["hotline"]
    assert one.post("/sign-out").url.path == "/sign-in"
    other = browser()
    other.cookies.set("hotline", secret)
    assert other.get("/me").url.path == "/sign-in"


def test_a_new_password_ends_the_other_sign_ins(browser: Browser, link: Callable[[str], str]) -> None:
    one, other = browser(), browser()
    joins(one, link("7001"))
    signs_in(other)
    form = {"old": RIGHT, "password": "eleven blue kettles", "again": "eleven blue kettles", "page": "/password"}
    refused = one.post("/password", data=form | {"old": "not this one"})
    assert "present password is wrong" in refused.text
    assert one.post("/password", data=form).url.path == "/me"
    assert other.get("/me").url.path == "/sign-in"
    assert signs_in(other).status_code == 409


def test_a_person_ends_a_sign_in_elsewhere_and_not_one_of_somebody_else(
    browser: Browser, link: Callable[[str], str]
) -> None:
    one, other, hers = browser(), browser(), browser()
    joins(one, link("7001"))
    signs_in(other)
    joins(hers, link("7002"))
    shown = re.findall(r"/me/sign-ins/(\d+)/end", one.get("/me").text)
    assert len(shown) == 1
    hers.post(f"/me/sign-ins/{shown[0]}/end")
    assert other.get("/me").url.path == "/me"
    one.post(f"/me/sign-ins/{shown[0]}/end")
    assert other.get("/me").url.path == "/sign-in"


def test_language_and_colours_are_kept_for_the_person(browser: Browser, link: Callable[[str], str]) -> None:
    one, other = browser(), browser()
    joins(one, link("7001"))
    assert "My settings" in one.get("/me").text
    one.post("/me", data={"language": "zh", "theme": "dark"})
    signs_in(other)
    seen = other.get("/me").text
    assert "我的设置" in seen
    assert 'data-bs-theme="dark"' in seen
    one.post("/me", data={"language": "", "theme": ""})
    assert "My settings" in other.get("/me").text


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", None])
def test_a_form_of_another_site_changes_nothing(
    browser: Browser, link: Callable[[str], str], origin: str | None
) -> None:
    one = browser()
    joins(one, link("7001"))
    del one.headers["origin"]
    headers = {"origin": origin} if origin else {}
    refused = one.post("/me", data={"language": "zh"}, headers=headers)
    assert refused.status_code == 403
    assert "did not come from a page of this console" in refused.text
    assert "My settings" in one.get("/me").text
    assert one.get("/live", headers={"origin": "https://evil.example"}).status_code == 403
    assert one.get("/live", headers={"sec-fetch-site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("then", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_to_no_other_site(browser: Browser, link: Callable[[str], str], then: str) -> None:
    joins(browser(), link("7001"))
    one = browser()
    one.follow_redirects = False
    assert signs_in(one, then=then).headers["location"] == "/"


def test_a_person_who_idles_signs_in_again_and_comes_back_to_the_page(
    browser: Browser, link: Callable[[str], str], clock: Clock
) -> None:
    one = browser()
    joins(one, link("7001"))
    clock.forward(hours=3)
    assert one.get("/me").url.path == "/me"
    clock.forward(hours=4)
    asked = one.get("/me")
    assert (asked.url.path, asked.url.query) == ("/sign-in", b"then=/me")


def closed_routes(rights: set[Right]) -> Iterator[tuple[str, str]]:
    """Method and address of every route of the pages that needs a right which is not among these."""
    for (method, path), named in table(pages(State()).router).items():
        if named != {None} and not named <= rights:
            yield method, re.sub(r"{\w+}", "1", path)


def test_without_signing_in_no_page_is_reached_and_nothing_is_done(browser: Browser) -> None:
    stranger = browser()
    stranger.follow_redirects = False
    asked = [stranger.request(method, path).headers.get("location", "") for method, path in closed_routes(set())]
    assert len(asked) > 20
    assert [location for location in asked if not location.startswith("/sign-in?then=")] == []


def test_a_post_without_the_right_is_refused_at_every_route_that_needs_it(
    browser: Browser, link: Callable[[str], str]
) -> None:
    technician = browser()
    joins(technician, link("7020"))
    closed = list(closed_routes({Right.CALLS, Right.TICKETS, Right.HANDLE}))
    assert len(closed) > 10
    answers = {(method, path): technician.request(method, path).status_code for method, path in closed}
    assert {route for route, status in answers.items() if status != 403} == set()


def test_beyond_this_machine_the_console_is_served_by_https_and_explains_how_to_trust_it(
    home: Home, site: Site, policy: Policy, store: Store, clock: Clock, link: Callable[[str], str]
) -> None:
    here = own_address()
    wide = site.model_copy(update={"console": site.console.model_copy(update={"address": here})})
    tls.hand_to_console(home, wide, renew=timedelta(days=30), at=SystemClock().now())
    trusted = ssl.create_default_context(cafile=tls.authority(home))
    with signing_in(home, wide, policy, store, clock) as port:
        address = f"https://{here}:{port}"
        headers = {"origin": address, "accept-language": "en"}
        with httpx.Client(base_url=address, headers=headers, verify=trusted) as one:
            assert tls.fingerprint(tls.authority(home)) in one.get("/trust").text
            assert one.get("/trust/hotline-authority.crt").content == tls.authority(home).read_bytes()
            said = joins(one, link("7001")).headers["set-cookie"]
            assert re.fullmatch(r"__Host-hotline=\S+; HttpOnly; Path=/; SameSite=lax; Secure", said)
            assert "7001" in one.get("/me").text
        with httpx.Client(base_url=address) as stranger, pytest.raises(httpx.ConnectError, match="certificate verify"):
            stranger.get("/sign-in")
        with httpx.Client(base_url=f"http://{here}:{port}") as plain, pytest.raises(httpx.HTTPError):
            plain.get("/sign-in")


def test_on_this_machine_there_is_no_authority_to_trust(browser: Browser) -> None:
    assert "Nothing has to be imported" in browser().get("/trust").text
    assert browser().get("/trust/hotline-authority.crt").status_code == 404
