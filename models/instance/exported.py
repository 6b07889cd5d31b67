"""A file written for a person (report, sheet, recording, backup) is whole, and readable for that person alone."""

import os
from pathlib import Path

from models.instance.rights import as_root


def save(path: Path, data: bytes) -> None:
    """Writes the file completely or not at all, mode 0600; a terminal or pipe gets the data itself. Raises OSError.

    At root's terminal the file is root's, wherever root may write.
    """
    with as_root():
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        part.unlink(missing_ok=True)
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
