"""A terminal that types many commands quickly: each in a process of its own, which has the program loaded already.

`python -m tests.documented.terminal` reads sessions as JSON and prints what became of each of their commands.
"""

import importlib
import json
import multiprocessing
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

import hotline
from models.instance.home import PROJECT_ROOT

AT_ONCE = 2
LONGEST_S = 60
"""A command that takes longer is killed."""


@dataclass(frozen=True)
class Session:
    """Commands to type one after the other, at one home, in a terminal of one language."""

    home: str
    lang: str
    commands: list[list[str]]


@dataclass(frozen=True)
class Ended:
    """How a command ended; a signal is a negative code."""

    code: int
    said: str


def typed(sessions: list[Session]) -> list[list[Ended]]:
    """What became of each command of each session. The sessions run side by side."""
    process = subprocess.run(
        [sys.executable, "-m", "tests.documented.terminal"],
        cwd=PROJECT_ROOT,
        input=json.dumps([asdict(session) for session in sessions]),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [[Ended(**ended) for ended in session] for session in json.loads(process.stdout)]


def _session(session: Session) -> list[Ended]:
    with tempfile.TemporaryDirectory() as folder:
        return [_command(session, words, Path(folder)) for words in session.commands]


def _command(session: Session, words: list[str], folder: Path) -> Ended:
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if not child:
            _become(session, words, folder, output.fileno())
        _, status = os.waitpid(child, 0)
        output.seek(0)
        return Ended(os.waitstatus_to_exitcode(status), output.read().decode("utf-8", "replace"))


def _become(session: Session, words: list[str], folder: Path, output: int) -> NoReturn:
    """The command itself: nobody answers its questions, and it is in a folder of its own."""
    signal.alarm(LONGEST_S)
    code = 1
    try:
        os.chdir(folder)
        for descriptor in (1, 2):
            os.dup2(output, descriptor)
        os.environ |= {"HOTLINE_HOME": session.home, "LANG": session.lang}
        for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "HOTLINE_STAFF"):
            os.environ.pop(name, None)
        sys.argv = ["hotline", *words]
        from hotline import cli

        cli.main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    sessions = [Session(**session) for session in json.load(sys.stdin)]
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    for module in pkgutil.walk_packages(hotline.__path__, "hotline."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    with multiprocessing.get_context("fork").Pool(AT_ONCE) as pool:
        ended = pool.map(_session, sessions, chunksize=1)
    print(json.dumps([[asdict(one) for one in session] for session in ended]))


if __name__ == "__main__":
    main()
