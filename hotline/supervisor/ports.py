"""Taken ports are reported before anything starts, with the program that holds each and the key to change."""

import errno
import socket
from collections.abc import Iterator
from pathlib import Path

from models.errors import Problem
from models.instance.home import Home
from models.instance.rights import as_root
from models.site import Site

_KINDS = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM}


def taken(home: Home, site: Site) -> list[Problem]:
    """The problems of our sockets: SIP over UDP and TCP, the console's, and HTTP and AGI on loopback.

    RTP ports are left out: Asterisk itself skips those that are taken.
    """
    problems: list[Problem] = []
    encrypted = [("tcp", site.sip.address, site.sip.tls_port, "sip", "tls_port")] if site.encrypts else []
    for protocol, address, port, section, name in (
        ("udp", site.sip.address, site.sip.port, "sip", "port"),
        ("tcp", site.sip.address, site.sip.port, "sip", "port"),
        *encrypted,
        ("tcp", "127.0.0.1", site.http.port, "http", "port"),
        ("tcp", "127.0.0.1", site.agi.port, "agi", "port"),
        ("tcp", site.console.address, site.console.port, "console", "port"),
    ):
        error = _refused(protocol, address, port)
        if error == errno.EADDRNOTAVAIL:
            problem = Problem(
                home.site_file,
                f"{section}.address",
                f'"{address}" is no address of this machine',
                "one that `ip -brief address` shows",
                f'"{address}" 不是本机的地址',
                "`ip -brief address` 列出的地址之一",
            )
        elif error == errno.EACCES:
            problem = Problem(
                home.site_file,
                f"{section}.{name}",
                f"{port} may not be used by this account",
                "a port above 1023",
                f"当前账户不能使用端口 {port}",
                "大于 1023 的端口",
            )
        elif error:
            who = holder(protocol, port)
            problem = Problem(
                home.site_file,
                f"{section}.{name}",
                f"{port}/{protocol} on {address} is in use by {who or 'another program'}",
                "a free port, or end that program",
                f"{address} 的端口 {port}/{protocol} 已被{who or '其他程序'}占用",
                "换一个空闲端口，或停止该程序",
            )
        else:
            continue
        if problem.key not in {known.key for known in problems}:
            problems.append(problem)
    return problems


def holder(protocol: str, port: int) -> str:
    """Such as "process 812 (asterisk)"; empty when /proc hides it (other accounts' processes, without root)."""
    inodes = {f"socket:[{inode}]" for inode in _inodes(protocol, port)}
    with as_root():
        for process in Path("/proc").iterdir():
            if not process.name.isdecimal():
                continue
            try:
                if any(str(descriptor.readlink()) in inodes for descriptor in (process / "fd").iterdir()):
                    return f"process {process.name} ({(process / 'comm').read_text(encoding='utf-8').strip()})"
            except OSError:
                continue  # ended meanwhile, or not ours to see
    return ""


def _refused(protocol: str, address: str, port: int) -> int:
    """The errno of binding the socket, or 0."""
    with socket.socket(socket.AF_INET, _KINDS[protocol]) as probe:
        if protocol == "tcp":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Asterisk does
        try:
            probe.bind((address, port))
            if protocol == "tcp":
                probe.listen()
        except OSError as error:
            return error.errno or errno.EADDRINUSE
    return 0


def _inodes(protocol: str, port: int) -> Iterator[str]:
    """Sockets that hold the port; of TCP only the listening ones (state 0A)."""
    for family in (protocol, f"{protocol}6"):
        table = Path("/proc/net") / family
        for row in table.read_text(encoding="ascii").splitlines()[1:] if table.exists() else ():
            fields = row.split()
            if int(fields[1].rpartition(":")[2], 16) == port and (protocol == "udp" or fields[3] == "0A"):
                yield fields[9]
