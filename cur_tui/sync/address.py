"""The address of a regional server: what is accepted, before anything is sent to it."""

from typing import Final
from urllib.parse import urlsplit, urlunsplit

from cur_tui.i18n import N_, Translator, current
from cur_tui.tls import is_loopback

REFUSALS: Final = {
    "address_invalid": N_(
        "«{address}» is not the address of a server. Write it like https://api.region.example."
    ),
    "address_not_secure": N_(
        "«{address}» is not encrypted. Use https://; plain http:// is accepted on this computer only."
    ),
}


class AddressError(Exception):
    """An address that will not be used; ``code`` is a key of :data:`REFUSALS`."""

    def __init__(self, code: str, address: str) -> None:
        super().__init__(f"{code}: {address}")
        self.code = code
        self.address = address

    def sentence(self, t: Translator | None = None) -> str:
        """What to tell the person, in their language."""
        return (t or current()).gettext(REFUSALS[self.code]).format(address=self.address)


def parse_address(text: str) -> str:
    """The address in its one form: scheme, host, port, path prefix, no slash at the end.

    ``http://`` is for loopback hosts only, since everything else carries tokens and personal data.
    Raises :class:`AddressError`.
    """
    shown = text.strip()[:200]
    try:
        parts = urlsplit(shown)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise AddressError("address_invalid", shown) from None
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise AddressError("address_invalid", shown)
    # Names and passwords in an address end up in logs; whitespace and controls are never meant.
    if "@" in parts.netloc or port == 0 or any(c.isspace() or not c.isprintable() for c in shown):
        raise AddressError("address_invalid", shown)
    if parts.scheme == "http" and not is_loopback(host):
        raise AddressError("address_not_secure", shown)
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path.rstrip("/"), "", ""))
