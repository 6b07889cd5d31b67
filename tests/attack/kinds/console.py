"""The console from outside and from below: what counts is what was shown, written or changed."""

from tests.attack.console import guesses, insider, outsider
from tests.attack.console.browser import Browser
from tests.attack.console.staged import AGENT, COLLEAGUE, MANAGER, TECHNICIAN, Stage, staged, with_photo
from tests.attack.outcome import Kind, Outcome
from tests.attack.world import World


def attack(world: World, outcome: Outcome) -> None:
    # The hotline is ready to be called before its console is.
    world.hotline.until(lambda: Browser(world).get("/sign-in").status == 200, "console", 30)
    stage = staged(world)
    # What other attacks have left may still ring somebody; a click to call would be a row.
    with world.watched(outcome, "a visitor of the console", may_ring=tuple(world.phones), calls=1000, settles=False):
        manager, agent, technician = (stage.signs_in(number) for number in (MANAGER, AGENT, TECHNICIAN))
        stage.photo = with_photo(stage, manager)
        can_be_reached(stage, outcome, manager)
        outsider.without_an_account(stage, outcome)
        over = stage.signs_in(COLLEAGUE)
        over.post("/sign-out", {})
        outsider.made_up_sessions(stage, outcome, over.cookie)
        outsider.other_websites(stage, outcome, manager)
        outsider.odd_requests(stage, outcome, manager)
        outsider.bodies(stage, outcome, manager)
        insider.other_posts_pages(stage, outcome, AGENT, agent)
        insider.other_posts_pages(stage, outcome, TECHNICIAN, technician)
        insider.complaint_about_himself(stage, outcome, agent)
        insider.others_things(stage, outcome, technician, agent)
        insider.masked(stage, outcome, agent)
        insider.masked(stage, outcome, technician)
        outsider.links_and_cookies(stage, outcome)
        outsider.half_open(stage, outcome, manager)
        guesses.guesses(stage, outcome)


def can_be_reached(stage: Stage, outcome: Outcome, manager: Browser) -> None:
    """What the attackers are after is there for the one who may have it: otherwise nothing is proved."""
    for path in (f"/tickets/{stage.ticket}", f"/recordings/{stage.closed}/sound", f"/photos/{stage.photo}", "/admin"):
        if (status := manager.get(path).status) != 200:
            outcome.loses(f"{path} is not there for the manager: {status}")


KIND = Kind("console", "read, write or change something on the console without the right", attack, this_build=True)
