"""Report files, written whole or not at all, readable only by the account of the service."""

import os
from collections.abc import Iterable
from pathlib import Path

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
        save(path, content(report, form, site, language))
        written.append(path)
    return written


def save(path: Path, data: bytes) -> None:
    """Writes the file completely or not at all. Raises OSError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
