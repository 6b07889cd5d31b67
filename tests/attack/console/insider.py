"""Staff whose posts may do little: others' pages and acts, tickets and recordings, and a complaint about them."""

from collections.abc import Iterator
from urllib.parse import quote

from console.live.registry import BOARDS
from models.people.rights import Right
from tests.attack.console.browser import Browser, Page
from tests.attack.console.doors import FORM, doors
from tests.attack.console.outsider import ids, judge, opened, unchanged
from tests.attack.console.staged import (
    AGENT,
    COMPLAINED,
    COMPLAINER,
    GUEST,
    NAME,
    NUMBER,
    PLACE,
    TECHNICIAN,
    Stage,
)
from tests.attack.outcome import Outcome

_RIGHTS = {
    AGENT: {Right.CALLS, Right.TICKETS, Right.HANDLE, Right.PERSONAL, Right.DESK},
    TECHNICIAN: {Right.CALLS, Right.TICKETS, Right.HANDLE},
}
"""What the posts may do; written down, not asked of the code that is tried."""
_ACTS = ("move", "dispatch", "receive", "notes", "promise", "postpone", "refer", "merge", "about", "classify", "facts")
_SEEN = ("access_log", "access_head")
_WORDS = ("text", "search", "name", "caller", "contact_name", "contact_number", "number", "owner_id", "sort", "order")


def other_posts_pages(stage: Stage, outcome: Outcome, number: str, browser: Browser) -> None:
    """Every page and act for which the post lacks the right: refused, and nothing is written."""
    closed = [door for door in doors(ids(stage)) if door.rights - _RIGHTS[number]]

    def tries() -> Iterator[None]:
        for door in closed[:: stage.world.some(1, 3)]:
            page = opened(browser, door)
            yield judge(outcome, f"{number}: {door.method} {door.path}", page)
            if page.status != 403:
                outcome.gets_in(f"{number}: {door.method} {door.path} is not refused: {page.status}")
            if door.method == "POST":
                shown = browser.post("/show", {"page": door.path, "reason": "attack"})
                yield judge(outcome, f"{number}: {door.path} by /show", shown)

    unchanged(stage, outcome, f"{number} at other posts' pages", tries(), but=_SEEN)
    watched = ",".join(sorted(BOARDS))
    stream = browser.watches(watched, f"{number}-zh")
    outcome.tried(len(BOARDS))
    if Right.DESK not in _RIGHTS[number] and GUEST in stream.text:
        outcome.gets_in(f"{number}: the stream shows the guests")


def complaint_about_himself(stage: Stage, outcome: Outcome, agent: Browser) -> None:
    """Only that it exists, and its state; it cannot be changed, heard, found, or looked at in another way (R15-6)."""
    ticket, event = stage.ticket, f"ticket?{stage.ticket}.0"
    addresses = [door.path for door in doors(ids(stage)) if door.method == "GET" and not door.rights - _RIGHTS[AGENT]]
    sought = [f"/tickets?state=all&{field}={quote(value)}" for field, value in _facts()]
    merged = [f"/tickets/{stage.other}/merge?into={ticket}", f"/tickets/{ticket}/merge?into={stage.other}"]
    for path in [*addresses, *sought, *merged]:
        if not path.startswith("/live"):
            page = agent.get(path)
            judge(outcome, f"{path}, by whom it is about", page, closed=False)
            _shows_nothing(outcome, path, page)
            if path.startswith("/tickets?") and f"/tickets/{ticket}" in page.text:
                outcome.gets_in(f"{path}: finds the complaint by what is hidden")
    for reveals in (f"/tickets/{ticket}", "/tickets?state=all", "/agent", "/handover"):
        page = agent.post("/show", {"page": reveals, "reason": "attack"})
        judge(outcome, f"{reveals} shown whole", page, closed=False)
        _shows_nothing(outcome, f"{reveals} shown whole", page)
    for field, value in (("caller", COMPLAINER), ("name", "诸葛不满")):
        page = agent.post("/tickets/of-a-person", {field: value, "reason": "attack"})
        outcome.tried()
        if f"/tickets/{ticket}" in page.text or COMPLAINED in page.text:
            outcome.gets_in(f"the complaint is found by the {field} of who complained")
    _shows_nothing(outcome, "the stream", agent.watches(f"{event},my-call,my-wrap-up,calls", f"{AGENT}-zh"))
    for path in (
        f"/recordings/{stage.closed}/sound",
        f"/recordings/{stage.closed}/drawing.svg",
        f"/photos/{stage.photo}",
    ):
        judge(outcome, f"{path} of a complaint about him", agent.get(path))
    acts(stage, outcome, agent, ticket)


