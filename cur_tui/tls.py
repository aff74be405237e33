"""Whom this program trusts at the other end of a connection. There is no way to trust everybody."""

from __future__ import annotations

import ipaddress
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or newer with host names checked, against ``ca_file`` alone or the system's trust roots.

    Raises :class:`OSError` when the file cannot be read as certificates.
    """
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        context.load_verify_locations(cafile=str(ca_file))
    elif sys.platform == "win32":
        context.load_default_certs()
    else:
        # By name and not as OpenSSL's defaults, which SSL_CERT_FILE in the environment would replace.
        roots = ssl.get_default_verify_paths()
        if Path(roots.openssl_cafile).is_file():
            context.load_verify_locations(cafile=roots.openssl_cafile)
        if Path(roots.openssl_capath).is_dir():
            context.load_verify_locations(capath=roots.openssl_capath)
    return context


def is_loopback(host: str) -> bool:
    """Whether ``host`` can only be this computer."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_safe_address(address: str) -> bool:
    """Whether secrets may be sent to the web address: ``https://``, or ``http://`` on this computer.

    Nothing in it but printable ASCII, so that it also can be shown and typed as it is.
    """
    from urllib.parse import urlsplit

    if not address.isascii() or not address.isprintable() or any(char.isspace() for char in address):
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname
        port = parts.port
    except ValueError:
        return False
    if not host or port == 0 or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
