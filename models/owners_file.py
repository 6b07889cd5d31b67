"""A list of owners as offices keep it, a CSV file in UTF-8 or GB18030, becomes rows, or all that is wrong with it."""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from models.errors import ConfigError, Problem
from models.numbers import normal, plausible

LONGEST = {"name": 80, "building": 40, "unit": 40}
LARGEST_BYTES = 50_000_000

COLUMNS = {
    "name": ("name", "owner", "姓名", "业主", "业主姓名", "户主"),
    "building": ("building", "楼栋", "楼号", "栋", "楼宇", "幢"),
    "unit": ("unit", "room", "房号", "房间", "室号", "单元房号"),
    "phones": ("phones", "phone", "telephone", "电话", "手机", "联系电话", "手机号"),
}
_HEADER = 'first line "name,building,unit,phones"'
_HEADER_ZH = '首行为 "name,building,unit,phones" 或 "姓名,楼栋,房号,电话"'


@dataclass(frozen=True)
class OwnerRow:
    """One owner of one unit; `phones` are in normal form; `line` is where it stands in the file, the header being 1."""

    line: int
    name: str
    building: str
    unit: str
    phones: tuple[str, ...]


@dataclass(frozen=True)
class OwnersFile:
    """The good rows and, by line, what is wrong with the others."""

    rows: list[OwnerRow]
    problems: dict[int, list[Problem]]


def read_owners(path: Path) -> OwnersFile:
    """Reads the columns name, building, unit, phones (several separated by ; or /), in any order.

    Raises ConfigError when the file as a whole can't be used: unreadable, not text, a column missing, no rows.
    """
    table = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    rows: list[OwnerRow] = []
    problems: dict[int, list[Problem]] = {}
    try:
        places = _places(next(table, []), path)
        while True:
            # A quoted field may hold a line break: the row is told by the line it begins on.
            line = table.line_num + 1
            cells = next(table, None)
            if cells is None:
                break
            if not any(cell.strip() for cell in cells):
                continue
            values = {name: cells[at].strip() if at < len(cells) else "" for name, at in places.items()}
            phones, found = _phones(values["phones"], line, path)
            found = _missing(values, line, path) + found
            if found:
                problems[line] = found
            else:
                rows.append(OwnerRow(line, values["name"], values["building"], values["unit"], phones))
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
    if not rows and not problems:
        raise ConfigError(
            [
                Problem(
                    path,
                    "(file)",
                    "has no rows",
                    "one line for each owner under the header",
                    "没有数据行",
                    "标题行之下每行一位业主",
                )
            ]
        )
    return OwnersFile(rows, problems)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ConfigError(
                [
                    Problem(
                        path,
                        "(file)",
                        "is larger than 50 MB",
                        "a list of owners, in parts if need be",
                        "文件超过 50 MB",
                        "业主名册,必要时分批导入",
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
                    f"无法读取({error.strerror})",
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


def _places(header: list[str], path: Path) -> dict[str, int]:
    names = [cell.strip().lower() for cell in header]
    places = {}
    problems = []
    for column, spellings in COLUMNS.items():
        found = [at for at, name in enumerate(names) if name in spellings]
        if len(found) == 1:
            places[column] = found[0]
            continue
        what, what_zh = ("is missing", "缺少此列") if not found else ("is there twice", "此列重复")
        problems.append(Problem(path, f"column {column}", what, _HEADER, what_zh, _HEADER_ZH))
    if problems:
        raise ConfigError(problems)
    return places


def _missing(values: dict[str, str], line: int, path: Path) -> list[Problem]:
    """A building may be empty (a site of one building); name and unit may not."""
    problems = []
    for column, longest in LONGEST.items():
        key = f"line {line}, {column}"
        if not values[column] and column != "building":
            problems.append(Problem(path, key, "is empty", "a text", "为空", "必须填写"))
        if len(values[column]) > longest:
            problems.append(
                Problem(
                    path,
                    key,
                    f"has {len(values[column])} characters",
                    f"at most {longest}",
                    f"有 {len(values[column])} 个字符",
                    f"最多 {longest} 个",
                )
            )
    return problems


def _phones(text: str, line: int, path: Path) -> tuple[tuple[str, ...], list[Problem]]:
    phones: list[str] = []
    problems = []
    for written in re.split(r"[;/\uff1b\u3001|\n]+", text):
        number = normal(written)
        if number is None:
            continue
        if plausible(number):
            phones.append(number)
            continue
        # What Excel makes of a long number in a cell that isn't text.
        excel = re.fullmatch(r"[\d.]+E\+?\d+", written.strip(), re.IGNORECASE)
        right, right_zh = (
            ("format the column as text in Excel and enter it again", "请在 Excel 中将该列设为文本后重新填写")
            if excel
            else ("3 to 15 digits, several separated by ;", "3 至 15 位数字,多个号码以 ; 分隔")
        )
        problems.append(
            Problem(
                path,
                f"line {line}, phones",
                f'"{written.strip()[:30]}" is no telephone number',
                right,
                f"“{written.strip()[:30]}”不是电话号码",
                right_zh,
            )
        )
    return tuple(dict.fromkeys(phones)), problems
