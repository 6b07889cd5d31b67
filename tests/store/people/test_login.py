"""What is done at a terminal has a person behind it: who has signed in there, or root, and then the log says root."""

import contextlib
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hotline.terminal import signed_in
from models.clock import SystemClock
from models.instance.home import PROJECT_ROOT
from models.people import access_log, accounts, sign_ins
from models.states.people import SignInPlace
from models.tables import TicketEvent
from tests.store.terminal import Terminal

pytestmark = pytest.mark.store

RIGHT = "nine green bottles"
NEW_TICKET = ("ticket", "new", "repair", "--problem", "the lamp")


@pytest.fixture
def by_nobody_special(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account that gives the commands is not root."""
    monkeypatch.setattr(os, "getuid", lambda: 54321)


@pytest.fixture
def account(hotline: Terminal) -> Callable[[str], None]:
    """Somebody has chosen a password by the link of `hotline accounts link`."""

    def chosen(number: str, *options: str) -> None:
        path = hotline("accounts", "link", number, *options).strip()
        assert hotline.code == 0, hotline.errors
        secret = path.rpartition("/")[2]
        at = SystemClock().now()
        accounts.use_link(hotline.store, secret, RIGHT, place=SignInPlace.BROWSER, address="office", at=at)

    return chosen


@pytest.fixture
def login(hotline: Terminal, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Types the number, and the password when it is asked for."""

    def typed(number: str, password: str = RIGHT) -> str:
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr("getpass.getpass", lambda _: password)
        return hotline("login", number)

    return typed


def logged(hotline: Terminal) -> list[tuple[str, str, str]]:
    newest = hotline.store.read(access_log.newest, limit=3)
    return [(one.who, one.what, one.subject) for one in newest]


def writers(hotline: Terminal) -> set[str]:
    return set(hotline.store.read(lambda session: [event.who for event in session.query(TicketEvent).all()]))


def test_root_acts_for_others_and_the_log_says_root(hotline: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    hotline(*NEW_TICKET, "--as", "7001")
    assert hotline.code == 0, hotline.errors
    assert writers(hotline) == {"7001"}
    assert logged(hotline) == [("root as 7001", "command", "ticket new")]
    monkeypatch.setenv("SUDO_USER", "zhang")
    hotline("ticket", "note", "1001", "a word that is not logged", "--as", "7002")
    assert logged(hotline)[0] == ("root (zhang) as 7002", "command", "ticket note 1001")


def test_a_number_that_is_merely_typed_is_refused(
    hotline: Terminal, by_nobody_special: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in ((*NEW_TICKET, "--as", "7001"), ("tickets", "--as", "7001"), ("handover", "give", "7001")):
        hotline(*words)
        assert hotline.code == 1
        assert "sign in first: .venv/bin/hotline login 7001" in hotline.errors
    monkeypatch.setenv("SUDO_USER", "7001")
    hotline(*NEW_TICKET)
    assert "nobody has the number" in hotline.errors
    monkeypatch.setenv("HOTLINE_STAFF", "7001")
    hotline(*NEW_TICKET)
    assert "sign in first" in hotline.errors


def test_who_has_signed_in_acts_under_the_own_number_until_signing_out(
    hotline: Terminal, account: Callable[..., None], login: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    account("7001")
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    assert login("7001") == "signed in as 7001 王芳; `.venv/bin/hotline logout` ends it\n"
    hotline(*NEW_TICKET)
    assert hotline.code == 0, hotline.errors
    assert writers(hotline) == {"7001"}
    hotline("staff", "--reveal")
    assert logged(hotline)[0] == ("7001", "names and numbers shown", "staff")
    assert "root" not in str(logged(hotline)[:1])
    hotline(*NEW_TICKET, "--as", "7002")
    assert "sign in first: .venv/bin/hotline login 7002" in hotline.errors
    assert hotline("logout") == "signed out\n"
    hotline(*NEW_TICKET)
    assert "nobody has the number" in hotline.errors
    assert hotline("logout") == "nobody is signed in at this terminal\n"


def test_the_sign_in_is_in_a_file_of_its_own_for_this_terminal_only(
    hotline: Terminal, account: Callable[..., None], login: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    account("7001")
    login("7001")
    (file,) = (hotline.home.run / "terminals").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr(os, "getsid", lambda _: 1)
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    hotline(*NEW_TICKET)
    assert "nobody has the number" in hotline.errors
    (file.parent / "999999999-1").write_text("of a session that has ended")
    login("7001")
    assert "999999999-1" not in {one.name for one in file.parent.iterdir()}


def test_a_wrong_password_and_a_pipe_sign_nobody_in(
    hotline: Terminal, account: Callable[..., None], login: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    account("7001")
    login("7001", "my wrong guess")
    assert hotline.code == 1
    assert "number or the password is wrong" in hotline.errors
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    hotline("login", "7001")
    assert "sign in at a terminal" in hotline.errors
    assert not (hotline.home.run / "terminals").exists()


def test_links_are_given_out_by_root_and_by_administrators_who_have_signed_in(
    hotline: Terminal, account: Callable[..., None], login: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    account("7050", "--administrator")
    account("7001")
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    hotline("accounts", "link", "7002")
    assert "only root, or an administrator" in hotline.errors
    login("7001")
    hotline("accounts", "link", "7002")
    assert "only root, or an administrator" in hotline.errors
    login("7050")
    assert hotline("accounts", "link", "7002").startswith("http://127.0.0.1:8090/sign-in/link/")
    assert logged(hotline)[0] == ("7050", "sign-in link made", "7002")
    hotline("accounts", "link", "7999")
    assert "nobody at work here has the number 7999" in hotline.errors


def test_a_sign_in_of_sudo_belongs_to_the_terminal_below_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {10: ("bash", 1, 10, 111), 20: ("sudo", 10, 10, 222), 30: ("sudo", 20, 30, 333)}
    monkeypatch.setattr(signed_in, "_stat", lambda pid: known.get(pid, ("", 0, 0, 0)))
    assert signed_in._session_of(30) == signed_in._session_of(10) == "10-111"


def test_a_terminal_keeps_only_the_secret_and_the_store_only_its_hash(
    hotline: Terminal, account: Callable[..., None], login: Callable[..., str]
) -> None:
    account("7001")
    login("7001")
    (file,) = (hotline.home.run / "terminals").iterdir()
    rows = hotline.store.read(lambda session: session.query(sign_ins.SignIn).order_by(sign_ins.SignIn.id).all())
    assert [row.place for row in rows] == [SignInPlace.BROWSER, SignInPlace.TERMINAL]
    assert rows[-1].sha256 == sign_ins.hashed(file.read_text())


def test_in_a_real_terminal_the_sign_in_holds_for_its_session_and_for_no_other(
    hotline: Terminal, account: Callable[..., None]
) -> None:
    account("7001")
    program = f"{sys.executable} -m hotline --home {hotline.home.path} --lang en"
    new = f"{program} ticket new repair --problem lamp"
    said = typed_at_a_terminal(f"{program} login 7001; {new}", password=RIGHT)
    assert "signed in as 7001" in said
    assert "ticket 1001" in said
    assert RIGHT not in said
    assert "nobody has the number" in typed_at_a_terminal(new)
    assert writers(hotline) == {"7001"}
    assert [who for who, what, _ in logged(hotline) if what == "command"] == []


def typed_at_a_terminal(commands: str, password: str = "") -> str:
    """What a new terminal shows; the password is typed when it is asked for."""
    ours, theirs = pty.openpty()
    shell = ["setsid", "--ctty", "--wait", "sh", "-c", commands]
    with subprocess.Popen(shell, stdin=theirs, stdout=theirs, stderr=theirs, cwd=PROJECT_ROOT) as running:
        os.close(theirs)
        said = ""
        with os.fdopen(ours, "r+b", buffering=0) as screen, contextlib.suppress(OSError):
            while piece := screen.read(1000):
                said += piece.decode(errors="replace")
                if password and said.endswith("password of 7001: "):
                    screen.write(f"{password}\n".encode())
        running.wait()
    return said
