"""A file for a person is whole, and readable for that person alone, whatever was there before."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from models.instance import exported
from models.instance.home import PROJECT_ROOT

pytestmark = pytest.mark.unit


def test_it_is_readable_for_its_owner_alone_also_over_an_open_file_and_whatever_the_umask(tmp_path: Path) -> None:
    file = tmp_path / "report.csv"
    file.write_text("older", encoding="utf-8")
    file.chmod(0o644)
    before = os.umask(0)
    try:
        exported.save(file, b"newer")
    finally:
        os.umask(before)
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"newer", 0o600)
    assert list(tmp_path.iterdir()) == [file]


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="directory"):
        exported.save(tmp_path / "folder", b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_standard_output_gets_the_data_and_stays_what_it_is() -> None:
    program = "from pathlib import Path; from models.instance import exported; exported.save(Path('/dev/stdout'), b'1')"
    said = subprocess.run([sys.executable, "-c", program], cwd=PROJECT_ROOT, capture_output=True, check=True)
    assert said.stdout == b"1"
    assert Path("/dev/stdout").is_symlink()
