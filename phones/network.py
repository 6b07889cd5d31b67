"""Plays the public network on the other side of the trunk: a number there can be called and answers."""

import contextlib
from collections.abc import Iterator

from phones.instance import CARRIER, LiveHotline
from phones.microphone import Microphone
from phones.phone import Phone

_PLACE = 80  # among the ports' 90 phones; an instance counts its own from 0


@contextlib.contextmanager
def public_number(hotline: LiveHotline, number: str, mic: Microphone | None = None) -> Iterator[Phone]:
    """Calls to this number over the carrier's trunk reach this phone."""
    control, rtp = hotline.ports.phone(_PLACE)
    folder = hotline.home.path / "phones" / "network"
    server = f"{hotline.site.sip.address}:{hotline.ports.sip}"
    carrier = hotline.ports.carrier
    with Phone(number, None, server, folder, control, rtp, mic=mic, address=CARRIER, sip_port=carrier) as phone:
        yield phone
