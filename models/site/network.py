"""[sip], [rtp], [http], [agi], [console], [carrier] and [database] of the site file: addresses and ports."""

import ipaddress
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from models.settings import Strict
from models.site.fields import AN_ADDRESS, NETWORKS, PRIVATE_NETWORKS, Address, Network, Port

PemFile = Annotated[str, Field(pattern=r"^$|^/[^\x00-\x1f]{1,200}$")]
_PEM = '"" (one is made) or the whole path of a PEM file|""（自动生成）或 PEM 文件的完整路径'
Encryption = Literal["off", "optional", "required"]
ENCRYPTION = '"off", "optional" or "required"|"off"、"optional"、"required" 之一'


class Sip(Strict):
    """[sip]: where phones and the carrier reach us, over UDP and TCP; voice is sent to the same address.

    Behind a router that translates addresses, everybody outside `local_networks` is told `external_address`.
    Telephones are known only in `networks`: elsewhere the right password is refused like a wrong one. With `tls` they
    may, or must, encrypt: SIP over TLS at `tls_port`, voice by SRTP. `trunk_authority` holds the authorities that the
    certificate of a trunk with TLS must come from; without it no carrier's certificate is checked.
    """

    address: Address = Field(description=AN_ADDRESS)
    port: Port
    external_address: Address | None = Field(
        default=None, description=AN_ADDRESS.replace("192.168.1.10", "203.0.113.7")
    )
    local_networks: list[Network] = Field(default=PRIVATE_NETWORKS, description=NETWORKS)
    networks: Annotated[list[Network], Field(min_length=1)] = Field(default=PRIVATE_NETWORKS, description=NETWORKS)
    tls: Encryption = Field(default="off", description=ENCRYPTION)
    tls_port: Port = 5061
    certificate: PemFile = Field(default="", description=_PEM)
    key: PemFile = Field(default="", description=_PEM)
    trunk_authority: PemFile = Field(
        default="", description='"" (not checked) or the whole path of a PEM file|""（不检查）或 PEM 文件的完整路径'
    )


class Rtp(Strict):
    """[rtp]: the UDP ports for voice, both ends included.

    `learn`: who may send voice from another address than announced, and gets his there, as it has to be behind a router
    that translates addresses. Then a stranger who sends first is taken for a party that is silent, unless it uses SRTP.
    """

    first: Annotated[int, Field(ge=1024, le=65535)] = Field(
        description="a whole number from 1024 to 65535|1024 至 65535 的整数"
    )
    last: Annotated[int, Field(ge=1024, le=65535)] = Field(
        description="a whole number from 1024 to 65535|1024 至 65535 的整数"
    )
    learn: Literal["nobody", "trunk", "everybody"] = Field(
        default="trunk", description='"nobody", "trunk" or "everybody"|"nobody"、"trunk"、"everybody" 之一'
    )


class AriHttp(Strict):
    """[http]: Asterisk's HTTP server with ARI; it listens on loopback only."""

    port: Port


class Agi(Strict):
    """[agi]: where the fallback (`hotline fallback`) listens for Asterisk; on loopback only."""

    port: Port


class Console(Strict):
    """[console]: where `hotline console` serves people and other programs; beyond this machine by HTTPS."""

    address: Address = Field(default="127.0.0.1", description=AN_ADDRESS)
    port: Port

    @property
    def over_tls(self) -> bool:
        return not ipaddress.ip_address(self.address).is_loopback


class OwnPrograms(Strict):
    """[webhooks]: which addresses of our own networks webhooks may reach; none as delivered."""

    inside: list[Network] = Field(default=[], description=NETWORKS)


class Carrier(Strict):
    """[carrier]: the only trunk, recognised by its addresses; the short form of a [[trunk]] of that name."""

    addresses: list[Address] = Field(
        description='IPv4 addresses in brackets, such as ["203.0.113.5"]|方括号内的 IPv4 地址，如 ["203.0.113.5"]'
    )
    port: Port


class Database(Strict):
    """[database]: empty means SQLite in the home."""

    url: Annotated[str, Field(pattern=r"^$|^postgresql(\+psycopg)?://[^\s]+$|^sqlite:////[^\s]+$")] = Field(
        description='"" (SQLite in the home) or "postgresql://user:password@host/name"'
        '|""（使用主目录中的 SQLite）或 "postgresql://用户:密码@主机/库名"'
    )


def all_but(networks: Iterable[str]) -> list[str]:
    """The networks that together hold every IPv4 address except those of `networks`."""
    left = [ipaddress.IPv4Network("0.0.0.0/0")]
    for network in map(ipaddress.IPv4Network, networks):
        left = [part for one in left for part in _without(one, network)]
    return [str(one) for one in sorted(left)]


def _without(one: ipaddress.IPv4Network, other: ipaddress.IPv4Network) -> list[ipaddress.IPv4Network]:
    if other.supernet_of(one):
        return []
    return list(one.address_exclude(other)) if one.supernet_of(other) else [one]
