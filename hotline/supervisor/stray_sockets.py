"""Asterisk listens on the addresses of the site file and on no other.

PJSIP opens two UDP sockets on all addresses, for a DNS resolver of its own that nobody asks (Asterisk has another one;
res_pjsip/config_system.c, pj_dns_resolver_create). No setting prevents or binds them. The kernel closes them for root:
they lose their ports, and nothing arrives there any more.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator

from models.instance.rights import started_by_root

_EVERYWHERE = re.compile(r"(?:0\.0\.0\.0|\*|\[::\]):[0-9]+")


def close(pid: int) -> None:
    """Closes the UDP sockets of this process that are bound to all addresses, where we may (root) and can (`ss`)."""
    program = shutil.which("ss")
    if program is None or not started_by_root():
        return
    for place in everywhere(program, pid):
        subprocess.run([program, "-K", "-u", "-a", "src", place], capture_output=True, check=False, user=0, group=0)


def everywhere(program: str, pid: int) -> Iterator[str]:
    """Such as "0.0.0.0:38211" and "[::]:60112"."""
    shown = subprocess.run(
        [program, "-H", "-u", "-a", "-n", "-p"], capture_output=True, text=True, check=False, user=0, group=0
    )
    for line in shown.stdout.splitlines():
        if f"pid={pid}," in line and (found := _EVERYWHERE.search(line)):
            yield found[0]
