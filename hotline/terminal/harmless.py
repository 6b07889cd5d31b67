"""What a command prints obeys nobody: a control sign in a name, a text or an answer is shown, not carried out."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from models.text.signs import harmless


class _Harmless:
    """A stream that shows control signs. rich draws tables and help around it: `print_table` cleans their cells."""

    def __init__(self, stream: TextIO) -> None:
        self.rich_proxied_file = stream

    def write(self, text: str) -> int:
        self.rich_proxied_file.write(harmless(text))
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)


@contextmanager
def harmless_output() -> Iterator[None]:
    """While it lasts, standard output and standard error, logs included, are harmless."""
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Harmless(out), _Harmless(err)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err
