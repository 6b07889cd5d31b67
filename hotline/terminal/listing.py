"""A list is a table that fits the terminal, or JSON whose field names stay; both mask names and telephone numbers."""

import json
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from models.language import Language
from models.text.masking import Masking
from models.text.signs import harmless, on_one_line
from models.text.wording import column, say

# In a pipe or a file lines may be long.
WIDE = 240
WIDEST_COLUMN = 40
NARROWEST_TEXT = 12
"""A long text that has at least this much room is folded rather than left out."""
BETWEEN = 3
"""Cells between two columns."""


@dataclass(frozen=True)
class ListView(Masking):
    """How a list is to be shown."""

    as_json: bool
    reveal: bool
    language: Language


def print_json(value: Any) -> None:
    """Prints UTF-8 unescaped, moments in ISO 8601 UTC."""
    sys.stdout.write(harmless(json.dumps(value, ensure_ascii=False, indent=2, default=_plain)) + "\n")


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    raise TypeError(f"{value!r} has no form in JSON")


def print_table(
    rows: Sequence[Mapping[str, str]],
    columns: Sequence[str],
    language: Language,
    *,
    red: Collection[int] = (),
    several: Collection[str] = (),
) -> None:
    """The most important columns come first: those that do not fit the terminal are left out, and a line names them.

    `red`: indexes of the rows that a person must not overlook. `several`: columns whose cells have several lines, made
    by us; any other cell is one line, whatever somebody has typed.
    """
    from rich.box import SIMPLE_HEAD
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table

    if not rows:
        print(say("（无记录）", "(nothing yet)", language))
        return
    rows = [{key: harmless(row[key]) if key in several else on_one_line(row[key]) for key in columns} for row in rows]
    console = Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)
    heads = {key: column(key, language) for key in columns}
    filled = [key for key in columns if key == columns[0] or any(row[key] for row in rows)]
    shown: dict[str, int] = {}
    room = console.width
    for key in filled:
        lines = [line for row in rows for line in row[key].splitlines()]
        wanted = min(WIDEST_COLUMN, max(map(cell_len, [heads[key], *lines])))
        room -= BETWEEN
        if room < min(wanted, NARROWEST_TEXT):
            break
        shown[key] = min(wanted, room)
        room -= shown[key]
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for key, width in shown.items():
        table.add_column(heads[key], overflow="fold", width=width)
    for place, row in enumerate(rows):
        table.add_row(*(_literal(row[key]) for key in shown), style="red" if place in red else None)
    console.print(table)
    if hidden := [heads[key] for key in filled if key not in shown]:
        print(
            say(
                f"窗口较窄，未显示：{'、'.join(hidden)}（--json 可看全部）",
                f"no room for: {', '.join(hidden)} (--json has all)",
                language,
            )
        )


def _literal(text: str) -> Any:
    """People type names and notes: a "[red]" in them is text, not markup."""
    from rich.text import Text

    return Text(text)
