"""Where a recording's file is: in the spool while Asterisk writes it, afterwards in the folder of its month."""

import re
from datetime import datetime, tzinfo
from pathlib import Path

from models.instance.home import Home
from models.tables import Recording

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,199}")


class BadName(ValueError):
    """A recording's name that could lead outside its folder."""


def original(home: Home, name: str) -> Path:
    """Where Asterisk writes the recording. Raises BadName."""
    return home.recording_spool / f"{_safe(name)}.wav"


def stored(home: Home, name: str, *, at: datetime, time_zone: tzinfo, format: str) -> Path:
    """Where the recording is kept: in its month's folder, by the site's clock. Raises BadName."""
    return home.recordings / f"{at.astimezone(time_zone):%Y/%m}" / f"{_safe(name)}.{format}"


def within(home: Home, path: str) -> Path:
    """The file of a row's `path`. Raises BadName when it lies outside the finished recordings."""
    file = (home.path / path).resolve()
    if not file.is_relative_to(home.recordings.resolve()):
        raise BadName(f"{path} is not in {home.recordings}")
    return file


def of(home: Home, recording: Recording) -> Path:
    """Its file now: stored, or as Asterisk wrote it; it may be missing. Raises BadName."""
    return within(home, recording.path) if recording.path else original(home, recording.name)


def _safe(name: str) -> str:
    if not _NAME.fullmatch(name) or ".." in name:
        raise BadName(f"{name!r} is no name for a recording: letters, digits and . _ @ - only")
    return name
