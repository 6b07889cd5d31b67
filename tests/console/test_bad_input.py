"""Silly and hostile input on pages: a clear refusal in the reader's words, nothing is changed, and nothing is lost."""

import html
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from sqlalchemy import func, select

from console.app import Whole
from models.database.store import Store
from models.instance.home import Home
from models.instance.instance import RunningInstance
from models.people import access_log, passwords, sign_ins
from models.policy import Policy
from models.site import Site
from models.states.people import SignInPlace
from models.tables import FIRST_NUMBER, Account, Ticket
from tests.console.conftest import Clock
from tests.served import served

pytestmark = pytest.mark.console

NEW = {
    "form": "new", "page": "/tickets/new", "kind": "repair", "severity": "ordinary", "source": "visit",
    "problem": "厨房漏水", "need": "派人修理", "contact_name": "李秀兰", "contact_number": "13700137000",
}  # fmt: skip
SignedIn = Callable[..., httpx.Client]
PASSWORD = "nine green bottles"


@pytest.fixture
def signed_in(home: Home, site: Site, policy: Policy, store: Store, clock: Clock) -> Iterator[SignedIn]:
    """A browser of somebody signed in; it follows where it is sent."""
    known = passwords.hashed(PASSWORD, number="")
    instance = RunningInstance(home, site, policy, store, clock)
    with served(lambda: Whole(instance), site, policy.api) as running, ExitStack() as browsers:
        address = running.address

        def sign_in(number: str, language: str = "zh") -> httpx.Client:
            account = Account(staff_number=number, language=language, password=known)
            store.write(lambda session: session.merge(account))
            secret = store.write(
                sign_ins.begin, number, place=SignInPlace.BROWSER, address="127.0.0.1", at=clock.moment
            )
            cookies = {"hotline": secret}
            headers = {"origin": address}
            browser = httpx.Client(base_url=address, headers=headers, cookies=cookies, follow_redirects=True)
            return browsers.enter_context(browser)

        yield sign_in


def alert(answer: httpx.Response) -> str:
    """Why it was refused, as the page says."""
    found = re.search(r'role="alert"><svg.*?</svg> (.*?)</div>', answer.text, re.DOTALL)
    assert found, answer.text[-300:]
    return found[1]


def tickets(store: Store) -> int:
    return store.read(lambda session: session.scalar(select(func.count()).select_from(Ticket)) or 0)


def shown(store: Store) -> list[str]:
    """The subjects of what the access log has of pages shown whole."""
    return [one.subject for one in store.read(access_log.newest, limit=9) if one.what == "names and numbers shown"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"problem": ""}, "请填写问题"),
        ({"problem": "\u200b \u2060\ufeff"}, "请填写问题"),
        ({"problem": "  \n "}, "请填写问题"),
        ({"problem": "漏\u202e水"}, "U+202E"),
        ({"problem": "漏" * 4001}, "4000"),
        ({"contact_number": "abc"}, "abc 不是电话号码"),
        ({"contact_number": "12"}, "12 不是电话号码"),
        ({"contact_number": "1" * 16}, "不是电话号码"),
        ({"building": "B" * 21}, "楼栋最多 20 个字"),
        ({"room": "1" * 21}, "房号最多 20 个字"),
        ({"contact_name": "王" * 81}, "联系人最多 80 个字"),
        ({"about_staff": "9999"}, "9999"),
    ],
)
def test_a_ticket_that_makes_no_sense_is_refused_in_words_and_keeps_what_was_typed(
    signed_in: SignedIn, store: Store, typed: dict[str, str], words: str
) -> None:
    answer = signed_in("7001").post("/tickets", data=NEW | typed)
    assert answer.status_code in (409, 422)
    assert words in alert(answer)
    assert "派人修理" in answer.text
    assert tickets(store) == 0


