"""Reads a list kept by an office, a CSV file in UTF-8 or GB18030 with columns in any order, into rows by column."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from models.errors import ConfigError, Problem
from models.text.signs import without_controls

LARGEST_BYTES = 50_000_000


@dataclass(frozen=True)
class Layout:
    """The columns of a list, by our name, with the headers that people use; columns in `may_lack` are optional.

    `header` is an example of the first line, `row` describes a line; both "English|中文".
    """

    columns: Mapping[str, tuple[str, ...]]
    header: str
    row: str
    may_lack: frozenset[str] = frozenset()


def rows(path: Path, layout: Layout) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line that is not empty: its number (the header is 1) and its cells by column, "" for a missing one.

    Raises ConfigError when the file as a whole can't be used: unreadable, not text, a column missing, no rows.
    """
    table = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    found = False
    try:
        places = _places(next(table, []), path, layout)
        while True:
            # A quoted field may hold a line break: the row has the number of the line on which it begins.
            line = table.line_num + 1
            cells = next(table, None)
            if cells is None:
                break
            if any(cell.strip() for cell in cells):
                found = True
                yield (
                    line,
                    {
                        name: without_controls(cells[at]).strip() if at < len(cells) else ""
                        for name, at in places.items()
                    },
                )
    except csv.Error as error:
        raise ConfigError(
            [
                Problem(
                    path,
                    f"line {table.line_num}",
                    f"is not CSV: {error}",
                    "save it as CSV with comma and quotes",
                    f"不是合法的 CSV({error})",
                    "请另存为以逗号分隔的 CSV",
                )
            ]
        ) from None
    if not found:
        right, _, right_zh = layout.row.partition("|")
        raise ConfigError([Problem(path, "(file)", "has no rows", right, "没有数据行", right_zh)])


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ConfigError(
                [
                    Problem(
                        path,
                        "(file)",
                        "is larger than 50 MB",
                        "a list, in parts if need be",
                        "文件超过 50 MB",
                        "必要时分批导入",
                    )
                ]
            )
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            [
                Problem(
                    path,
                    "(file)",
                    f"can't be read ({error.strerror})",
                    "the path of a CSV file",
                    f"无法读取（{error.strerror}）",
                    "CSV 文件的路径",
                )
            ]
        ) from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    # Excel's own formats and its "Unicode text" hold zero bytes.
    raise ConfigError(
        [
            Problem(
                path,
                "(file)",
                "is not text in UTF-8 or GB18030",
                'in Excel: save as "CSV UTF-8"',
                "不是 UTF-8 或 GB18030 编码的文本",
                "请在 Excel 中另存为“CSV UTF-8”",
            )
        ]
    )


def _places(header: list[str], path: Path, layout: Layout) -> dict[str, int]:
    names = [cell.strip().lower() for cell in header]
    right, _, right_zh = layout.header.partition("|")
    places = {}
    problems = []
    for column, spellings in layout.columns.items():
        found = [at for at, name in enumerate(names) if name in spellings]
        if len(found) == 1:
            places[column] = found[0]
        elif found or column not in layout.may_lack:
            what, what_zh = ("is missing", "缺少此列") if not found else ("is there twice", "此列重复")
            problems.append(Problem(path, f"column {column}", what, right, what_zh, right_zh))
    if problems:
        raise ConfigError(problems)
    return places
