"""Commands that pages print are all found, and each is one that the program takes."""

import contextlib
import io
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from hotline.cli import app
from tests.documented.pages import PAGES, NotRead, Printed, commands, options_beside, page_name

pytestmark = pytest.mark.unit


def texts(markdown: str) -> list[str]:
    return [printed.text for printed in commands(markdown)]


# --- what a page prints ---


def test_commands_are_found_in_the_order_of_the_page() -> None:
    page = """# Tickets
Look with `.venv/bin/hotline tickets`, or with `make run` first:

```
cd /opt/hotline
.venv/bin/hotline tickets show 1001
  .venv/bin/hotline calls   # whose phone rang
```

| to do | command |
|---|---|
| pause | `.venv/bin/hotline survey campaign pause N`; `.venv/bin/hotline survey campaign resume N` goes on |
"""
    assert [(printed.line, printed.text) for printed in commands(page)] == [
        (2, ".venv/bin/hotline tickets"),
        (6, ".venv/bin/hotline tickets show 1001"),
        (7, ".venv/bin/hotline calls"),
        (12, ".venv/bin/hotline survey campaign pause N"),
        (12, ".venv/bin/hotline survey campaign resume N"),
    ]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("```sh\n.venv/bin/hotline ticket note 1001 \\\n    'on the way' --as 7001\n```\n", "note 1001 'on the way'"),
        ("1. First:\n   ~~~\n   $ .venv/bin/hotline ticket note 1001 x\n   ~~~\n", "note 1001 x"),
        ("A line ends in `.venv/bin/hotline ticket note\n  1001 x` here.\n", "note 1001 x"),
        ("| `.venv/bin/hotline ticket note 1001 'a\\|b'` |\n", "note 1001 'a|b'"),
        ("``.venv/bin/hotline ticket note 1001 'a`b'``\n", "note 1001 'a`b'"),
        ("```\n.venv/bin/hotline ticket note 1001 '#1'\n```\n", "note 1001 '#1'"),
    ],
    ids=["continued", "in-a-list", "over-two-lines", "bar-in-a-table", "two-backticks", "no-comment"],
)
def test_each_way_of_printing_a_command_is_understood(page: str, text: str) -> None:
    (found,) = texts(page)
    assert found.startswith(f".venv/bin/hotline ticket {text}")


def test_backticks_in_a_fenced_block_begin_nothing() -> None:
    page = "```\n.venv/bin/hotline ticket note 1001 'see `x`'\n```\nand `.venv/bin/hotline calls`\n"
    assert texts(page) == [".venv/bin/hotline ticket note 1001 'see `x`'", ".venv/bin/hotline calls"]


def test_another_mark_or_the_end_of_the_page_does_not_close_a_fence() -> None:
    assert texts("~~~\n```\n.venv/bin/hotline calls\n") == [".venv/bin/hotline calls"]


@pytest.mark.parametrize("line", ["Type .venv/bin/hotline tickets.", "`sudo .venv/bin/hotline tickets`"])
def test_a_command_that_is_printed_otherwise_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(NotRead, match=r"see lines \[2\]"):
        commands(f"# A page\n{line}\n")


def test_words_are_those_that_a_shell_passes() -> None:
    (printed,) = commands('`.venv/bin/hotline ticket note 1001 "六点后 在家" --as 7001`')
    assert printed.words == ["ticket", "note", "1001", "六点后 在家", "--as", "7001"]
    assert not printed.variable


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("tasks done N --text x", ["tasks", "done", "1", "--text", "x"]),
        ('roster --at "DATE 19:00"', ["roster", "--at", "2026-12-24 19:00"]),
        ("report --out FILE.xlsx", ["report", "--out", "file.xlsx"]),
        ("ticket note 1001 …", ["ticket", "note", "1001", "x"]),
        ("ticket note 1001 ...", ["ticket", "note", "1001", "x"]),
    ],
)
def test_a_variable_part_is_recognised(text: str, example: list[str]) -> None:
    printed = Printed(1, f".venv/bin/hotline {text}")
    assert printed.variable
    assert printed.example == example


def test_numbers_with_letters_are_no_variable_part() -> None:
    assert not Printed(1, ".venv/bin/hotline ticket refer 1001 x --reference N7 --text W-77").variable


def test_an_option_named_after_a_command_in_its_line_belongs_to_it() -> None:
    page = "| `.venv/bin/hotline tickets --open` | open; `--late`: late |\n\n`--yes` alone\n"
    assert [(printed.text, option) for printed, option in options_beside(page)] == [
        (".venv/bin/hotline tickets --open", "--late")
    ]


# --- what the program takes ---


@cache
def program() -> Any:
    """The program as typed: it reads its words and then does nothing."""
    command = typer.main.get_command(app)
    _idle(command)
    return command


def _idle(command: Any) -> None:
    command.callback = lambda **_: None
    for one in getattr(command, "commands", {}).values():
        _idle(one)


def refusal(words: list[str]) -> str:
    """Why the program does not take these words; empty when it does."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            program().main(words, prog_name="hotline", standalone_mode=False)
    except Exception as error:
        return str(error) or type(error).__name__
    return ""


@cache
def help_of(name: tuple[str, ...]) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert program().main([*name, "--help"], prog_name="hotline", standalone_mode=False) in (0, None)
    return said.getvalue()


def name_of(printed: Printed) -> tuple[str, ...]:
    """The words that choose the command."""
    command, name = program(), []
    for word in printed.words:
        if (command := getattr(command, "commands", {}).get(word)) is None:
            break
        name.append(word)
    return tuple(name)


def not_taken(markdown: str) -> list[str]:
    """The commands of a page that the program does not take."""
    return [
        f"line {printed.line}: {printed.text}: {why}"
        for printed in commands(markdown)
        if (why := refusal(printed.example))
    ]


def unlisted(markdown: str) -> list[str]:
    """The options, in commands or beside them, that the command's own help does not list."""
    named = [(printed, word.partition("=")[0]) for printed in commands(markdown) for word in printed.words]
    return [
        f"line {printed.line}: {printed.text}: {option}"
        for printed, option in [*named, *options_beside(markdown)]
        if option.startswith("--") and option not in help_of(name_of(printed)).split()
    ]


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_the_program_takes_every_command_of_a_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not_taken(text) == []
    assert unlisted(text) == []


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("tickets shw 1001", "No such command"),
        ("ticket note 1001", "Missing parameter: text"),
        ("tasks done N --because x", "No such option"),
        ("room dnd ROOM perhaps --as STAFF", "is not one of 'on', 'off'"),
        ("survey campaign", "NoArgsIsHelpError"),
        ("ticket receive N N --as STAFF", "unexpected extra argument"),
    ],
)
def test_a_command_that_the_program_does_not_take_is_found(command: str, why: str) -> None:
    (found,) = not_taken(f"# A page\nType `.venv/bin/hotline {command}`.\n")
    assert found.startswith("line 2: ")
    assert why.lower() in found.lower()


def test_an_option_that_no_help_lists_is_found() -> None:
    assert unlisted("`.venv/bin/hotline tickets --open`, also `--older`\n") == [
        "line 1: .venv/bin/hotline tickets --open: --older"
    ]


def test_the_pages_print_many_commands_in_both_languages() -> None:
    printed = {page_name(page): len(commands(page.read_text(encoding="utf-8"))) for page in PAGES}
    assert sum(printed.values()) > 400
    assert printed["docs/commands.md"] == printed["docs/zh/commands.md"] > 80
