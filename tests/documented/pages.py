"""The commands that a page prints: in a fenced block or in backticks, in the order in which a reader meets them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from models.instance.home import PROJECT_ROOT

PROGRAM = ".venv/bin/hotline"
DOCS = PROJECT_ROOT / "docs"
ENGLISH = (
    *("agents", "commands", "settings", "operation", "install", "features", "tickets", "clocks", "escalation"),
    *("follow-up", "monitoring", "reports", "roster", "transfers", "voice", "wake-up", "api"),
)
PAGES = [PROJECT_ROOT / "README.md", *(DOCS / f"{name}.md" for name in ENGLISH), *sorted((DOCS / "zh").glob("*.md"))]
"""What a property office reads, and the page of the API."""

STANDS_FOR = {
    "N": "1",
    "STAFF": "7001",
    "ROOM": "1101",
    "DATE": "2026-12-24",
    "DAY": "2026-12-24",
    "FILE": "file",
    "NAME": "name",
    "TEXT": "text",
    "ZH": "中文",
    "EN": "English",
    "HOST": "office.example",
    "PATH": "path",
    "ADDRESS": "192.0.2.7",
}
"""Words in capitals for which the reader puts a value, and a value that could be one."""
_VARIABLE = re.compile(rf"\b({'|'.join(STANDS_FOR)})\b|…|\.\.\.")
_FENCE = re.compile(r"^ *(```|~~~)")
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)


class NotRead(Exception):
    """A page names the program in a way that no reader of pages understands."""


@dataclass(frozen=True)
class Printed:
    """One command, from the program's name to its end; `line` is where it begins in its page."""

    line: int
    text: str

    @cached_property
    def words(self) -> list[str]:
        """What a shell passes to the program."""
        return shlex.split(self.text)[1:]

    @cached_property
    def variable(self) -> bool:
        """Whether the reader has to put something in before it can run."""
        return _VARIABLE.search(self.text) is not None

    @cached_property
    def example(self) -> list[str]:
        """The words with a value in place of each variable part."""
        return shlex.split(_VARIABLE.sub(lambda found: STANDS_FOR.get(found[0], "x"), self.text))[1:]


def commands(markdown: str) -> list[Printed]:
    """Every command of the page. Raises NotRead when the page names the program in another place as well."""
    found = sorted([*_fenced(markdown), *_backticked(markdown)], key=lambda printed: printed[0])
    printed = [Printed(markdown.count("\n", 0, place) + 1, text) for place, text in found]
    if len(printed) != markdown.count(PROGRAM):
        lines = [number for number, line in enumerate(markdown.splitlines(), 1) if PROGRAM in line]
        missed = sorted(set(lines) - {one.line for one in printed}) or lines
        raise NotRead(f"a command begins with {PROGRAM}, in a fenced block or in backticks; see lines {missed}")
    return printed


def page_name(page: Path) -> str:
    return str(page.relative_to(PROJECT_ROOT))


def _blocks(markdown: str) -> Iterator[tuple[bool, int, str]]:
    """The page in pieces that are each fenced or not, each with its place: its fences are in neither."""
    fence, begins, place = "", 0, 0
    for line in markdown.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if mark and fence in ("", mark[1]):
            yield fence != "", begins, markdown[begins:place]
            fence, begins = "" if fence else mark[1], place + len(line)
        place += len(line)
    yield fence != "", begins, markdown[begins:]


def _fenced(markdown: str) -> Iterator[tuple[int, str]]:
    """A backslash at the end of a line continues the command; a comment ends it."""
    line = re.compile(rf"^ *(?:\$ )?({re.escape(PROGRAM)}(?:\\\n|[^\n])*)", re.MULTILINE)
    for fenced, begins, text in _blocks(markdown):
        if fenced:
            for found in line.finditer(text):
                whole = re.sub(r"\\\n *", "", found[1])
                yield begins + found.start(1), re.sub(r"\s+#\s.*", "", whole).rstrip()


def _backticked(markdown: str) -> Iterator[tuple[int, str]]:
    """Also in the cells of a table, where a bar is written with a backslash, and over the end of a line."""
    for fenced, begins, text in _blocks(markdown):
        if fenced:
            continue
        for paragraph in re.finditer(r"(?:[^\n]+\n?)+", text):
            for span in _SPAN.finditer(paragraph[0]):
                code = span[2].strip()
                if code.split()[:1] == [PROGRAM]:
                    at = begins + paragraph.start() + span.start(2)
                    yield at, re.sub(r"\s*\n\s*", " ", code).replace(r"\|", "|")


def options_beside(markdown: str) -> list[tuple[Printed, str]]:
    """Each option that a line names in backticks of its own after a command: it is said of that command."""
    of_line: dict[int, list[Printed]] = {}
    for printed in commands(markdown):
        of_line.setdefault(printed.line, []).append(printed)
    found = []
    for number, line in enumerate(markdown.splitlines(), 1):
        latest: Printed | None = None
        waiting = iter(of_line.get(number, ()))
        for span in _SPAN.finditer(line) if number in of_line else ():
            words = span[2].split()
            if words[:1] == [PROGRAM]:
                latest = next(waiting, latest)
            elif latest and words and words[0].startswith("--"):
                found.append((latest, words[0]))
    return found
