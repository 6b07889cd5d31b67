"""The kernel drops what banned addresses send to SIP, and nothing else of theirs."""

import os
import shutil
import subprocess

import pytest

from hotline.supervisor import firewall

pytestmark = pytest.mark.store

NAME, PORTS = "hotline-5060", {5060, 5061}


class Nft:
    """Stands in for the program, and keeps what it was told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.told: list[str] = []
        monkeypatch.setattr(firewall, "_nft", lambda script: self.told.append(script) or "")


def test_the_table_is_replaced_as_a_whole_and_gone_when_nobody_is_banned(monkeypatch: pytest.MonkeyPatch) -> None:
    nft = Nft(monkeypatch)
    firewall.keep_out(NAME, {"192.0.2.2", "192.0.2.1"}, PORTS)
    firewall.keep_out(NAME, set(), PORTS)
    whole, gone = nft.told
    assert "elements = { 192.0.2.1, 192.0.2.2 }" in whole
    assert "udp dport { 5060, 5061 } drop" in whole
    assert whole.startswith(gone)
    assert gone == f"table inet {NAME}\ndelete table inet {NAME}\n"


def test_nftables_takes_the_table_where_it_may_be_used() -> None:
    """In a network of its own, so that this machine's firewall stays as it is."""
    if not firewall.usable():
        assert os.geteuid() != 0 or shutil.which("nft") is None
        return
    script = firewall._TABLE.format(name=NAME, addresses="192.0.2.1", ports="5060")
    within = ["unshare", "--net", "sh", "-c", "nft -f - && nft list ruleset"]
    listed = subprocess.run(within, input=script, capture_output=True, text=True, check=True).stdout
    assert "192.0.2.1" in listed
    assert "drop" in listed
