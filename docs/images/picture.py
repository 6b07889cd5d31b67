"""A picture is what a command really printed on a terminal, as SVG that loads nothing from any other address.

    script -qec 'stty cols 118; .venv/bin/hotline tickets' /dev/null >printed
    .venv/bin/python docs/images/picture.py TITLE docs/images/lists.svg <printed

Passwords (20 characters of the alphabet in `models/instance/secrets.py`) and the PIN beside one become asterisks. Lines
that only say that `script` began or ended, and what was overwritten after a carriage return, are left out.
"""

import html
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
_PIN = re.compile(r"(?<=\*{20})(\s+)\d{6,12}\b")
_FOREIGN = re.compile(r"<!--.*?-->|@font-face {{.*?}}|font-variant-east-asian: full-width;", re.DOTALL)
_FONTS = (
    '"DejaVu Sans Mono", Menlo, Consolas, "Noto Sans Mono CJK SC", "WenQuanYi Zen Hei Mono", NSimSun, "PingFang SC", '
    "monospace"
)
"""Latin fonts first: in many Chinese ones the lines of a table are two cells wide."""
_WIDE_OR_NOT = re.compile(r"[\u2e80-\uffef]+|[^\s\u2e80-\uffef]+|\s+")
_CELL = 12.2
"""The width of a cell in the picture, as rich draws it."""
_DRAWN = re.compile(
    r'(<text class="terminal-r\d+") x="([\d.]+)" (y="[\d.]+") textLength="[\d.]+"([^>]*)>([^<]*)</text>'
)


def shown(printed: str) -> list[Text]:
    """The lines as they stand on the terminal in the end."""
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in printed.split("\n")]
    kept = "\n".join(line for line in lines if not line.startswith("Script ")).strip("\n")
    masked = _PIN.sub(r"\1******", _PASSWORD.sub("*" * 20, kept))
    return [Text.from_ansi(line) for line in masked.splitlines()]


def picture(lines: list[Text], title: str) -> str:
    """Columns are straight in every font: each word has a place of its own, and so has each Chinese character."""
    console = Console(record=True, width=max(cell_len(line.plain.rstrip()) for line in lines) + 1, file=StringIO())
    for line in lines:
        line.rstrip()
        line.spans += [Span(*word.span(), "none") for word in _WIDE_OR_NOT.finditer(line.plain)]
        console.print(line, soft_wrap=True)
    form = _FOREIGN.sub("", CONSOLE_SVG_FORMAT).replace("Fira Code, monospace", _FONTS).replace("arial", "sans-serif")
    drawn = console.export_svg(title=title, theme=SVG_EXPORT_THEME, code_format=form, unique_id="terminal")
    return "\n".join(line.rstrip() for line in _DRAWN.sub(_in_cells, drawn).splitlines() if line.strip()) + "\n"


def _in_cells(text: re.Match[str]) -> str:
    """Rich gives each character one cell of length; a Chinese one gets the place of its two cells."""
    before, x, y, after, words = text.groups()
    characters = html.unescape(words)
    if cell_len(characters) == len(characters):
        return text[0]
    places = [float(x) + _CELL * cell_len(characters[:index]) for index in range(len(characters))]
    return f'{before} x="{" ".join(f"{place:.1f}" for place in places)}" {y}{after}>{words}</text>'


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(picture(shown(sys.stdin.read()), sys.argv[1]), encoding="utf-8")
