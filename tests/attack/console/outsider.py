"""Without an account: every route, made-up and ended sessions, other websites, odd hosts, paths and bodies."""

import hashlib
import socket
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

from tests.attack.console.browser import HOME, Browser, Page
from tests.attack.console.doors import FORM, Door, doors
from tests.attack.console.staged import (
    AGENT,
    MANAGER,
    NUMBER,
    PASSWORD,
    TECHNICIAN,
    Stage,
    changed,
    rows,
    uses,
)
from tests.attack.outcome import Outcome

_EVIL = "evil.example"
_OTHERS = (
    None,
    "null",
    f"http://{_EVIL}",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    f"http://127.0.0.1.{_EVIL}",
    "http://[",
)
_HOSTS = (_EVIL, "[", "[::1", f"127.0.0.1@{_EVIL}", f"{_EVIL}/tickets?", "a b", "", "127.0.0.1:99999999")
_PATHS = (
    "/static/../application.py",
    "/static/..%2f..%2f..%2fsite.toml",
    "/static/%2e%2e/%2e%2e/%2e%2e/secrets.toml",
    "/static/looks/..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/static//etc/passwd",
    "/static/%00",
    f"//{_EVIL}/",
    f"/%2f{_EVIL}/",
    f"/\\{_EVIL}/",
    f"/sign-in?then=//{_EVIL}/",
    f"/sign-in?then=https://{_EVIL}/",
    f"/sign-in?then=/%09/{_EVIL}/",
    f"/sign-in?then=/%5c{_EVIL}/",
    "/api/../tickets",
    "/tickets/1001%00",
    "/tickets/../admin",
    "/sign-in/link/%00",
    "/sign-in/link/..%2f..%2fsecrets.toml",
    "/admin/prompts/zh/..%2f..%2fsecrets.wav",
    "/" + "a" * 70_000,
    "/trust/hotline-authority-key.pem",
    "/openapi.json",
    "/docs",
)
_SECRETS = ("ari_password", "[sip]", "root:x:", "PRIVATE KEY", "Traceback")
_SERVED_WITHIN_S = 3.0


def judge(outcome: Outcome, what: str, page: Page, *, closed: bool = True, answered: bool = False) -> None:
    """`closed`: nothing may be shown or done. No answer may be framed, or run what is not ours."""
    outcome.tried()
    if page.status >= 500 or (answered and not page.status) or (closed and page.open):
        outcome.gets_in(f"{what}: {page.status} {page.text[:80]!r}")
    if page.status and not _is_safe(page):
        outcome.gets_in(f"{what}: {page.status} without the headers that forbid frames and scripts")
    if any(secret in page.text for secret in _SECRETS) or NUMBER in page.text:
        outcome.gets_in(f"{what}: the answer holds secrets")
    if _EVIL in page.goes_to.partition("?")[0] or page.goes_to.startswith(("//", "/\\", "http")):
        outcome.gets_in(f"{what}: sends a browser to {page.goes_to}")


def _is_safe(page: Page) -> bool:
    policy = next(iter(page.all("content-security-policy")), "")
    no_frames = "frame-ancestors 'none'" in policy
    return (
        no_frames
        and "default-src" in policy
        and "unsafe" not in policy
        and page.all("x-content-type-options") == ["nosniff"]
    )


def unchanged(stage: Stage, outcome: Outcome, what: str, tries: Iterable[None], *, but: tuple[str, ...] = ()) -> None:
    """Nothing is written by any of the tries."""
    before = rows(stage.world)
    for _ in tries:
        pass
    if tables := changed(before, rows(stage.world), but=but):
        outcome.gets_in(f"{what}: something was written into {', '.join(tables)}")


def closed_doors(stage: Stage) -> list[Door]:
    """Those that somebody without an account finds closed."""
    return [door for door in doors(ids(stage)) if door.rights]


def ids(stage: Stage) -> dict[str, int]:
    return {"ticket": stage.ticket, "recording": stage.closed, "photo": stage.photo, "view": stage.view}


def without_an_account(stage: Stage, outcome: Outcome) -> None:
    browser = Browser(stage.world)

    def tries() -> Iterator[None]:
        for door in closed_doors(stage)[:: stage.world.some(1, 3)]:
            yield judge(outcome, f"{door.method} {door.path} without an account", opened(browser, door))

    unchanged(stage, outcome, "without an account", tries())


def opened(browser: Browser, door: Door, *, origin: str | None = "") -> Page:
    return browser.post(door.path, FORM, origin=origin) if door.method == "POST" else browser.get(door.path)


def made_up_sessions(stage: Stage, outcome: Outcome, ended: str) -> None:
    """`ended`: the secret of a sign-in that is over."""
    world = stage.world
    kept = [row[0] for row in world.rows("SELECT sha256 FROM sign_ins")]
    secrets = [ended, hashlib.sha256(ended.encode()).hexdigest(), *kept[:3], "' OR 1=1 --", "%", "x" * 8000, AGENT, ""]
    for secret in secrets:
        for path in ("/me", "/tickets", f"/recordings/{stage.closed}/sound", "/live?who=7001-zh&watch=calls"):
            judge(outcome, f"{path} with the session {secret[:20]!r}", Browser(world, secret).get(path))


