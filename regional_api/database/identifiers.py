"""The form of ids: a UUID in its canonical spelling, and nothing else ever reaches a statement."""

import re

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
MAX_DEVICE = 64


def is_identifier(value: str) -> bool:
    """Whether ``value`` is a UUID as the contract writes it."""
    return _UUID.fullmatch(value) is not None


def is_device(value: str) -> bool:
    """Whether ``value`` can name a device: 1 to 64 printable characters."""
    return 1 <= len(value) <= MAX_DEVICE and value.isprintable()


def is_digest(value: str) -> bool:
    """Whether ``value`` is a SHA-256 in hex."""
    return _SHA256.fullmatch(value) is not None
