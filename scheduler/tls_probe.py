"""A trunk that is silent over TLS is asked why: it takes no such connection, or its certificate is not accepted."""

import socket
import ssl
from pathlib import Path

from models.site.trunks import Trunk
from models.states.health import TrunkFailure

_WITHIN_S = 3.0


def failure(trunk: Trunk, authorities: Path | None) -> TrunkFailure | None:
    """What is wrong with a TLS connection to each of its addresses; None when one works, or gives no answer.

    Without `authorities`, a PEM file, certificates are not checked.
    """
    found = [_at(address, trunk.port, authorities) for address in trunk.next_hops]
    return None if None in found else found[0]


def _at(address: str, port: int, authorities: Path | None) -> TrunkFailure | None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if authorities:
            context.load_verify_locations(authorities)
        else:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection((address, port), _WITHIN_S) as plain,
            context.wrap_socket(plain, server_hostname=address),
        ):
            return None
    except ssl.SSLCertVerificationError:
        return TrunkFailure.CERTIFICATE
    except (ssl.SSLError, ConnectionError):
        return TrunkFailure.NO_TLS
    except OSError:
        return None
