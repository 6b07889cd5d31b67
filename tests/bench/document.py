"""A bench writes its results between its own marks in a document; the text around them stays as it is."""

from collections.abc import Iterable
from pathlib import Path

from models.clock import SystemClock
from models.instance.home import PROJECT_ROOT

DOCUMENT = PROJECT_ROOT / "docs" / "performance.md"


def put(command: str, lines: Iterable[str], document: Path = DOCUMENT) -> None:
    """Writes the lines, under the time of the measurement, between the marks of this command."""
    begin, end = (f"<!-- {command} writes {where} here -->" for where in ("from", "to"))
    text = document.read_text(encoding="utf-8")
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    measured = f"Measured on {SystemClock().now():%Y-%m-%d %H:%M} UTC."
    document.write_text(before + "\n".join([begin, "", measured, "", *lines, "", end]) + after, encoding="utf-8")
