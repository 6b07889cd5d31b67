"""A private hotline with its own home and ports: `hotline serve` as a user starts it, and its phones."""

import itertools
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from models.database.store import Store
from models.instance import tls
from models.instance.home import PROJECT_ROOT, Home
from models.instance.secrets import Secrets
from models.language import Language
from models.policy import Policy
from models.site import Site
from phones.call import PhoneEvent
from phones.microphone import Microphone
from phones.phone import Phone
from phones.ports import Ports, claimed

T = TypeVar("T")
Settings = Mapping[str, Any]
"""Values by their dotted key, such as {"answer.rings": 1}; other values stay as delivered."""
AS_DELIVERED: Settings = MappingProxyType({})

QUIET: Settings = MappingProxyType(
    {"notify.kinds": [], "call_back.by_itself": False, "trunks.down_after_s": 24 * 60 * 60}
)
"""No telephone rings about a new ticket, an owed call back, or the trunk without a carrier, unless a story wants it."""

_START_S = 60.0
_STOP_S = 30.0
CARRIER = "127.0.0.2"


@dataclass(frozen=True)
class _OfSite(Ports):
    """The ports that a site file names, next to a block for the phones only."""

    site: Site

    @property
    def sip(self) -> int:
        return self.site.sip.port

    @property
    def http(self) -> int:
        return self.site.http.port

    @property
    def carrier(self) -> int:
        return next((trunk.port for trunk in self.site.trunks if trunk.addresses), 0)


def as_staff(agents: Iterable[str]) -> str:
    """Additional agents with these numbers, as a site file has them."""
    who = 'number = "{0}"\nname = "{0}"\ngroup = "agents"\nrole = "agent"\non_duty = true\n'
    return "".join(f"\n[[staff]]\n{who.format(number)}" for number in agents)


