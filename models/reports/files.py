"""Report files, written whole or not at all, readable only by the account of the service."""

from collections.abc import Iterable
from pathlib import Path

from models.instance import exported
from models.language import Language
from models.reports import comma, xlsx
from models.reports.report import Report


def content(report: Report, form: str, site: tuple[str, str], language: Language) -> bytes:
    """`form` is "xlsx" or "csv"."""
    return xlsx.file(report, site, language) if form == "xlsx" else comma.file(report, language)


def write(folder: Path, report: Report, forms: Iterable[str], site: tuple[str, str], language: Language) -> list[Path]:
    """Puts the files into the folder, replacing those of the same period. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = []
    for form in forms:
        path = folder / f"hotline-{report.period.name}.{form}"
        exported.save(path, content(report, form, site, language))
        written.append(path)
    return written
