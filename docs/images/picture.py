"""A picture is what a command really printed on a terminal, as SVG that asks no other address for anything.

    script -qec 'stty cols 118; .venv/bin/hotline tickets' /dev/null >printed
    .venv/bin/python docs/images/picture.py TITLE docs/images/lists.svg <printed

Passwords (20 characters of the alphabet that `models/secrets.py` uses) become asterisks. Lines that only say that
`script` began or ended, and what was overwritten after a carriage return, are left out.
"""

import re
import sys
from io import StringIO
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.cells import cell_len
from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Span, Text

_PASSWORD = re.compile(r"(?<![\w/.-])[A-Za-z0-9_-]{20}(?![\w/.-])")
_FOREIGN = re.compile(r"<!--.*?-->|@font-face {{.*?}}|font-variant-east-asian: full-width;", re.DOTALL)
_FONTS = '"Noto Sans Mono CJK SC", "WenQuanYi Zen Hei Mono", NSimSun, "PingFang SC", monospace'
_WIDE_OR_NOT = re.compile(r"[\u2e80-\uffef]+|[^\s\u2e80-\uffef]+|\s+")


def shown(printed: str) -> list[Text]:
    """The lines as they stand on the terminal in the end."""
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in printed.split("\n")]
    kept = "\n".join(line for line in lines if not line.startswith("Script ")).strip("\n")
    return [Text.from_ansi(_PASSWORD.sub("*" * 20, line)) for line in kept.splitlines()]


def picture(lines: list[Text], title: str) -> str:
    """Each word has a place of its own, so that columns stand straight in fonts whose Chinese is not twice as wide."""
    console = Console(record=True, width=max(cell_len(line.plain.rstrip()) for line in lines) + 1, file=StringIO())
    for line in lines:
        line.rstrip()
        line.spans += [Span(*word.span(), "none") for word in _WIDE_OR_NOT.finditer(line.plain)]
        console.print(line, soft_wrap=True)
    form = _FOREIGN.sub("", CONSOLE_SVG_FORMAT).replace("Fira Code, monospace", _FONTS).replace("arial", "sans-serif")
    drawn = console.export_svg(title=title, theme=SVG_EXPORT_THEME, code_format=form, unique_id="terminal")
    return "\n".join(line.rstrip() for line in drawn.splitlines() if line.strip()) + "\n"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(picture(shown(sys.stdin.read()), sys.argv[1]), encoding="utf-8")