def test_a_repair_about_one_of_us_becomes_a_complaint_at_once(signed_in: SignedIn, store: Store) -> None:
    """R15-6."""
    answer = signed_in("7001").post("/tickets", data=NEW | {"about_staff": "7010"})
    assert "已改为投诉" in answer.text
    ticket = store.read(lambda session: session.get_one(Ticket, 1))
    assert (ticket.kind, ticket.about_staff) == ("complaint", "7010")
    refused = signed_in("7001").post(
        "/tickets/1001/classify", data={"kind": "repair", "severity": "ordinary", "page": "/tickets/1001"}
    )
    assert "R15-6" in alert(refused)


@pytest.mark.parametrize(
    ("page", "status"),
    [("//evil.example/x", 404), ("https://evil.example/", 404), ("/no/such/page", 404), ("/admin/people", 403),
     ("/tickets/4711", 404), ("/live?who=7001-zh&watch=wall", 404), ("/static/console.js", 404)],
)  # fmt: skip
def test_a_page_that_is_not_shown_is_not_logged_as_shown(
    signed_in: SignedIn, store: Store, page: str, status: int
) -> None:
    """R05-9: the log has what was seen, nothing else."""
    answer = signed_in("7001").post("/show", data={"page": page, "reason": "回电"})
    assert answer.status_code == status
    assert shown(store) == []


def test_a_page_that_is_shown_is_logged_with_its_reason(signed_in: SignedIn, store: Store) -> None:
    agent = signed_in("7001")
    agent.post("/tickets", data=NEW)
    assert "李秀兰" in agent.post("/show", data={"page": "/tickets/1001", "reason": "回电"}).text
    assert shown(store) == ["/tickets/1001: 回电"]
    again = agent.post("/show", data={"page": "/tickets/1001", "reason": "\u200b"})
    assert "李秀兰" not in again.text
    assert len(shown(store)) == 1


def test_a_step_that_is_not_possible_names_the_states_in_the_readers_language(signed_in: SignedIn) -> None:
    agent = signed_in("7001")
    agent.post("/tickets", data=NEW)
    refused = alert(agent.post("/tickets/1001/move", data={"to": "confirmed", "page": "/tickets/1001"}))
    assert re.search("现为新建，不能改为已确认；可改为：.*已派单", refused)
    assert not re.search("[a-z]", refused)


def test_a_field_that_cannot_be_understood_has_the_name_that_it_has_on_the_form(signed_in: SignedIn) -> None:
    agent = signed_in("7001")
    refused = alert(agent.post("/tickets", data=NEW | {"kind": "nonsense", "source": ""}))
    assert refused == "请检查：来源、类别"
    english = alert(signed_in("7001", "en").post("/tickets", data=NEW | {"kind": "nonsense", "source": ""}))
    assert english == "please check: kind, source"


@pytest.mark.parametrize("number", ["７００１", " 70 01 ", "7001\u200b", "\ufeff7001"])
def test_a_staff_number_is_understood_however_it_is_typed(signed_in: SignedIn, store: Store, number: str) -> None:
    agent = signed_in("7002")
    answer = agent.post("/tickets", data=NEW | {"about_staff": number})
    assert answer.status_code == 200
    assert store.read(lambda session: session.get_one(Ticket, 1)).about_staff == "7001"


def test_a_date_far_away_is_refused_before_it_is_read_back(signed_in: SignedIn) -> None:
    agent = signed_in("7001")
    agent.post("/tickets", data=NEW)
    for due in ("2099-01-01T10:00", "2020-01-01T10:00", "9999-12-31T23:59", "0001-01-01T00:00"):
        answer = agent.get("/tickets/1001/promise", params={"due": due})
        assert answer.status_code == 409
        assert alert(answer)


def test_a_long_body_is_answered_by_a_page_in_words(signed_in: SignedIn) -> None:
    agent = signed_in("7001")
    agent.post("/tickets", data=NEW)
    long = agent.post(
        f"/tickets/{FIRST_NUMBER + 1}/notes", data={"form": "note", "page": "/tickets/1001", "text": "长" * 9000}
    )
    assert long.status_code == 409
    assert "4000" in alert(long)
    assert "长" * 9000 in long.text
    longer = agent.post("/tickets/1001/notes", data={"text": "长" * 100_000})
    assert longer.status_code == 413
    assert longer.headers["content-type"].startswith("text/html")
    assert "内容太长" in longer.text


