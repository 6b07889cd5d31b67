"""What root's process keeps when it acts as an account, in every thread of it."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.unit

_TWO_THREADS = """
import os, threading
from models.instance import rights

if os.getuid() == 0:
    rights.act_as(65534, 65534)
kept = {line for line in open("/proc/thread-self/status") if line.startswith(("Uid", "CapEff"))}

def for_a_moment():
    with rights.as_root():
        assert os.geteuid() == os.getuid()

for _ in range(3):
    other = threading.Thread(target=for_a_moment)
    other.start()
    other.join()
    assert kept == {line for line in open("/proc/thread-self/status") if line.startswith(("Uid", "CapEff"))}
"""


def test_a_thread_that_is_root_for_a_moment_takes_nothing_from_the_others() -> None:
    done = subprocess.run([sys.executable, "-c", _TWO_THREADS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
