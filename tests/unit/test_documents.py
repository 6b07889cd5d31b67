"""Pages for a property office exist in Chinese and English under the same headings, and every link leads somewhere."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer
from rich.cells import cell_len

from hotline.cli import app
from models.instance.home import PROJECT_ROOT

pytestmark = pytest.mark.unit

DOCS = PROJECT_ROOT / "docs"
IN_BOTH = [
    "agents",
    "clocks",
    "commands",
    "escalation",
    "features",
    "follow-up",
    "install",
    "monitoring",
    "operation",
    "reports",
    "roster",
    "security",
    "settings",
    "tickets",
    "transfers",
    "trunks",
    "voice",
    "wake-up",
]
"""Pages of docs/ that must also be in docs/zh/."""
TRANSLATED = sorted(page.stem for page in (DOCS / "zh").glob("*.md"))
PAGES = sorted([*PROJECT_ROOT.glob("*.md"), *DOCS.rglob("*.md")])

_FENCED = re.compile(r"^ *(```|~~~).*?^ *\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_HEADING = re.compile(r"^(#{1,6}) +(.+?) *#*$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_ELSEWHERE = re.compile(r"[a-z]+:")


def text(page: Path) -> str:
    """The prose alone: a line in a code fence is no heading and no link."""
    return _FENCED.sub("", page.read_text(encoding="utf-8"))


def levels(prose: str) -> list[int]:
    return [len(marks) for marks, _ in _HEADING.findall(prose)]


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings: words with hyphens, and -1 for the second of a name."""
    names: list[str] = []
    for _, heading in _HEADING.findall(text(page)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        names.append(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    seen: Counter[str] = Counter()
    found = set()
    for name in names:
        found.add(f"{name}-{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return found


def broken_links(page: Path) -> Iterator[str]:
    for link in _LINK.findall(_CODE.sub("", text(page))):
        if _ELSEWHERE.match(link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            yield f"{link}: there is no such file"
        elif anchor and anchor not in anchors(target):
            yield f"{link}: there is no such heading; there are {sorted(anchors(target))}"


def halves(prose: str) -> list[str]:
    """Each heading of the first level with the text that follows it."""
    return ["# " + half for half in re.split(r"^# ", prose, flags=re.MULTILINE)[1:]]


def commands(command: Any, words: str) -> Iterator[str]:
    """Each command that does something, in the words that a user types."""
    group = getattr(command, "commands", None)
    if group is None or command.invoke_without_command:
        yield words
    for name, one in (group or {}).items():
        yield from commands(one, f"{words} {name}")


COMMANDS = [*commands(typer.main.get_command(app), ".venv/bin/hotline")][1:]
SHOWN_BESIDE = {
    ".venv/bin/hotline ticket show",
    ".venv/bin/hotline ticket explain",
    ".venv/bin/hotline tickets move",
    ".venv/bin/hotline tickets about",
}
"""Short names of commands; the pages show them beside the full ones."""


@pytest.mark.parametrize("page", ["commands.md", "zh/commands.md"])
def test_the_page_of_commands_lists_every_command(page: str) -> None:
    prose = (DOCS / page).read_text(encoding="utf-8")
    missing = [one for one in COMMANDS if one not in SHOWN_BESIDE and not re.search(rf"`{re.escape(one)}[ `]", prose)]
    assert len(COMMANDS) > 80
    assert missing == []
    for one in SHOWN_BESIDE:
        assert f"`{one.removeprefix('.venv/bin/hotline ')}`" in prose


@pytest.mark.parametrize("name", IN_BOTH)
def test_pages_for_the_property_office_exist_in_both_languages(name: str) -> None:
    assert (DOCS / f"{name}.md").is_file()
    assert (DOCS / "zh" / f"{name}.md").is_file()


@pytest.mark.parametrize("name", TRANSLATED)
def test_both_languages_have_the_same_headings(name: str) -> None:
    english, chinese = text(DOCS / f"{name}.md"), text(DOCS / "zh" / f"{name}.md")
    assert levels(chinese) == levels(english)
    assert len(levels(english)) > 1


def test_both_halves_of_the_readme_have_the_same_headings() -> None:
    chinese, english = halves(text(PROJECT_ROOT / "README.md"))
    assert levels(chinese) == levels(english)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT_ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    assert list(broken_links(page)) == []


@pytest.mark.parametrize(
    ("link", "why"),
    [("nowhere.md", "there is no such file"), ("#no-such-heading", "there is no such heading")],
)
def test_a_link_that_leads_nowhere_is_found(link: str, why: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# A heading\n[one]({link}), [another](#a-heading), `[code](gone.md)`\n", encoding="utf-8")
    (broken,) = broken_links(page)
    assert broken.startswith(f"{link}: {why}")


@pytest.mark.parametrize("picture", sorted((DOCS / "images").glob("*.svg")), ids=lambda picture: str(picture.stem))
def test_each_chinese_character_in_the_pictures_takes_two_cells_in_every_font(picture: Path) -> None:
    drawn = re.findall(r'<text class="terminal-r\d+" x="([\d. ]+)"[^>]*>([^<]*)</text>', picture.read_text("utf-8"))
    chinese = [(x.split(), words) for x, escaped in drawn if not (words := html.unescape(escaped)).isascii()]
    wide = [(places, words) for places, words in chinese if cell_len(words) == 2 * len(words)]
    assert len(wide) > 20
    for places, words in wide:
        assert [round(float(place) - float(places[0])) for place in places] == [
            round(24.4 * index) for index in range(len(words))
        ]


def test_the_pictures_show_no_password_and_no_pin() -> None:
    start = (DOCS / "images" / "start.svg").read_text(encoding="utf-8")
    assert ">accounts<" in start.replace("</text>", "<")
    assert not re.search(r">[A-Za-z0-9_-]{20}<|>\d{6}<", start)
