"""Signatures of webhooks after the public specification Standard Webhooks, symmetric form, both ways.

What is signed is ``id.timestamp.body`` by HMAC-SHA256. A signature holds for five minutes around its time, so
that one which was overheard is soon worth nothing.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from cur_tui.domain.answers.delivery_failures import FailureCode
from regional_api.delivering.network import CannotConnectError

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
WINDOW: Final = 300
"""Seconds that the two clocks and the way may differ by."""
_PREFIX: Final = "whsec_"
_LEAST: Final = 24
"""Bytes of a key at least."""


def read_keys(paths: Iterable[str]) -> tuple[bytes, ...]:
    """The keys in these files: ``whsec_`` and base64, or 24 characters and more of any kind, on the first
    line. Raises :class:`CannotConnectError` (``off``) when one cannot be used.
    """
    keys = []
    for path in paths:
        try:
            line = Path(path).read_text(encoding="utf-8").split("\n", 1)[0].strip()
            encoded = line.removeprefix(_PREFIX)
            key = base64.b64decode(encoded, validate=True) if encoded != line else line.encode()
        except (OSError, UnicodeDecodeError, binascii.Error):
            raise CannotConnectError(FailureCode.OFF) from None
        if len(key) < _LEAST:
            raise CannotConnectError(FailureCode.OFF)
        keys.append(key)
    return tuple(keys)


def sign(keys: Iterable[bytes], id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that prove who sent ``body``, and when."""
    signed = f"{id}.{timestamp}.".encode() + body
    marks = [base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys]
    return {ID: id, TIMESTAMP: str(timestamp), SIGNATURE: " ".join(f"v1,{mark}" for mark in marks)}


def is_signed(keys: Iterable[bytes], headers: Mapping[str, str], body: bytes, now: int) -> bool:
    """Whether one of ``keys`` signed ``body`` under these headers, within the window around ``now``."""
    id, timestamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    if not (id and timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(int(timestamp) - now) > WINDOW:
        return False
    expected = set(sign(keys, id, int(timestamp), body)[SIGNATURE].split())
    given = headers.get(SIGNATURE, "").split()[:8]
    return any(hmac.compare_digest(one.encode(), mark.encode()) for one in given for mark in expected)
