"""Every word of a page stands in both languages, each with its own punctuation, and nothing in a template runs or draws
inline."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

FOLDER = Path("console/pages/templates")
SAID = ("aria-label", "title", "placeholder", "alt", "content")
LETTERS = re.compile(r"[A-Za-z\u4e00-\u9fff]")
PROGRAMS = ("console", "dialplan", "hotline", "ivr", "models", "phones", "recordings", "scheduler")
HALF_WIDTH = re.compile(
    r"[\u4e00-\u9fff」][,:;?!](?=[\u4e00-\u9fff\ufffc\u201c「]|$)|[\w\ufffc)\]\u201d][,:;?!](?=[\u4e00-\u9fff])"
)
"""A mark of Latin text beside Chinese; U+FFFC stands for a value that a program fills in."""
HALF_PARENTHESES = re.compile(
    r"(?<![A-Za-z.?\u201d] )(?<!\\)\((?!\?)[^()|']*[\u4e00-\u9fff][^()|']*\)"
    r"|(?:[\u4e00-\u9fff」]|[\u4e00-\u9fff][^A-Za-z(]*\ufffc) ?\([^()]*\)|\([^()]*\)(?=[\u4e00-\u9fff，。；：、])"
)
"""Around Chinese or after it; not those of a pattern, nor around one Chinese word in English."""
AS_TYPED = ("房号,日期,时间", "姓名,楼栋,房号,电话", "用户:密码@")
"""What people type into a file of another program."""
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
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


def half_width(text: str) -> list[str]:
    """The marks of Latin text beside Chinese, each with what stands around it."""
    for typed in AS_TYPED:
        text = text.replace(typed, "")
    marks = [*HALF_WIDTH.finditer(text), *HALF_PARENTHESES.finditer(text)]
    return [text[max(0, found.start() - 8) : found.end() + 8] for found in marks]


def texts(source: str) -> Iterator[str]:
    """Each text of a program, but for docstrings and patterns."""
    tree = ast.parse(source)
    within = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (one.value if isinstance(one, ast.Constant) else "\ufffc" for one in node.values)
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in within | alone:
            yield node.value


PROGRAM_FILES = sorted(file for folder in PROGRAMS for file in Path(folder).rglob("*.py") if file.name != "spoken.py")


@pytest.mark.parametrize("template", sorted(FOLDER.rglob("*.html")), ids=lambda file: str(file.relative_to(FOLDER)))
def test_a_chinese_text_of_a_template_has_chinese_punctuation(template: Path) -> None:
    said = TEXT.findall(template.read_text(encoding="utf-8"))
    assert [mark for text in said for mark in half_width(text[1:-1])] == []


@pytest.mark.parametrize("folder", PROGRAMS)
def test_a_chinese_text_of_a_program_has_chinese_punctuation(folder: str) -> None:
    files = (file for file in PROGRAM_FILES if file.parts[0] == folder)
    found = ((file, mark) for file in files for text in texts(file.read_text("utf-8")) for mark in half_width(text))
    assert [f"{file}: {mark}" for file, mark in found] == []


@pytest.mark.parametrize("name", ["policy.toml", "site.example.toml", "roster.example.toml"])
def test_a_chinese_text_of_a_settings_file_has_chinese_punctuation(name: str) -> None:
    assert half_width(Path(name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    ["已登记,请稍候", "现为 3:请检查", "请注意:", "共 \ufffc 个,已完成", "“在岗”,请稍候", "换回(选填)", "延期(R15-3)"],
)
def test_latin_punctuation_in_a_chinese_text_is_noticed(text: str) -> None:
    assert len(half_width(text)) == 1
