"""Every word of a page stands in both languages, and nothing in a template runs or draws inline."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

FOLDER = Path("console/pages/templates")
SAID = ("aria-label", "title", "placeholder", "alt", "content")
LETTERS = re.compile(r"[A-Za-z\u4e00-\u9fff]")
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


class Faults(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._names = 0
        self.feed(JINJA.sub(lambda match: "\n" * match[0].count("\n"), text))

    def handle_data(self, data: str) -> None:
        if LETTERS.search(data) and not self._names:
            self.found.append(f"line {self.getpos()[0]}: a word in one language: {data.strip()[:40]}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        # A name, the same in both languages.
        if self._names or given.get("translate") == "no":
            self._names += 1
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.found.append(f"line {self.getpos()[0]}: the browser refuses {name}=")
            if name in SAID and tag != "meta" and LETTERS.search(value or ""):
                self.found.append(f"line {self.getpos()[0]}: {name} in one language: {value}")
        if tag == "style" or (tag == "script" and not given.get("src", "")):
            self.found.append(f"line {self.getpos()[0]}: the browser refuses <{tag}> without a file")

    def handle_endtag(self, tag: str) -> None:
        self._names = max(0, self._names - 1)


def faults(text: str) -> list[str]:
    unsafe = ["|safe"] if re.search(r"\|\s*safe\b", text) else []
    return unsafe + Faults(text).found


@pytest.mark.parametrize("template", sorted(FOLDER.rglob("*.html")), ids=lambda file: str(file.relative_to(FOLDER)))
def test_a_template_speaks_both_languages_and_runs_nothing_inline(template: Path) -> None:
    assert faults(template.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "<p>工单</p>",
        "<p>{{ x }} Tickets</p>",
        '<button aria-label="close">{{ icon("x") }}</button>',
        '<p style="color: red">{{ x }}</p>',
        '<a onclick="go()">{{ x }}</a>',
        "<script>alert(1)</script>",
        "{{ x | safe }}",
    ],
)
def test_a_template_that_does_not_is_noticed(text: str) -> None:
    assert faults(text) != []
