"""A report as a workbook: an overview, then a sheet for each list, with the meaning of every figure."""

import io
from dataclasses import dataclass
from typing import Any

from xlsxwriter import Workbook

from models.language import Language
from models.reports import wording
from models.reports.figures import Figure, FigureUnit, Number, RowsAbout
from models.reports.report import Counted, Report
from models.reports.wording import harmless, label, pick

_WIDTHS_OVERVIEW = (24, 12, 12, 12, 14, 60, 60)
_NUMBERS = {
    FigureUnit.COUNT: "0",
    FigureUnit.SECONDS: "0.0",
    FigureUnit.PERCENT: "0.0%",
    FigureUnit.SCORE: "0.00",
    FigureUnit.POINTS: "0.0",
}
_CHANGES = {
    FigureUnit.COUNT: "+0;-0;0",
    FigureUnit.SECONDS: "+0.0;-0.0;0.0",
    FigureUnit.PERCENT: "+0.0%;-0.0%;0.0%",
    FigureUnit.SCORE: "+0.00;-0.00;0.00",
    FigureUnit.POINTS: "+0.0;-0.0;0.0",
}
_SECONDS = ("（秒）", " (s)")


@dataclass(frozen=True)
class _Book:
    report: Report
    language: Language
    workbook: Any
    """From xlsxwriter, which has no types."""
    bold: Any
    title: Any
    folded: Any
    numbers: dict[FigureUnit, Any]
    changes: dict[FigureUnit, Any]

    def word(self, zh: str, en: str) -> str:
        return pick((zh, en), self.language)

    def head(self, figure: Figure) -> str:
        return label(figure, self.language) + (
            pick(_SECONDS, self.language) if figure.unit is FigureUnit.SECONDS else ""
        )


def file(report: Report, site: tuple[str, str], language: Language) -> bytes:
    """`site` is its name in Chinese and English. Texts are written as texts: no cell is a formula or a link."""
    out = io.BytesIO()
    workbook = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book = _Book(
        report,
        language,
        workbook,
        bold=workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        title=workbook.add_format({"bold": True, "font_size": 14}),
        folded=workbook.add_format({"text_wrap": True, "valign": "top"}),
        numbers={unit: workbook.add_format({"num_format": form}) for unit, form in _NUMBERS.items()},
        changes={unit: workbook.add_format({"num_format": form}) for unit, form in _CHANGES.items()},
    )
    _overview(book, wording.title(report, site, language))
    for counted in report.sections:
        if counted.section.about is not RowsAbout.ALL:
            _list(book, counted)
    workbook.close()
    return out.getvalue()


def _overview(book: _Book, title: str) -> None:
    sheet = book.workbook.add_worksheet(book.word("概览", "Overview"))
    for column, width in enumerate(_WIDTHS_OVERVIEW):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, harmless(title), book.title)
    sheet.write_string(1, 0, wording.made(book.report, book.language))
    row = 3
    heads = (
        book.word("本期", "this period"),
        book.word("上期", "before"),
        book.word("变化", "change"),
        book.word("依据", "rule"),
        "含义",
        "Meaning",
    )
    for counted in book.report.sections:
        if counted.section.about is not RowsAbout.ALL:
            continue
        for column, head in enumerate((wording.section_title(counted, book.language), *heads)):
            sheet.write_string(row, column, head, book.bold)
        for figure in counted.section.figures:
            row += 1
            sheet.write_string(row, 0, book.head(figure))
            _number(sheet, row, 1, counted.value("", figure), book.numbers[figure.unit])
            _number(sheet, row, 2, counted.value_before("", figure), book.numbers[figure.unit])
            _number(sheet, row, 3, counted.change("", figure), book.changes[figure.unit])
            sheet.write_string(row, 4, figure.rules)
            sheet.write_string(row, 5, figure.means_zh, book.folded)
            sheet.write_string(row, 6, figure.means_en, book.folded)
        row += 2


def _list(book: _Book, counted: Counted) -> None:
    figures, language = counted.section.figures, book.language
    sheet = book.workbook.add_worksheet(wording.section_title(counted, language))
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 2 * len(figures), 11)
    sheet.freeze_panes(1, 1)
    sheet.write_string(0, 0, wording.about(counted, language), book.bold)
    before = book.word("上期", "before: ")
    for place, figure in enumerate(figures):
        sheet.write_string(0, 1 + place, book.head(figure), book.bold)
        sheet.write_string(0, 1 + len(figures) + place, before + book.head(figure), book.bold)
    subjects = counted.subjects()
    for row, subject in enumerate(subjects, start=1):
        sheet.write_string(row, 0, harmless(wording.subject(book.report, counted, subject, language)))
        for place, figure in enumerate(figures):
            form = book.numbers[figure.unit]
            _number(sheet, row, 1 + place, counted.value(subject, figure), form)
            _number(sheet, row, 1 + len(figures) + place, counted.value_before(subject, figure), form)
    for row, figure in enumerate(figures, start=len(subjects) + 2):
        for column, text in enumerate((book.head(figure), figure.rules, figure.means_zh, figure.means_en)):
            # The meanings run over the empty cells to their right.
            sheet.write_string(row, column if column < 3 else 8, text)


def _number(sheet: Any, row: int, column: int, value: Number, form: Any) -> None:
    if value is not None:
        sheet.write_number(row, column, value, form)
