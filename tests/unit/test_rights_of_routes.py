"""Each route of pages, stream and REST API says who may use it; the table is made from the routers themselves."""

from collections.abc import Iterator
from typing import Annotated

import pytest
from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.datastructures import State

from console.app import Whole
from console.pages.application import pages
from console.pages.visitor import Visitor, may
from models.clock import SystemClock
from models.database.store import Store
from models.instance.home import PROJECT_ROOT, Home
from models.instance.instance import RunningInstance
from models.people.rights import Right
from models.policy import Policy
from models.site import Site
from models.states.people import May
from models.text.fields import FIELDS

pytestmark = pytest.mark.unit

FOR_EVERYBODY = {
    ("GET", "/"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("GET", "/sign-in/link/{secret}"),
    ("POST", "/sign-in/link/{secret}"),
    ("POST", "/sign-out"),
    ("GET", "/trust"),
    ("GET", "/trust/hotline-authority.crt"),
    ("GET", "/api/v1/health"),
}
"""Who is not signed in, or has no token, may use these; a further one is a decision, and is written here."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("home")
    site = Site.load(PROJECT_ROOT / "site.example.toml")
    policy = Policy.load(PROJECT_ROOT / "policy.toml", site)
    store = Store(f"sqlite:///{folder}/hotline.db")
    store.close()
    return Whole(RunningInstance(Home(folder), site, policy, store, SystemClock()))


def rights(dependant: Dependant) -> Iterator[Right | May | None]:
    """Of each dependency that decides who may use the route; None is everybody."""
    for one in dependant.dependencies:
        if hasattr(one.call, "right"):
            yield one.call.right
        yield from rights(one)


def table(router: APIRouter, prefix: str = "") -> dict[tuple[str, str], set[Right | May | None]]:
    """The rights of every route by method and path, also of routers inside this one."""
    found = {}
    for route in router.routes:
        if isinstance(route, APIRoute):
            found |= {(method, prefix + route.path): set(rights(route.dependant)) for method in route.methods}
        elif (inner := getattr(route, "original_router", None)) is not None:
            found |= table(inner, prefix + route.include_context.prefix)
    return found


def test_each_route_of_the_pages_names_its_right(whole: Whole) -> None:
    routes = table(whole.pages.router)
    assert len(routes) > 10
    assert {route for route, named in routes.items() if not named} == set()
    assert {route for route, named in routes.items() if None in named} == FOR_EVERYBODY - {("GET", "/api/v1/health")}


def test_each_route_of_the_rest_api_names_its_right(whole: Whole) -> None:
    routes = table(whole.api.router)
    assert len(routes) > 10
    assert {route for route, named in routes.items() if not named} == {("GET", "/api/v1/health")}
    assert all(isinstance(right, May) for named in routes.values() for right in named)


def test_each_act_of_a_page_is_a_form_that_is_posted(whole: Whole) -> None:
    """A link changes nothing: browsers follow links by themselves."""
    assert {method for method, _ in table(whole.pages.router)} <= {"GET", "POST"}


def test_a_route_without_a_right_is_found() -> None:
    router = APIRouter()
    router.add_api_route("/open", lambda: None)

    @router.get("/closed")
    def closed(visitor: Annotated[Visitor, may(Right.LEADER)]) -> None: ...

    assert table(router) == {("GET", "/open"): set(), ("GET", "/closed"): {Right.LEADER}}


SET_BY_THE_PAGE = {"change", "form", "kept", "read_back"}
"""Fields in which nobody types or chooses."""


def typed(dependant: Dependant) -> Iterator[str]:
    """The names of the fields that a route reads from its form."""
    for one in dependant.body_params:
        model = one.field_info.annotation
        yield from model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else [one.alias]
    for inner in dependant.dependencies:
        yield from typed(inner)


def routes(router: APIRouter) -> Iterator[APIRoute]:
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif (inner := getattr(route, "original_router", None)) is not None:
            yield from routes(inner)


def test_each_field_of_a_form_has_words_for_the_messages_about_it() -> None:
    names = {name for route in routes(pages(State()).router) for name in typed(route.dependant)}
    assert len(names) > 50
    assert names - SET_BY_THE_PAGE - set(FIELDS) == set()
    assert set(FIELDS) - names == set(), "words of no field"
