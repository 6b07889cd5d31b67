"""A second Asterisk plays the public network: a carrier by address, one with registration, and an FXO gateway."""

import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from hotline.supervisor import engine
from models.instance import tls
from models.instance.home import Home
from models.instance.secrets import Secrets
from models.site.network import Encryption
from phones.instance import LiveHotline

OPEN, REGISTRAR, BOX = "127.0.0.4", "127.0.0.5", "127.0.0.6"
"""The carrier known by its address, the one where the hotline registers, the gateway."""
ACCOUNT, PASSWORD = "02088886666", "kept;by the carrier".replace(" ", "-")
TELECOM, IMS, GATEWAY = "telecom", "ims", "box"
"""The names of these trunks in the hotline's site file."""
_PLACES = {TELECOM: OPEN, IMS: REGISTRAR, GATEWAY: BOX}
TONE = {TELECOM: 440.0, IMS: 620.0, GATEWAY: 880.0}
"""What somebody who is called over each of them sounds like, Hz."""

_PJSIP = """
[global]
type = global
endpoint_identifier_order = username,ip
{transports}
[side](!)
type = endpoint
disallow = all
allow = alaw,ulaw
direct_media = no
rtp_symmetric = yes
rtp_timeout = 30
{encryption}

[telecom-end](!,side)
transport = telecom
context = telecom
aors = telecom
identify_by = ip
[telecom](telecom-end)
[telecom-plain](telecom-end)
media_encryption = no
[telecom]
type = aor
contact = sip:{hotline}
[telecom]
type = identify
endpoint = telecom
match = 127.0.0.1

[account-end](!,side)
transport = ims
context = ims
aors = {account}
auth = {account}
identify_by = username
[{account}](account-end)
[{account}-plain](account-end)
media_encryption = no
[{account}]
type = auth
auth_type = digest
username = {account}
password = {password}
[{account}]
type = aor
max_contacts = 1
remove_existing = yes

[box-end](!,side)
transport = box
context = box
aors = hotline-of-box
outbound_auth = box
identify_by = username
[box](box-end)
[box-plain](box-end)
media_encryption = no
[hotline-of-box]
type = aor
contact = sip:{hotline}
[box]
type = auth
auth_type = digest
username = box
password = {box_password}
[box]
type = registration
transport = box
outbound_auth = box
server_uri = sip:{hotline}
client_uri = sip:box@{hotline}
contact_user = line-1
endpoint = box
line = yes
retry_interval = 2
forbidden_retry_interval = 2
fatal_retry_interval = 2
max_retries = 10000
auth_rejection_permanent = no
"""
_TRANSPORT = """
[{name}]
type = transport
protocol = {protocol}
bind = {address}:{port}
"""
_ENCRYPTED = """
cert_file = {base}/etc/{name}.pem
priv_key_file = {base}/etc/{name}-key.pem
method = tlsv1_2
"""
_SRTP, _IF_BOTH_DO = "media_encryption = sdes\n", "media_encryption_optimistic = yes\n"
_DIALPLAN = """
[{name}]
exten => _[0-9+]!,1,Log(NOTICE,{name} is called: ${{EXTEN}} by ${{CALLERID(num)}})
 same => n,GotoIf($["${{DO_{name}}}" != ""]?do-${{DO_{name}}},1)
 same => n,Goto(do-answers,1)
exten => do-answers,1,Ringing()
 same => n,Wait(0.3)
 same => n,Goto(do-talks,1)
exten => do-rings,1,Ringing()
 same => n,Wait(60)
exten => do-progresses,1,Progress()
 same => n,Playtones({tone})
 same => n,Wait(60)
exten => do-silent,1,Wait(60)
exten => do-rings-long,1,Ringing()
 same => n,Wait(8)
 same => n,Goto(do-talks,1)
exten => do-late,1,Wait(6)
 same => n,Goto(do-talks,1)
exten => do-refuses,1,Hangup(34)
exten => do-forbids,1,Hangup(21)
exten => do-busy,1,Hangup(17)
exten => do-echoes,1,Answer()
 same => n,Set(SEEN=secure=${{CHANNEL(pjsip,secure)}}${{CHANNEL(rtp,secure,audio)}})
 same => n,Set(SEEN=${{SEEN}} codec=${{CHANNEL(audionativeformat)}} voice=${{CHANNEL(rtp,dest,audio)}})
 same => n,Set(SEEN=${{SEEN}} from=${{PJSIP_HEADER(read,From)}})
 same => n,Set(SEEN=${{SEEN}} contact=${{PJSIP_HEADER(read,Contact)}} route=${{PJSIP_HEADER(read,Route)}} .)
 same => n,Log(NOTICE,{name} talks: ${{SEEN}})
 same => n,Echo()
exten => do-talks,1,Answer()
 same => n,Playtones({tone})
 same => n,Wait(60)
exten => h,1,Log(NOTICE,{name} is over: ${{CHANNEL(state)}})
"""
_CALLERS = """
[speaks]
exten => s,1,Playtones(1000)
 same => n,Wait(60)
"""