def other_websites(stage: Stage, outcome: Outcome, manager: Browser) -> None:
    """The manager is signed in, and looks at another website, which sends forms and opens streams in his name."""
    acts = [door for door in closed_doors(stage) if door.method == "POST"]
    origins = _OTHERS if stage.world.large else _OTHERS[:3]

    def tries() -> Iterator[None]:
        for place, door in enumerate(acts):
            for origin in origins if place < stage.world.some(10, 1) else (origins[place % len(origins)],):
                page = opened(manager, door, origin=origin)
                yield judge(outcome, f"{door.path} from {origin}", page)
            for method in ("GET", "PUT", "DELETE", "TRACE") if place < stage.world.some(10, 2) else ():
                page = manager.send(method, door.path)
                if method != "GET":
                    yield judge(outcome, f"{method} {door.path}", page)

    unchanged(stage, outcome, "another website", tries())
    for headers in ({"origin": f"http://{_EVIL}"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        page = manager.watches("calls,rack", f"{MANAGER}-zh", **headers)
        judge(outcome, f"the stream from {headers}", page)


def odd_requests(stage: Stage, outcome: Outcome, manager: Browser) -> None:
    """Hosts, paths and bodies that nobody's browser sends; both from nobody and from somebody signed in."""
    for browser in (Browser(stage.world), manager):
        for host in _HOSTS:
            for path in ("/", "/sign-in", "/tickets/", "/me"):
                page = browser.get(path, host=host)
                judge(outcome, f"{path} at the host {host!r}", page, closed=False)
                if _EVIL in page.text and browser is not manager:
                    outcome.gets_in(f"{path} at the host {host!r}: the page names it")
        for path in _PATHS:
            judge(outcome, path[:60], browser.get(path), closed=False)
        for referer in ("http://[", f"http://{_EVIL}//{_EVIL}/x", "x" * 5000):
            judge(outcome, f"a form from {referer[:30]}", browser.post("/me", {}, Referer=referer), closed=False)
    for page_of_form in ("//[", f"//{_EVIL}/", "http://[", "/live?who=7050-en&watch=calls", "/\x00", "/show"):
        form = {"page": page_of_form, "reason": "attack"}
        for path in ("/show", f"/tickets/{stage.ticket}/promise"):
            page = manager.post(path, form)
            judge(outcome, f"{path} asked for on {page_of_form}", page, closed=False, answered=True)


def bodies(stage: Stage, outcome: Outcome, manager: Browser) -> None:
    """Too long, without an end, of the wrong kind; the console goes on serving."""
    huge, origin = b"x" * 5_000_000, {"Origin": manager.origin}
    endless = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    multi = {"Content-Type": "multipart/form-data; boundary=e"}
    head = f"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: {manager.origin}\r\n".encode()
    judge(outcome, "a huge form", manager.send("POST", "/me", huge, origin))
    judge(outcome, "a huge photo", manager.send("POST", f"/tickets/{stage.other}/photos", huge * 4, origin | multi))
    judge(
        outcome,
        "a form with a thousand files",
        manager.send("POST", "/admin/prompts/goodbye/zh", b"--e\r\n" * 5000, origin | multi),
    )
    judge(outcome, "a form that is no form", manager.send("POST", "/me", b"\xff\xfe\x00", origin | multi), closed=False)
    judge(
        outcome,
        "a multipart form without an edge",
        manager.send("POST", "/me", b"x", origin | {"Content-Type": "multipart/form-data"}),
        closed=False,
    )
    for sent in (
        head + b"Transfer-Encoding: chunked\r\n\r\n" + endless * 40,
        head + b"Content-Length: -1\r\n\r\n",
        head + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        head + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /me HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
        b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
    ):
        judge(outcome, f"the request {sent[-60:]!r}", manager.says(sent))


def half_open(stage: Stage, outcome: Outcome, manager: Browser) -> None:
    """Requests that never end; the next one is answered at once."""
    starts = (
        b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nn",
    )
    with ExitStack() as stack:
        for number in range(stage.world.some(250, 60)):
            outcome.tried()
            try:
                line = stack.enter_context(socket.create_connection((HOME, manager.port), 2))
                line.sendall(starts[number % len(starts)])
            except OSError:
                continue
        began = time.monotonic()
        page = Browser(stage.world, manager.cookie, "127.0.0.7").get("/me")
        if page.status != 200 or time.monotonic() - began > _SERVED_WITHIN_S:
            outcome.loses(f"a page beside half-open requests: {page.status} after {time.monotonic() - began:.1f} s")


def links_and_cookies(stage: Stage, outcome: Outcome) -> None:
    """A first link is good once, also for four at a time; a cookie planted before signing in is worth nothing after."""
    for what, secret in (("over", stage.link(TECHNICIAN, good_for=timedelta(0))), ("made up", "x" * 43)):
        judge(outcome, f"a link that is {what}", uses(Browser(stage.world), secret))
    good = stage.link(TECHNICIAN)
    with ThreadPoolExecutor(4) as together:
        pages = list(together.map(lambda _: uses(Browser(stage.world), good), range(4)))
    outcome.tried(4)
    if sum(page.open for page in pages) != 1:
        outcome.gets_in(f"a first link used four times at once: {[page.status for page in pages]}")
    judge(outcome, "a link used before", uses(Browser(stage.world), good))
    for planted in ("attackers-choice", stage.signs_in(TECHNICIAN).cookie):
        outcome.tried()
        given = Browser(stage.world, planted).post("/sign-in", {"number": AGENT, "password": PASSWORD, "then": "/me"})
        if given.cookie in ("", planted):
            outcome.gets_in("a sign-in took the secret that the browser had before")
        if AGENT in Browser(stage.world, planted).get("/me").text:
            outcome.gets_in("a cookie planted before signing in is signed in after it")
