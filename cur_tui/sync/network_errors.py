"""Which of our few reasons stands behind an exception of the network stack."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from cur_tui.sync.faults import NoContact


def no_contact_from(error: BaseException, host: str) -> NoContact:
    """The reason in our words; ``error`` is any exception of the HTTP library or of the sockets below it."""
    import ssl

    import httpx

    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NoContact("certificate", {"server": host, "reason": cause.verify_message})
        if isinstance(cause, ssl.SSLError):
            return NoContact("tls", {"server": host, "reason": cause.reason or "TLS"})
        if isinstance(cause, socket.gaierror):
            return NoContact("unknown_host", {"server": host})
    if isinstance(error, httpx.TimeoutException):
        return NoContact("timeout", {"server": host})
    if isinstance(error, httpx.ConnectError):
        return NoContact("refused", {"server": host})
    return NoContact("interrupted", {"server": host})


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and what it was raised from, outermost first."""
    current: BaseException | None = error
    for _ in range(10):
        if current is None:
            return
        yield current
        current = current.__cause__ or current.__context__
