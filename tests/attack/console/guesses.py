"""Guessed passwords of staff: over one account from many addresses, over all from one, many at once."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from tests.attack.console.browser import HOME, Browser, Page
from tests.attack.console.staged import COLLEAGUE, PASSWORD, Stage
from tests.attack.outcome import Outcome

_COMMON = ("password12", "hotline1234", "woaini1314", "1q2w3e4r5t", "admin12345", "zhongguo123", COLLEAGUE, "")
_AT_ONCE = 4


def guesses(stage: Stage, outcome: Outcome) -> None:
    """Once they are slowed, not even the right password is heard from there; the person herself still gets in."""
    policy = stage.world.hotline.policy.console
    looked_at = _looked_at(stage)
    for number in range(stage.world.some(40, policy.tries + 2)):
        _judge(outcome, _guess(stage, f"127.0.4.{number + 1}", COLLEAGUE, _COMMON[number % len(_COMMON)]))
    _judge(outcome, _guess(stage, "127.0.4.250", COLLEAGUE, PASSWORD))
    _is_slowed(outcome, "one account", _looked_at(stage) - looked_at, policy.tries)

    outcome.tried()
    if _guess(stage, HOME, COLLEAGUE, PASSWORD).status != 303:
        outcome.loses(f"{COLLEAGUE} herself cannot sign in where she has been before")
    if stage.world.large:
        over_all(stage, outcome, policy.address_tries)


def over_all(stage: Stage, outcome: Outcome, free: int) -> None:
    """One password at the account of each of the staff, and at numbers that nobody has, several at once."""
    looked_at, staff = _looked_at(stage), [one.number for one in stage.world.hotline.site.staff]
    numbers = [*staff, *(str(number) for number in range(7800, 7800 + free))]
    with ThreadPoolExecutor(_AT_ONCE) as together:
        pages: Iterable[Page] = together.map(lambda number: _guess(stage, "127.0.4.251", number, "password12"), numbers)
        for page in pages:
            _judge(outcome, page)
    _is_slowed(outcome, "many accounts", _looked_at(stage) - looked_at, free)


def _guess(stage: Stage, address: str, number: str, password: str) -> Page:
    form = {"number": number, "password": password, "form": "sign-in", "page": "/sign-in"}
    return Browser(stage.world, source=address).post("/sign-in", form)


def _judge(outcome: Outcome, page: Page) -> None:
    outcome.tried()
    if page.cookie or page.status not in (409, 422):
        outcome.gets_in(f"a guessed password of the staff: {page.status}")


def _looked_at(stage: Stage) -> int:
    """How many guesses have been compared with a password."""
    ((count,),) = stage.world.rows("SELECT count(*) FROM sign_in_tries")
    return int(count)


def _is_slowed(outcome: Outcome, what: str, compared: int, free: int) -> None:
    """One more than the free ones may be, whose wait is over meanwhile."""
    if compared > free + 1:
        outcome.gets_in(f"guessing at {what}: {compared} guesses were compared, {free} are free")