class LiveHotline:
    """One running hotline. `phone` is a staff or room telephone, `caller` a telephone in the public network."""

    def __init__(self, folder: Path, ports: Ports, project: Path = PROJECT_ROOT) -> None:
        self.home, self.ports, self.project = Home(folder), ports, project
        self.on_event: Callable[[Phone, PhoneEvent], None] | None = None
        self._numbers = itertools.count()
        self._phones = ExitStack()
        self._serve: subprocess.Popen[bytes] | None = None
        self._phones_folder = folder / "phones"

    @classmethod
    @contextmanager
    def running(
        cls,
        folder: Path,
        *,
        site: Settings = AS_DELIVERED,
        policy: Settings = AS_DELIVERED,
        agents: Iterable[str] = (),
        project: Path = PROJECT_ROOT,
    ) -> Iterator["LiveHotline"]:
        """Runs during the block and is stopped as with Ctrl-C; `site` and `policy` change settings, `agents` are the
        numbers of additional agents, `project` is the folder of the build that runs.

        Raises RuntimeError with its output when it does not get ready.
        """
        with claimed() as ports:
            instance = cls(folder, ports, project)
            instance.configure(site, policy, agents)
            try:
                instance.start()
                yield instance
            finally:
                instance.close_phones()
                instance.stop()

    @classmethod
    @contextmanager
    def attached(cls, home: Home, phones: Path) -> Iterator["LiveHotline"]:
        """A hotline that was started elsewhere in this home: only its telephones, in folder `phones`, are ours.

        Raises ConfigError when its site file is wrong.
        """
        with claimed() as block:
            instance = cls(home.path, _OfSite(block.first, Site.load(home.site_file)))
            instance._phones_folder = phones
            try:
                yield instance
            finally:
                instance.close_phones()

    def configure(self, site: Settings, policy: Settings, agents: Iterable[str] = ()) -> None:
        """Writes the site and policy files as delivered, with this instance's ports, the changes, and more agents, and
        `QUIET` unless changed."""
        first, last = self.ports.rtp
        own = {
            "sip.port": self.ports.sip,
            "sip.tls_port": self.ports.tls,
            "http.port": self.ports.http,
            "agi.port": self.ports.agi,
            "console.port": self.ports.console,
            "carrier.port": self.ports.carrier,
            "rtp.first": first,
            "rtp.last": last,
        }
        self.home.path.mkdir(parents=True, exist_ok=True)
        for file, example, changes in (
            (self.home.site_file, "site.example.toml", own | dict(site)),
            (self.home.policy_file, "policy.toml", {**QUIET, **policy}),
        ):
            text = (self.project / example).read_text(encoding="utf-8")
            for key, value in changes.items():
                text = changed(text, key, value)
            file.write_text(text, encoding="utf-8")
        with self.home.site_file.open("a", encoding="utf-8") as file_of_site:
            file_of_site.write(as_staff(agents))

    def start(self) -> None:
        """Returns when it is ready to be called."""
        own = self.project / ".venv" / "bin" / "python"
        with self.log.open("ab") as log:
            self._serve = subprocess.Popen(
                [
                    str(own) if own.exists() else sys.executable,
                    "-m",
                    "hotline",
                    "--home",
                    str(self.home.path),
                    "--lang",
                    "en",
                    "serve",
                ],
                cwd=self.project,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.until(lambda: self.state().get("ready"), "ready", _START_S)

    def stop(self) -> int:
        """As Ctrl-C does; returns the exit status."""
        assert self._serve is not None
        if self._serve.poll() is None:
            self._serve.send_signal(signal.SIGINT)
        try:
            return self._serve.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._serve.kill()
            raise RuntimeError(f"the hotline did not stop within {_STOP_S:g} s: {self.said()}") from None

    @property
    def log(self) -> Path:
        """The file with the output of `hotline serve`."""
        return self.home.path / "serve.log"

    def said(self) -> str:
        """All of its output; empty for a hotline that was started elsewhere."""
        if self._serve is None:
            return ""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def state(self) -> dict[str, Any]:
        """The supervisor's state of itself and its children; empty before it has written one.

        Raises RuntimeError when it has ended.
        """
        if self._serve is None or self._serve.poll() is not None:
            raise RuntimeError(f"the hotline is not running: {self.said()}")
        try:
            state: dict[str, Any] = json.loads((self.home.run / "status.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return state if state.get("pid") == self._serve.pid else {}

    def child(self, name: str) -> dict[str, Any]:
        """The supervisor's state of one child: `pid`, `state` ("up", ...), `restarts`, `last_end`."""
        child: dict[str, Any] = self.state()["children"][name]
        return child

    def kill(self, name: str) -> int:
        """Kills a child ("ivr", "scheduler", "asterisk") without warning; returns, once it has ended, its number of
        restarts until then."""
        child = self.child(name)
        process = os.pidfd_open(child["pid"])
        signal.pidfd_send_signal(process, signal.SIGKILL)
        select.select([process], [], [], _STOP_S)
        os.close(process)
        return int(child["restarts"])

    def wait_restarted(self, name: str, restarts: int, timeout: float = 30.0) -> None:
        """Waits until the child has more than `restarts` restarts (the value that `kill` returned) and works."""
        self.until(
            lambda: self.child(name)["restarts"] > restarts and self.child(name)["state"] == "up",
            f"restart of {name}",
            timeout,
        )

    def until(self, truth: Callable[[], T | None], what: str, timeout: float = 10.0) -> T:
        """Asks repeatedly until the answer is true; returns it. Raises RuntimeError after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while not (answer := truth()):
            if time.monotonic() > deadline:
                raise RuntimeError(f"no {what} within {timeout:g} s; the hotline said:\n{self.said()}")
            time.sleep(0.05)
        return answer

    @cached_property
    def site(self) -> Site:
        return Site.load(self.home.site_file)

    @cached_property
    def policy(self) -> Policy:
        return Policy.load(self.home.policy_file, self.site)

    @cached_property
    def store(self) -> Store:
        """The database the hotline itself uses."""
        return Store(self.home.database_url(self.site), area_code=self.site.area_code)

    def phone(self, number: str, mic: Microphone | None = None, language: Language = "zh") -> Phone:
        """The registered telephone of that number."""
        password = Secrets.load_or_create(self.home, self.site).sip[number]
        return self._phone(number, password, mic, language, self.site.sip.address).registered()

    def encrypted_phone(self, number: str, mic: Microphone | None = None, language: Language = "zh") -> Phone:
        """The registered telephone of that number, over TLS and SRTP."""
        password = Secrets.load_or_create(self.home, self.site).sip[number]
        address, authority = self.site.sip.address, tls.authority(self.home)
        return self._phone(number, password, mic, language, address, authority).registered()

    def caller(self, number: str, mic: Microphone | None = None, language: Language = "zh") -> Phone:
        """A telephone in the public network, whose calls come over the carrier's trunk."""
        return self._phone(number, None, mic, language, self.carrier)

    @property
    def carrier(self) -> str:
        """The address of the first trunk that is known by one; empty without such a trunk."""
        return next((trunk.addresses[0] for trunk in self.site.trunks if trunk.addresses), "")

    def command(self, *words: str) -> subprocess.Popen[str]:
        """A command in English, as its user types it; it ends with the telephones at the latest."""
        line = [sys.executable, "-m", "hotline", "--home", str(self.home.path), "--lang", "en", *words]
        program = subprocess.Popen(
            line,
            cwd=self.project,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._phones.enter_context(program)
        self._phones.callback(program.kill)
        return program

    def close_phones(self) -> None:
        """Hangs up and ends every telephone, and the commands."""
        self._phones.close()
        self._numbers = itertools.count()

    def _phone(
        self,
        number: str,
        password: str | None,
        mic: Microphone | None,
        language: Language,
        address: str,
        authority: Path | None = None,
    ) -> Phone:
        place = next(self._numbers)
        control, rtp = self.ports.phone(place)
        phone = Phone(
            number,
            password,
            f"{self.site.sip.address}:{self.site.sip.tls_port if authority else self.ports.sip}",
            self._phones_folder / str(place),
            control,
            rtp,
            mic=mic,
            address=address,
            language=language,
            authority=authority,
            srtp="compulsory" if self.site.sip.tls == "required" else "offered",
            on_event=self.on_event,
        )
        return self._phones.enter_context(phone)


def changed(text: str, key: str, value: object) -> str:
    """The TOML text with a new value for the key, plain or as {value = ...}. Raises KeyError for an unknown key."""
    section, _, name = key.rpartition(".")
    line = re.compile(rf"({re.escape(name)} *= *(?:{{ value = )?).*?(, rule = .*| *#.*|)\n")
    lines, here = text.splitlines(keepends=True), False
    for place, old in enumerate(lines):
        here = old.startswith(f"[{section}]") or (here and not old.startswith("["))
        if here and (found := line.fullmatch(old)):
            lines[place] = f"{found[1]}{json.dumps(value, ensure_ascii=False)}{found[2]}\n"
            return "".join(lines)
    raise KeyError(key)
