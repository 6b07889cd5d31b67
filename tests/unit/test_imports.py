"""Imports point down only, and each library is used in one place."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.instance.home import PROJECT_ROOT

pytestmark = pytest.mark.unit

OURS = ("hotline", "ivr", "scheduler", "dialplan", "console", "recordings", "models", "phones")
MAY_IMPORT = {
    "hotline": set(OURS),
    "ivr": {"recordings", "models"},
    "scheduler": {"recordings", "models"},
    "dialplan": {"recordings", "models"},
    "console": {"recordings", "models"},
    "recordings": {"models"},
    # Fake people and phones, for tests and the demonstration, know nothing of the service they call.
    "phones": {"recordings", "models"},
    "models": set(),
}
FLOORS = {
    # Rooms of models/: each may import only those of lower floors, and itself.
    "clock": 1,
    "errors": 1,
    "language": 1,
    "states": 1,
    "settings": 2,
    "time": 2,
    "text": 2,
    "tables": 2,
    "migrations": 3,
    "database": 3,
    "site": 3,
    "policy": 4,
    "instance": 5,
    "people": 4,
    "events": 5,
    "calls": 6,
    "tickets": 7,
    "guests": 7,
    "roster": 8,
    "surveys": 8,
    "health": 8,
    "quality": 8,
    "reports": 8,
    "enrolment": 8,
}
ONLY_IN = {
    "aiohttp": ["ivr/ari/"],
    "asterisk": ["dialplan/"],
    "argon2": ["models/people/passwords.py"],
    "apscheduler": ["scheduler/app.py"],
    "PIL": ["models/tickets/pictures.py"],
    "phonenumbers": ["models/text/number_class.py"],
    "pydub": ["recordings/audio.py"],
    "xlsxwriter": ["models/reports/xlsx.py"],
    "smtplib": ["scheduler/mail.py"],
    "fastapi": ["console/"],
    "h11": ["console/connections.py"],
    "httpx": ["scheduler/post.py"],
    "uvicorn": ["console/connections.py"],
}


MAY_IMPORT_FLOWS = ("ivr/flows/", "ivr/app.py")
"""Everything else gets a conversation from the house (`Conversations`)."""


def modules() -> list[Path]:
    return sorted(path.relative_to(PROJECT_ROOT) for package in OURS for path in (PROJECT_ROOT / package).rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Each absolute import anywhere in the file, with its line; `from models import clock` is models.clock."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from ((node.lineno, name) for name in (inside if node.module in OURS else [node.module]))


def parsed() -> Iterator[tuple[Path, ast.Module]]:
    for path in modules():
        yield path, ast.parse((PROJECT_ROOT / path).read_text(encoding="utf-8"))


def _upwards(path: Path, name: str) -> Iterator[str]:
    room, other = path.with_suffix("").parts[1], name.split(".")[1]
    if room != other and FLOORS[other] >= FLOORS[room]:
        yield f"floor {FLOORS[room]} ({room}) may not use floor {FLOORS[other]} ({other})"


def broken_rules(path: Path, tree: ast.AST) -> Iterator[str]:
    package = path.parts[0]
    for line, name in imported(tree):
        top = name.partition(".")[0]
        if top in OURS and top != package and top not in MAY_IMPORT[package]:
            allowed = sorted(MAY_IMPORT[package]) or "nothing of ours"
            yield f"{path}:{line} imports {name}: {package} may import only {allowed}"
        if top in ONLY_IN and not any(path.as_posix().startswith(place) for place in ONLY_IN[top]):
            yield f"{path}:{line} imports {name}: only {', '.join(ONLY_IN[top])} may"
        if package == "models" and top == "models":
            yield from (f"{path}:{line} imports {name}: {fault}" for fault in _upwards(path, name))
        if name.startswith("ivr.flows") and package == "ivr" and not path.as_posix().startswith(MAY_IMPORT_FLOWS):
            yield f"{path}:{line} imports {name}: only {', '.join(MAY_IMPORT_FLOWS)} may"
        if package == "models" and top == "asyncio":
            yield f"{path}:{line} imports asyncio: models are plain, synchronous truth"


def test_imports_point_down_and_each_library_has_its_one_file() -> None:
    assert modules(), "no modules found: the test looks in the wrong place"
    assert [rule for path, tree in parsed() for rule in broken_rules(path, tree)] == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("ivr/x.py", "import scheduler.app"),
        ("scheduler/x.py", "def f():\n    from ivr.ari import Ari"),
        ("recordings/x.py", "from ivr import call"),
        ("models/clock.py", "import recordings"),
        ("models/clock.py", "import asyncio"),
        ("models/people/x.py", "from models.guests import rooms"),
        ("models/people/x.py", "def f():\n    from models import enrolment"),
        ("models/tickets/x.py", "from models.guests.rooms import Room"),
        ("models/states/x.py", "from models.time.days import Day"),
        ("ivr/call.py", "from aiohttp import ClientSession"),
        ("scheduler/scans.py", "import apscheduler.triggers"),
        ("ivr/x.py", "from asterisk.agi import AGI"),
        ("ivr/talk.py", "from ivr.flows.transfer import transfer"),
    ],
)
def test_a_forbidden_import_is_found_even_inside_a_function(path: str, source: str) -> None:
    assert len(list(broken_rules(Path(path), ast.parse(source)))) == 1


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_the_page_gives_each_room_of_models_its_floor(page: str) -> None:
    rows = re.findall(r"^\| ([1-8]) \| ([^|]+) \|", (PROJECT_ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    written = {room: int(floor) for floor, rooms in rows for room in re.findall(r"[a-z]+", rooms)}
    assert written == FLOORS


def test_only_the_clock_reads_the_time_of_day() -> None:
    """Calendar time is passed in, so that a test and a scan decide what "now" is."""
    readers = [
        f"{path}:{node.lineno}"
        for path, tree in parsed()
        if path != Path("models/clock.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"now", "utcnow", "today"}
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date", "dt"}
    ]
    assert readers == []


def test_every_module_opens_with_a_sentence_and_stays_under_400_lines() -> None:
    faults = []
    for path, tree in parsed():
        if not ast.get_docstring(tree):
            faults.append(f"{path} has no opening sentence")
        lines = len((PROJECT_ROOT / path).read_text(encoding="utf-8").splitlines())
        if lines >= 400:
            faults.append(f"{path} has {lines} lines")
    assert faults == []
