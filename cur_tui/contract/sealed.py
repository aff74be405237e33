"""What a workstation seals for its office before it destroys everything else, by HPKE (RFC 9180, base mode).

Anybody with the office's public key can seal; only the regional server's database holds what opens it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hpke import Suite

_HEAD: Final = b"cur-sealed-1\n"
KEY_BYTES: Final = 32


class SealError(Exception):
    """Bytes that no office has sealed, or sealed for another office."""


def new_key() -> bytes:
    """A new private key: X25519, raw."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.generate().private_bytes_raw()


def public_of(private: bytes) -> bytes:
    """The public key of a private one."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def seal(data: bytes, public: bytes) -> bytes:
    """``data`` for the holder of the private key. Raises :class:`SealError` when ``public`` is no key."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    try:
        return _HEAD + _suite().encrypt(data, X25519PublicKey.from_public_bytes(public), info=_HEAD)
    except ValueError:
        raise SealError from None


def unseal(sealed: bytes, private: bytes) -> bytes:
    """What was sealed. Raises :class:`SealError`."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    if not sealed.startswith(_HEAD):
        raise SealError
    key = X25519PrivateKey.from_private_bytes(private)
    try:
        return _suite().decrypt(sealed.removeprefix(_HEAD), key, info=_HEAD)
    except (InvalidTag, ValueError):
        raise SealError from None


def _suite() -> Suite:
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
