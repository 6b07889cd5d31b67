"""Every page with two days of life and hostile names in it: without a fault, wide and narrow, for everybody."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from models import enrolment
from models.calls import calls
from models.clock import SystemClock
from models.database.store import Store
from models.guests import stays
from models.instance.home import Home
from models.instance.instance import RunningInstance
from models.people import people
from models.people.owners_file import OwnerRow
from models.policy import Policy
from models.roster import duty_log
from models.site import Site
from models.states.tickets import Source, TicketKind
from models.tables import Account
from models.text import masking, numbers
from models.tickets import intake
from models.tickets.intake import Facts
from phones.demo import life
from tests.browser.conftest import SignedIn
from tests.browser.tab import NARROW, WIDE

pytestmark = pytest.mark.browser

ADMINISTRATOR = "7060"
PAGES = {
    "7001": (
        "/agent",
        "/tickets",
        "/tickets?state=all",
        "/tickets/1001",
        "/tickets/new",
        "/tickets/1003/merge?into=1004",
        f"/tickets/1003/promise?due={SystemClock().now() + timedelta(days=1):%Y-%m-%dT%H:%M}",
        f"/tickets/1003/appointment?due={SystemClock().now() + timedelta(days=1):%Y-%m-%dT%H:%M}",
        "/rooms",
        "/rooms/1101",
        "/wakeups",
        "/roster",
        "/handover",
        "/me",
    ),
    "7020": ("/my-work", "/tickets", "/tickets/1002"),
    "7050": (
        "/wall",
        "/wall?tv=1",
        "/sheet",
        "/sheet?kind=week",
        "/sheet/trend/calls/calls",
        "/calls",
        "/quality",
        "/quality/staff/7001",
    ),
    ADMINISTRATOR: (
        *("/admin", "/admin/changes", "/admin/people", "/admin/people/7001", "/admin/people/new", "/admin/telephones"),
        *("/admin/people/7060", "/admin/site", "/admin/policy", "/admin/policy?q=R04", "/admin/policy/answer.rings"),
        *("/admin/policy/answer.mode", "/admin/policy/classes.complaint.on-site", "/admin/policy/monitoring.roles"),
        *("/admin/prompts", "/admin/prompts/goodbye"),
        *("/admin/owners?q=9-", "/admin/log", "/admin/backups"),
    ),
}
EVERY = [(number, path) for number, paths in PAGES.items() for path in paths]
HOSTILE = (
    "<script>document.title='hacked'</script>",
    '"><img src=x onerror=document.title=1>',
    "'; alert(1); //",
    "{{ 7*7 }}",
    "javascript:alert(1)",
    "</textarea><svg onload=alert(1)>",
    "王\u202e建国",
    "&lt;b&gt;",
)

FOREIGN = {"zh": re.compile(r"[A-Za-z]+"), "en": re.compile(r"[\u4e00-\u9fff]+")}
"""Words that a reader of that language should not have to read."""
KNOWN = re.compile(
    r"R\d\d(-\d+)?|GB/T|Asterisk|`?(\.venv/bin/)?hotline( [a-z-]+)+`?|"
    r"(site|policy)\.toml|var/[a-z]+|Opus|MP3|Excel|CSV|wav|JPEG|PNG|WebP|PCM|kHz"
    r"|kbps|dBFS|MB|\bms\b|English|中文|\S*\*{2,}\S*"
)
"""Names that are the same in both languages: rules, programs, files and their forms; masked numbers."""
WORDS_OF_THE_PAGE = """() => {
  const said = ["aria-label", "title", "placeholder"], words = [];
  for (const element of document.querySelectorAll("body *")) {
    if (element.closest("[translate=no], script")) continue;
    for (const name of said) if (element.getAttribute(name)) words.push(element.getAttribute(name));
    for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) words.push(node.data);
  }
  return words;
}"""


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, site: Site, policy: Policy) -> Path:
    """A database with two days of life, and with hostile names wherever people write."""
    file = tmp_path_factory.mktemp("lively") / "hotline.db"
    store = Store(f"sqlite:///{file}")
    store.migrate()
    store.write(enrolment.enrol, site)
    store.write(
        lambda session: session.add_all(
            Account(staff_number=one.number, administrator=one.number == ADMINISTRATOR) for one in site.staff
        )
    )
    life.fill(RunningInstance(Home(file.parent), site, policy, store, SystemClock()))
    _hostile(store, policy)
    store.close()
    return file


def _hostile(store: Store, policy: Policy) -> None:
    at = SystemClock().now()
    for place in range(100):
        text = HOSTILE[place % len(HOSTILE)]
        plain = text.replace("\u202e", "")
        facts = Facts(contact_name=plain[:40], contact_number="13900139000", problem=plain, need=plain, room=plain[:20])
        given = {
            "kind": TicketKind.REPAIR,
            "source": Source.TELEPHONE,
            "who": "7001",
            "language": "zh",
            "policy": policy,
        }
        store.write(intake.new, **given, facts=facts, at=at)
        whose = {"line": "8000", "mode": "hotline", "language": "zh", "at": at}
        store.write(calls.begin, channel_id=f"hostile-{place}", caller_number=plain[:30], **whose)
    rows = [
        OwnerRow(n, text.replace("\u202e", "")[:40], "9", str(n), (f"1390000{n:04}",)) for n, text in enumerate(HOSTILE)
    ]
    store.write(people.import_owners, rows, who="test", at=at)
    for text in HOSTILE[:6]:
        store.write(duty_log.write, text, who="7050", at=at)
    store.write(stays.check_in, "1103", [HOSTILE[1][:80]], who="7001", at=at)


def drawn(tab: Page, path: str) -> None:
    """The page is there, and says what it is."""
    answer = tab.goto(path)
    assert answer is not None
    assert answer.status == 200
    tab.wait_for_timeout(300)
    assert tab.title().endswith(("阳光花园", "Sunshine Garden"))
    assert tab.locator("h1").count() == 1
    assert tab.locator("[data-live-broken]").count() == 0


def foreign(tab: Page, language: str, site: Site) -> list[str]:
    """The words of the page in the other language, but for what people have written and names."""
    written = [*HOSTILE, *(one.name for one in site.staff), *life.GUESTS, *(owner[0] for owner in life.OWNERS)]
    written += [name[:most] for name in written for most in (20, 30, 40)]
    written += [masking.masked_name(name) or "" for name in written]
    written += [numbers.normal(text) or "" for text in HOSTILE]
    written += [f"{text[:most]}..." for text in HOSTILE for most in range(4, len(text))]
    written += [life.LOG, life.DONE, *(text for one in life.CONCERNS for text in (one.problem, one.need))]
    of_people = sorted({one.replace("\u202e", "") for one in written}, key=len, reverse=True)
    names = re.compile("|".join(map(re.escape, of_people)))
    texts = (names.sub("", KNOWN.sub("", text)) for text in tab.evaluate(WORDS_OF_THE_PAGE))
    return sorted({f"{word}: {text.strip()[:60]}" for text in texts for word in FOREIGN[language].findall(text)})


@pytest.mark.parametrize(("number", "path"), EVERY)
def test_a_page_is_drawn_in_the_readers_language_and_fits_a_telephone(
    signed_in: SignedIn, site: Site, number: str, path: str
) -> None:
    wide = signed_in(number, viewport=WIDE)
    drawn(wide, path)
    assert foreign(wide, "zh", site) == []
    narrow = signed_in(number, viewport=NARROW, locale="en-US", color_scheme="dark")
    drawn(narrow, path)
    assert foreign(narrow, "en", site) == []
    assert narrow.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
    if "tv=1" not in path:
        narrow.keyboard.press("?")
        said = narrow.locator("dialog#help")
        expect(said).to_be_visible()
        assert said.evaluate("(said) => said.scrollHeight <= said.clientHeight"), "help of more than one screen"


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize(("number", "path"), EVERY)
def test_a_page_has_nothing_serious_for_axe_to_find(signed_in: SignedIn, number: str, path: str, colours: str) -> None:
    tab = signed_in(number, color_scheme=colours)
    drawn(tab, path)
    assert tab.locator("html").get_attribute("data-bs-theme") == ("dark" if colours == "dark" else None)
    found = Axe().run(tab).response["violations"]
    serious = [
        (one["id"], node["target"], node["failureSummary"])
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]
    assert serious == []