def _facts() -> list[tuple[str, str]]:
    return [("q", COMPLAINED), ("q", COMPLAINER), ("q", "诸葛不满"), ("room", PLACE), ("building", "3"), ("q", PLACE)]


def _shows_nothing(outcome: Outcome, what: str, page: Page) -> None:
    outcome.tried()
    looked_for = {"q=", "room="}
    said = [] if any(word in what for word in looked_for) else [COMPLAINED, COMPLAINER, PLACE, "诸葛"]
    if found := [word for word in said if word in page.text]:
        outcome.gets_in(f"{what}: shows {found} of a complaint to whom it is about")


def acts(stage: Stage, outcome: Outcome, browser: Browser, ticket: int) -> None:
    """Every act on this ticket, and merging others into it; nothing is written."""

    def tries() -> Iterator[None]:
        for act in _ACTS:
            page = browser.post(f"/tickets/{ticket}/{act}", FORM | {"into": str(stage.other), "kind": "enquiry"})
            yield judge(outcome, f"{act} on ticket {ticket}", page)
        for path, form in (
            (f"/tickets/{stage.other}/merge", {"into": str(ticket)}),
            (f"/my-work/{ticket}", {"to": "accepted"}),
            (f"/my-work/{ticket}/notes", {}),
        ):
            yield judge(outcome, f"{path} with {form}", browser.post(path, FORM | form))

    unchanged(stage, outcome, f"acts on ticket {ticket}", tries(), but=_SEEN)


def others_things(stage: Stage, outcome: Outcome, technician: Browser, agent: Browser) -> None:
    """Tickets of another department, recordings by their number, and what is a colleague's own."""
    for path in (f"/tickets/{stage.other}", f"/recordings/{stage.foreign}/sound", f"/recordings/{stage.loose}/sound"):
        judge(outcome, f"{path} by another department", technician.get(path))
    judge(outcome, "a recording without a ticket", agent.get(f"/recordings/{stage.loose}/sound"))
    for recording in range(1, stage.world.some(60, 10)):
        judge(outcome, f"recording {recording}", technician.get(f"/recordings/{recording}/sound"))
    acts(stage, outcome, technician, stage.other)
    (theirs,) = stage.world.rows("SELECT max(id) FROM sign_ins WHERE staff_number = '7050' AND ended_at IS NULL")[0]

    def tries() -> Iterator[None]:
        for path, form in (
            (f"/me/sign-ins/{theirs}/end", {}),
            (f"/tickets/views/{stage.view}/forget", {}),
            ("/agent/calls/1", {"severity": ""}),
            ("/agent/results/1", {}),
            ("/handover/1/take", {}),
        ):
            page = agent.post(path, FORM | form)
            yield judge(outcome, path, page, closed=path.startswith("/agent"))

    unchanged(stage, outcome, "what is a colleague's own", tries(), but=_SEEN)


def masked(stage: Stage, outcome: Outcome, browser: Browser) -> None:
    """What is masked is not shown without a reason, and the right value is not told from a wrong one by any filter."""
    for right, wrong in ((NAME, "欧阳错误"), (NUMBER, "13612340000"), (NUMBER[-4:], "0000"), (NAME[:2], "欧洋")):
        for word in ("q", *_WORDS):
            outcome.tried(2)
            pages = [browser.get(f"/tickets?state=all&{word}={quote(value)}") for value in (right, wrong)]
            if len({(page.status, page.text.count(f"/tickets/{stage.other}")) for page in pages}) > 1:
                outcome.gets_in(f"{word}: the right {right} is told from a wrong one, though it is masked")
    for path in ("/tickets?state=all", f"/tickets/{stage.other}", "/agent", "/my-work", f"/tickets/{stage.other + 1}"):
        page = browser.get(path)
        outcome.tried()
        if NAME in page.text or NUMBER in page.text:
            outcome.gets_in(f"{path}: shows a whole name or number without a reason")
    for form in ({"page": "/tickets?state=all"}, {"page": "/tickets?state=all", "reason": "  "}):
        judge(outcome, "to see whole names without a reason", browser.post("/show", form))
