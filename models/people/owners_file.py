"""Reads an office's list of owners, a CSV file in UTF-8 or GB18030, into rows, or reports every mistake."""

import re
from dataclasses import dataclass
from pathlib import Path

from models.errors import Problem
from models.text import csv_file
from models.text.csv_file import Layout
from models.text.numbers import normal, plausible
from models.text.signs import one_line

LONGEST = {"name": 80, "building": 40, "unit": 40}

LAYOUT = Layout(
    columns={
        "name": ("name", "owner", "姓名", "业主", "业主姓名", "户主"),
        "building": ("building", "楼栋", "楼号", "栋", "楼宇", "幢"),
        "unit": ("unit", "room", "房号", "房间", "室号", "单元房号"),
        "phones": ("phones", "phone", "telephone", "电话", "手机", "联系电话", "手机号"),
    },
    header='first line "name,building,unit,phones"|首行为 "name,building,unit,phones" 或 "姓名,楼栋,房号,电话"',
    row="one line for each owner under the header|标题行之下每行一位业主",
)


@dataclass(frozen=True)
class OwnerRow:
    """One owner of one unit; `phones` are in normal form; `line` is its line in the file, the header is 1."""

    line: int
    name: str
    building: str
    unit: str
    phones: tuple[str, ...]


@dataclass(frozen=True)
class OwnersFile:
    """The good rows, and the problems of the others by line."""

    rows: list[OwnerRow]
    problems: dict[int, list[Problem]]


def read_owners(path: Path) -> OwnersFile:
    """Reads the columns name, building, unit, phones (several separated by ; or /), in any order.

    Raises ConfigError when the file as a whole can't be used: unreadable, not text, a column missing, no rows.
    """
    rows: list[OwnerRow] = []
    problems: dict[int, list[Problem]] = {}
    for line, values in csv_file.rows(path, LAYOUT):
        values |= {column: one_line(values[column]) for column in LONGEST}
        phones, found = _phones(values["phones"], line, path)
        found = _missing(values, line, path) + found
        if found:
            problems[line] = found
        else:
            rows.append(OwnerRow(line, values["name"], values["building"], values["unit"], phones))
    return OwnersFile(rows, problems)


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
            else ("3 to 15 digits, several separated by ;", "3 至 15 位数字，多个号码以 ; 分隔")
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
