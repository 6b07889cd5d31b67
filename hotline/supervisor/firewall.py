"""Packets of banned addresses to the SIP ports are dropped by the kernel, where nftables may be used (as root).

One table of our own, which is replaced as a whole and holds nothing else; all other traffic of these addresses goes on.
"""

import shutil
import subprocess
from collections.abc import Collection

from models.instance.rights import started_by_root

_TABLE = """table inet {name}
delete table inet {name}
table inet {name} {{
    set banned {{
        type ipv4_addr
        elements = {{ {addresses} }}
    }}
    chain arriving {{
        type filter hook input priority -10
        ip saddr @banned udp dport {{ {ports} }} drop
        ip saddr @banned tcp dport {{ {ports} }} drop
    }}
}}
"""


def keep_out(name: str, addresses: Collection[str], ports: Collection[int]) -> str:
    """Exactly these addresses, none for an empty list; returns what nft says if it refuses."""
    if not addresses:
        return let_in(name)
    text = _TABLE.format(name=name, addresses=", ".join(sorted(addresses)), ports=", ".join(map(str, sorted(ports))))
    return _nft(text)


def let_in(name: str) -> str:
    """Removes the table, if there is one."""
    return _nft(f"table inet {name}\ndelete table inet {name}\n")


def usable() -> bool:
    return started_by_root() and shutil.which("nft") is not None


def _nft(script: str) -> str:
    asked = subprocess.run(
        ["nft", "-f", "-"], input=script, capture_output=True, text=True, check=False, user=0, group=0
    )
    return "" if asked.returncode == 0 else asked.stderr.strip()
