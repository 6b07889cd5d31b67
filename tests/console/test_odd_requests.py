"""What nobody's browser sends is answered as well, without a traceback, and as safely as every page."""

import socket
from collections.abc import Callable

import httpx
import pytest

from tests.console.test_signing_in import address, browser, joins, link

__all__ = ["address", "browser", "link"]

pytestmark = pytest.mark.console

Browser = Callable[[], httpx.Client]
NO_ADDRESS = "http://["


@pytest.fixture
def signed_in(browser: Browser, link: Callable[[str], str]) -> httpx.Client:
    """The agent, with forms of our pages."""
    one = browser()
    joins(one, link("7001"))
    one.follow_redirects = False
    return one


def is_safe(answer: httpx.Response) -> bool:
    policy = answer.headers.get("content-security-policy", "")
    return "frame-ancestors 'none'" in policy and answer.headers.get("x-content-type-options") == "nosniff"


def says(address: str, sent: bytes) -> str:
    """The head of the answer to these bytes, in lower case."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 20) as line:
        line.sendall(sent)
        answer = b""
        while block := line.recv(65536):
            answer += block
    return answer.decode().partition("\r\n\r\n")[0].lower()


@pytest.mark.timeout(20)
@pytest.mark.parametrize("page", ["/live?who=7001-en&watch=my-call", "/live"])
@pytest.mark.parametrize("act", ["/show", "/tickets/1001/notes"])
def test_a_form_that_names_the_stream_as_its_page_is_answered_and_others_are_served(
    signed_in: httpx.Client, browser: Browser, act: str, page: str
) -> None:
    assert signed_in.post(act, data={"page": page, "reason": "a look"}, timeout=5).status_code < 500
    assert browser().get("/sign-in", timeout=5).status_code == 200


def test_a_form_that_names_no_address_as_its_page_is_answered(signed_in: httpx.Client) -> None:
    for page in ("//[", NO_ADDRESS, "https://[::1/x"):
        answer = signed_in.post("/show", data={"page": page, "reason": "a look"})
        assert answer.status_code < 500


def test_a_request_whose_headers_are_no_addresses_is_answered(signed_in: httpx.Client, browser: Browser) -> None:
    for host in ("[", "[::1", "a b", "evil.example:x"):
        assert signed_in.get("/me", headers={"host": host}).status_code < 500
    assert browser().post("/me", headers={"referer": NO_ADDRESS}).status_code < 500
    assert browser().post("/sign-in", headers={"origin": NO_ADDRESS}).status_code == 403


def test_a_number_with_thousands_of_digits_is_a_ticket_that_is_not_there(signed_in: httpx.Client) -> None:
    report = {"kind": "repair", "source": "visit", "problem": "the lift is stuck", "need": "help"}
    assert signed_in.post("/tickets", data=report).status_code == 303
    assert signed_in.get(f"/tickets/1001/merge?into={'9' * 5000}").status_code == 409


def test_no_answer_sends_a_browser_to_the_host_that_the_request_named(signed_in: httpx.Client) -> None:
    for path in ("/tickets/", "/static", "/admin/people/", "/"):
        answer = signed_in.get(path, headers={"host": "evil.example"})
        assert "evil.example" not in answer.headers.get("location", "")


def test_every_answer_forbids_frames_and_foreign_scripts(signed_in: httpx.Client, address: str) -> None:
    assert is_safe(signed_in.get("/me"))
    assert is_safe(signed_in.get("/no-such-page"))
    assert is_safe(signed_in.get("/static/no-such-file"))
    assert is_safe(signed_in.get("/admin"))
    assert is_safe(signed_in.post("/me", headers={"origin": "http://evil.example"}))
    assert is_safe(signed_in.post("/me", data={"x": "y" * 100_000}))
    assert is_safe(signed_in.get("/api/v1/health"))
    assert "frame-ancestors 'none'" in says(address, b"GET /me HTTP/9.9\r\n\r\n")
    assert "frame-ancestors 'none'" in says(address, b"POST /me HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n")
