"""Connections to receivers: to allowed addresses only, and never for longer than a whole attempt may take.

A name is resolved once and the address that was looked at is the one that is connected to, so that a name
which answers differently the second time leads nowhere else.
"""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from types import TracebackType

from cur_tui.domain.answers.delivery_failures import DeliveryFailure, FailureCode
from cur_tui.tls import tls_context

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class CannotConnectError(Exception):
    """Nothing was sent; ``failure`` says why."""

    def __init__(self, code: FailureCode) -> None:
        super().__init__(code)
        self.failure = DeliveryFailure(code)


def is_allowed(address: str, networks: Sequence[str]) -> bool:
    """Whether a receiver may be at ``address``: in the public network, or in one of ``networks``."""
    found: Address = ipaddress.ip_address(address.partition("%")[0])
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    found = mapped or found
    if found.is_global and not found.is_multicast:
        return True
    inside = (ipaddress.ip_network(network) for network in networks)
    return any(found.version == network.version and found in network for network in inside)


class Line(AbstractContextManager["Line"]):
    """A connection that is cut when ``seconds`` are over, whatever it is doing.

    Limits on each single read would let a receiver that drips bytes hold a sender for ever.
    """

    def __init__(self, host: str, port: int, networks: Sequence[str], seconds: float) -> None:
        self._host = host
        self._ends = time.monotonic() + seconds
        self.socket = self._connected(host, port, networks)
        self._watch = threading.Timer(self.left, self._cut)
        self._watch.daemon = True
        self._watch.start()

    @property
    def left(self) -> float:
        """Seconds that are left, never none: zero would mean no limit at all."""
        return max(self._ends - time.monotonic(), 0.001)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watch.cancel()
        self.socket.close()

    def secure(self, ca_file: str | None) -> None:
        """Go on with TLS, the certificate checked for the host against ``ca_file`` or the system's
        authorities. Raises :class:`CannotConnectError`.
        """
        try:
            context = tls_context(Path(ca_file) if ca_file else None)
        except OSError:
            raise CannotConnectError(FailureCode.OFF) from None
        try:
            secured = context.wrap_socket(
                self.socket, server_hostname=self._host, do_handshake_on_connect=False
            )
            # Before the handshake: the watch must be able to cut that, too.
            self.socket = secured
            secured.do_handshake()
        except ssl.SSLCertVerificationError:
            raise CannotConnectError(FailureCode.NOT_TRUSTED) from None
        except (OSError, ValueError):
            raise CannotConnectError(FailureCode.NO_CONNECTION) from None

    def _connected(self, host: str, port: int, networks: Sequence[str]) -> socket.socket:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise CannotConnectError(FailureCode.NO_CONNECTION) from None
        allowed = [one for one in found if is_allowed(str(one[4][0]), networks)]
        if not allowed:
            raise CannotConnectError(FailureCode.NOT_ALLOWED)
        for family, kind, protocol, _, address in allowed:
            connection = socket.socket(family, kind, protocol)
            connection.settimeout(self.left)
            try:
                connection.connect(address)
            except OSError:
                connection.close()
            else:
                return connection
        raise CannotConnectError(FailureCode.NO_CONNECTION)

    def _cut(self) -> None:
        # The plain method: that of TLS forgets its state, under the hands of whoever reads.
        with suppress(OSError):
            socket.socket.shutdown(self.socket, socket.SHUT_RDWR)
