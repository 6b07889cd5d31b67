"""A message to another program goes to a public address, or to one that the site names: never to where we live."""

import ipaddress
import socket
from collections.abc import Collection
from dataclasses import dataclass

_IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""An IPv4 address behind a translator (RFC 6052)."""


@dataclass(frozen=True)
class Destinations:
    """`inside`: addresses and networks of our own that the site names, [webhooks] of the site file."""

    inside: Collection[str] = ()

    def reachable(self, address: str) -> bool:
        """Whether a message may go to this address, as the resolver returns it. The answer is about the address that
        a packet reaches, in whatever form it is written."""
        real = _reached(ipaddress.ip_address(address.partition("%")[0]))
        return (real.is_global and not real.is_multicast) or any(
            real in ipaddress.ip_network(network) for network in self.inside
        )

    def refused(self, host: str) -> bool:
        """Whether the host is an address, in any form that the system reads as one, that may not be reached. A name is
        looked at when a message is sent, whatever it means by then."""
        address = _literal(host)
        return address is not None and not self.reachable(address)


def _literal(host: str) -> str | None:
    """The address that is written here: 127.0.0.1, ::1, and as C reads it 127.1, 0x7f000001, 2130706433."""
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


def _reached(address: _IPAddress) -> _IPAddress:
    """The IPv4 address inside an IPv6 one: mapped, 6to4, Teredo, or behind a translator."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)