class PlayedCarrier:
    """It runs during the block. What it was asked is in `calls`; `does` says how it treats the next calls.

    With `encryption` it speaks TLS alone, and SRTP if the hotline does ("optional") or always ("required"), and shows
    the certificates of the authority `shown`, whose file is `authority`.
    """

    def __init__(self, hotline: LiveHotline, port: int, first_rtp: int, encryption: Encryption = "off") -> None:
        self._hotline, self._port, self._rtp, self._encryption = hotline, port, first_rtp, encryption
        self._home = Home(hotline.home.path / "carrier")
        self.shown = "known"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.starts()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ends()

    # -- what a test does ---------------------------------------------------------------------------------------------

    def starts(self) -> None:
        """Returns when it answers on its console."""
        self._configure(PASSWORD)
        found = engine.find(self._hotline.home)
        engine.prepare(self._home)
        command = found.command(self._home, ["-f", "-C", f"{found.view.base}/etc/asterisk.conf"])
        with (self._home.path / "output").open("ab") as output:
            self._process = subprocess.Popen(command, env=found.environment(), stdout=output, stderr=output)
        self.until(lambda: "No" in self.tells("core show channels count") or "active" in self._last, "console")

    def knows_the_hotline(self) -> None:
        """Waits until both have registered, the hotline and the gateway; a refused one tries again after a minute."""
        self.until(lambda: f"{ACCOUNT}/sip:" in self.tells("pjsip show contacts"), "registration of the hotline", 90)
        self.until(lambda: " Registered " in self.tells("pjsip show registrations"), "registration of the gateway", 40)

    def ends(self) -> None:
        if self._process is not None:
            self.falls_silent(False)
            self._process.kill()
            self._process.wait(10)

    @property
    def authority(self) -> Path:
        made = Home(self._home.path / self.shown)
        if not tls.authority(made).exists():
            made.tls.mkdir(parents=True)
            for name, address in _PLACES.items():
                tls._make(made, address, made.tls / f"{name}-key.pem", made.tls / f"{name}.pem")
        return tls.authority(made)

    def falls_silent(self, silent: bool = True) -> None:
        """Nothing is answered any more, not even OPTIONS; or again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if silent else signal.SIGCONT)

    def does(self, trunk: str, what: str) -> None:
        """How it treats calls over this trunk: answers, rings, rings-long (8 s, then answers), progresses, silent (100
        only), echoes (what it hears), late (answers after 6 s), refuses (503), forbids (403), busy."""
        self.tells(f"dialplan set global DO_{trunk} {what}")

    def knows_password(self, password: str = PASSWORD) -> None:
        """From now on the account has this password."""
        self._configure(password)
        self.tells("pjsip reload")

    def calls_in(self, trunk: str, dialled: str, caller: str, *, plain: bool = False) -> None:
        """Somebody calls a number of the hotline over this trunk, and speaks; `plain`: by voice without SRTP."""
        endpoint = {TELECOM: TELECOM, IMS: ACCOUNT, GATEWAY: "box"}[trunk] + ("-plain" if plain else "")
        self.tells(f"dialplan set global CALLER {caller}")
        self.tells(f"channel originate Local/{dialled}@into-{endpoint} extension s@speaks")

    def hangs_up(self) -> None:
        self.tells("channel request hangup all")

    @property
    def calls(self) -> list[tuple[str, str, str]]:
        """Trunk, dialled number and shown caller of each call that has come, in order."""
        return re.findall(r"(\w+) is called: (\S+) by (\S*)", self._log())

    @property
    def talks(self) -> list[dict[str, str]]:
        """What each call whose sound is echoed shows: `trunk`; `secure`, "11" if signalling and voice are encrypted;
        `codec`; `voice`, where sound is sent to; and the headers `from`, `contact` and `route`."""
        said = re.findall(r"(\w+) talks: (.*)", self._log())
        return [{"trunk": trunk} | dict(re.findall(r"(\w+)=(.*?) (?=\w+=|\.$)", text)) for trunk, text in said]

    @property
    def over(self) -> list[str]:
        """The trunks of calls that have ended, in order."""
        return re.findall(r"(\w+) is over", self._log())

    def forgets(self) -> None:
        """What has been: `calls` begins anew; each trunk answers."""
        self.hangs_up()
        self.until(lambda: "0 active channels" in self.tells("core show channels"), "end of its calls")
        self._mark = len(self._text())
        for trunk in TONE:
            self.does(trunk, "answers")

    def tells(self, command: str) -> str:
        """A command on its console, and the answer; empty while it does not run."""
        self._last = ""
        with suppress(OSError), socket.socket(socket.AF_UNIX) as console:
            console.settimeout(2)
            # A socket's path may have 107 characters only.
            short = Path(f"/tmp/.carrier-{self._port}")
            short.unlink(missing_ok=True)
            short.symlink_to(self._home.asterisk / "run")
            console.connect(str(short / "asterisk.ctl"))
            short.unlink()
            console.sendall(command.encode() + b"\0")
            console.shutdown(socket.SHUT_WR)
            while block := console.recv(65536):
                self._last += block.decode("utf-8", "replace")
        return self._last

    def until(self, truth: Callable[[], object], what: str, seconds: float = 15.0) -> None:
        """Asks until it is true. Raises AssertionError."""
        deadline = time.monotonic() + seconds
        while not truth():
            if time.monotonic() > deadline:
                raise AssertionError(f"the carrier: no {what} within {seconds:g} s\n{self._text()[-3000:]}")
            time.sleep(0.05)

    # -- its files ----------------------------------------------------------------------------------------------------

    _mark = 0
    _last = ""

    def _text(self) -> str:
        file = self._home.asterisk / "log" / "calls"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""

    def _log(self) -> str:
        return self._text()[self._mark :]

    def _configure(self, password: str) -> None:
        etc, ours = self._home.asterisk / "etc", self._hotline.home.asterisk
        self._home.create_missing()
        etc.mkdir(parents=True, exist_ok=True)
        for name in ("lib", "log", "run", "spool"):
            (self._home.asterisk / name).mkdir(exist_ok=True)
        for file in (ours / "etc").iterdir():
            shutil.copy(file, etc / file.name)
        documentation = self._home.asterisk / "documentation"
        documentation.unlink(missing_ok=True)
        documentation.symlink_to((ours / "documentation").readlink())
        modules = (etc / "modules.conf").read_text(encoding="utf-8")
        files = {
            "modules.conf": re.sub(r"load = \S*(ari|stasis|agi|http|websocket)\S*\n", "", modules)
            + "load = app_verbose.so\nload = app_echo.so\nload = res_clioriginate.so\n",
            "http.conf": "[general]\nenabled = no\n",
            "logger.conf": "[general]\n[logfiles]\ncalls => notice,warning,error\n",
            "rtp.conf": f"[general]\nrtpstart = {self._rtp}\nrtpend = {self._rtp + 99}\nicesupport = no\n",
            "pjsip.conf": self._pjsip(password),
            "extensions.conf": self._extensions(),
        }
        for name, text in files.items():
            (etc / name).write_text(text, encoding="utf-8")
        for file in self.authority.parent.iterdir() if self._encryption != "off" else ():
            shutil.copy(file, etc)
            (etc / file.name).chmod(0o644)

    def _pjsip(self, password: str) -> str:
        plain, base = self._encryption == "off", engine.find(self._hotline.home).view.base
        transport, protocol = (_TRANSPORT, "udp") if plain else (_TRANSPORT + _ENCRYPTED, "tls")
        transports = [
            transport.format(name=name, address=at, port=self._port, protocol=protocol, base=base)
            for name, at in _PLACES.items()
        ]
        sip = self._hotline.site.sip
        return _PJSIP.format(
            transports="".join(transports),
            encryption={"off": "", "optional": _SRTP + _IF_BOTH_DO, "required": _SRTP}[self._encryption],
            hotline=f"{sip.address}:{sip.port}" if plain else f"{sip.address}:{sip.tls_port}\\;transport=tls",
            account=ACCOUNT,
            password=password.replace(";", "\\;"),
            box_password=Secrets.load_or_create(self._hotline.home, self._hotline.site).sip[GATEWAY],
        )

    @staticmethod
    def _extensions() -> str:
        text = "".join(_DIALPLAN.format(name=name, tone=round(tone)) for name, tone in TONE.items()) + _CALLERS
        for endpoint in (one + how for one in (TELECOM, ACCOUNT, "box") for how in ("", "-plain")):
            text += f"\n[into-{endpoint}]\nexten => _[0-9a-z+]!,1,Set(CALLERID(all)=${{CALLER}})\n"
            text += f" same => n,Dial(PJSIP/${{EXTEN}}@{endpoint})\n"
        return text


def trunks(port: int, encryption: Encryption = "off") -> str:
    """The hotline's site file: the three trunks in this order."""
    return f"""
[[trunk]]
name = "{TELECOM}"
addresses = ["{OPEN}"]
port = {port}
tls = "{encryption}"

[[trunk]]
name = "{IMS}"
kind = "registration"
server = "{REGISTRAR}"
port = {port}
tls = "{encryption}"
user = "{ACCOUNT}"
caller = "{ACCOUNT}"
dials = "+86"
line = "8000"

[[trunk]]
name = "{GATEWAY}"
kind = "gateway"
line = "8001"
tls = "{encryption}"
"""
