"""A tab of a real Chromium that notes whatever a page must not do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
_A_REFUSED_FORM = re.compile("responded with a status of (409|422)")
_NAVIGATED_AWAY = "net::ERR_ABORTED"


@dataclass
class Watched:
    """What the pages of one browser window have done wrong: errors, dialogs, requests that failed or went elsewhere."""

    address: str
    faults: list[str] = field(default_factory=list)
    forgiven: str = ""
    """A pattern for faults that the test brings about itself."""

    def watch(self, page: Page) -> None:
        page.on("console", lambda said: self._said(said.type, said.text))
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("requestfailed", lambda request: self._failed(request.url, request.failure or ""))
        page.on("request", lambda request: self._asked(request.url))

        def dialog(opened: object) -> None:
            self.faults.append("a dialog of the browser")
            opened.dismiss()  # type: ignore[attr-defined]

        page.on("dialog", dialog)

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not _A_REFUSED_FORM.search(text):
            self.faults.append(f"console: {text}")

    def _failed(self, url: str, why: str) -> None:
        if why != _NAVIGATED_AWAY:
            self.faults.append(f"failed: {url} {why}")

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"foreign: {url}")

    def check(self) -> None:
        left = [fault for fault in self.faults if not (self.forgiven and re.search(self.forgiven, fault))]
        assert left == []


@contextmanager
def window(browser: Browser, address: str, **options: object) -> Iterator[tuple[BrowserContext, Watched]]:
    """A window of its own, without the cookies of others; on leaving, all that its pages did wrong fails the test."""
    context = browser.new_context(base_url=address, **{"viewport": WIDE, "locale": "zh-CN", **options})  # type: ignore[arg-type]
    watched = Watched(address)
    context.on("page", watched.watch)
    try:
        yield context, watched
    finally:
        context.close()
    watched.check()