def test_what_was_typed_when_the_sign_in_ended_is_there_after_signing_in_again_and_not_submitted(
    signed_in: SignedIn, store: Store, clock: Clock
) -> None:
    agent = signed_in("7001")
    page = agent.get("/tickets/new").text
    assert 'name="who" value="7001"' in page
    clock.forward(hours=5)
    asked = agent.post("/tickets", data=NEW | {"who": "7001", "password": "not to be kept"})
    assert asked.status_code == 409
    assert "刚才填写的内容没有提交" in asked.text
    assert "not to be kept" not in asked.text
    form = {"number": "7001", "form": "sign-in", "page": "/sign-in", "kept": hidden(asked, "kept")}
    wrong = agent.post("/sign-in", data=form | {"password": "wrong"})
    assert "工号或密码不正确" in wrong.text
    again = agent.post("/sign-in", data=form | {"password": PASSWORD, "kept": hidden(wrong, "kept")})
    assert again.status_code == 200
    assert "还没有提交" in again.text
    assert ">厨房漏水</textarea>" in again.text
    assert 'value="13700137000"' in again.text
    assert tickets(store) == 0
    agent.post("/tickets", data=NEW)
    assert tickets(store) == 1


def test_somebody_else_who_signs_in_does_not_see_what_was_typed(signed_in: SignedIn, clock: Clock) -> None:
    agent = signed_in("7001")
    clock.forward(hours=5)
    asked = agent.post("/tickets", data=NEW | {"who": "7001"})
    other = {"number": "7002", "password": PASSWORD, "kept": hidden(asked, "kept")}
    assert "厨房漏水" not in agent.post("/sign-in", data=other).text


@pytest.mark.parametrize(
    "kept",
    [
        "x",
        "[]",
        '["7001", "//evil.example/", {}]',
        '["7001", "/live?who=7001-zh&watch=wall", {}]',
        "[1, 2, 3]",
        "[" * 5000,
    ],
)
def test_a_made_up_form_is_not_shown_after_signing_in(signed_in: SignedIn, clock: Clock, kept: str) -> None:
    agent = signed_in("7001")
    clock.forward(hours=5)
    form = {"number": "7001", "password": PASSWORD, "kept": kept, "then": "/me"}
    assert agent.post("/sign-in", data=form).url.path == "/me"


def test_another_site_leaves_no_form_to_be_shown(signed_in: SignedIn, clock: Clock) -> None:
    agent = signed_in("7001")
    clock.forward(hours=5)
    refused = agent.post("/tickets", data=NEW | {"who": "7001"}, headers={"origin": "https://evil.example"})
    assert "厨房漏水" not in refused.text


def test_filters_are_there_after_signing_in_again(signed_in: SignedIn, clock: Clock) -> None:
    agent = signed_in("7001")
    clock.forward(hours=5)
    asked = agent.get("/tickets?kind=complaint&q=水")
    assert asked.url.params["then"] == "/tickets?kind=complaint&q=%E6%B0%B4"


def hidden(answer: httpx.Response, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(f'name="{name}" value="(.*?)"', answer.text)
    assert found
    return html.unescape(found[1])


def test_a_date_more_than_a_year_ahead_is_a_slip_of_the_pen(signed_in: SignedIn, clock: Clock) -> None:
    agent = signed_in("7001")
    agent.post("/rooms/1101/guests", data={"name": "李秀兰", "page": "/rooms/1101"})
    wake = {"time_of_day": "06:30", "day": "2099-12-31", "page": "/rooms/1101", "form": "wake"}
    absent = {"first": "2026-03-05", "last": "2099-12-31", "reason": "探亲", "page": "/roster", "form": "absence"}
    for path, form in (("/rooms/1101/wakeups", wake), ("/roster/absences", absent)):
        assert "2099-12-31 离现在超过一年" in alert(agent.post(path, data=form))


def test_a_view_has_a_name_that_can_be_seen(signed_in: SignedIn) -> None:
    refused = signed_in("7001").post("/tickets/views", data={"name": "\u200b", "filters": "", "page": "/tickets"})
    assert "请给视图起个名称" in alert(refused)
