"""A report as CSV: one line for each figure, with its meaning in Chinese and English."""

import csv
import io
from collections.abc import Iterator

from models.language import Language
from models.reports import wording
from models.reports.report import Report
from models.reports.wording import harmless, label, plain

HEADS = {
    "zh": ("期间", "部分", "对象", "名称", "指标", "数值", "单位", "上期", "变化", "含义", "Meaning", "依据", "代号"),
    "en": ("period", "section", "subject", "name", "figure", "value", "unit", "before", "change", "含义", "meaning",
           "rule", "key"),
}  # fmt: skip


def text(report: Report, language: Language) -> str:
    """The report in the form of RFC 4180, with a head line."""
    out = io.StringIO(newline="")
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(HEADS[language])
    lines.writerows(_lines(report, language))
    return out.getvalue()


def file(report: Report, language: Language) -> bytes:
    """The text with the byte order mark by which spreadsheets recognise UTF-8."""
    return text(report, language).encode("utf-8-sig")


def _lines(report: Report, language: Language) -> Iterator[list[str | int | float | None]]:
    for counted, subject, figure in report.lines():
        yield [
            report.period.name,
            wording.section_title(counted, language),
            harmless(subject),
            harmless(wording.subject(report, counted, subject, language)),
            label(figure, language),
            plain(counted.value(subject, figure), figure.unit),
            wording.unit(figure, language),
            plain(counted.value_before(subject, figure), figure.unit),
            plain(counted.change(subject, figure), figure.unit),
            figure.means_zh,
            figure.means_en,
            figure.rules,
            f"{counted.section.key}.{figure.key}",
        ]
