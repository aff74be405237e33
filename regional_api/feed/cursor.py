"""The cursor: where a reader of the feed stands, sealed so that it cannot be made up.

It names the epoch, the scope it was given for and the number up to which the reader knows everything. It is
opaque to clients, and the server keeps nothing for it. Whatever is wrong with one has one answer: ``resync``.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

import msgspec

from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre

_FORMAT = 1
_SEAL = 16
_MAX_LENGTH = 4_096


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in the feed for one scope."""

    epoch: str
    scopes: tuple[str, ...]
    seq: int


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    f: int
    e: str
    s: tuple[str, ...]
    q: int


def write_cursor(centre: Centre, scopes: tuple[str, ...], seq: int) -> str:
    """A cursor at ``seq``. From now on this number counts as shown, also for a restored database."""
    centre.mark.raise_to(seq)
    body = msgspec.json.encode(_Body(_FORMAT, centre.epoch, scopes, seq))
    return base64.urlsafe_b64encode(_seal(centre, body) + body).decode().rstrip("=")


def read_cursor(centre: Centre, value: str, last: int, floor: int) -> Cursor:
    """The position in ``value``, which must lie between ``floor`` and ``last``, the feed's ends.

    Raises :class:`Refused` (``resync``) for anything that this database did not give out in this epoch.
    """
    if len(value) > _MAX_LENGTH:
        raise Refused("resync", reason="malformed")
    try:
        raw = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Refused("resync", reason="malformed") from None
    seal, body = raw[:_SEAL], raw[_SEAL:]
    if not hmac.compare_digest(seal, _seal(centre, body)):
        raise Refused("resync", reason="seal")
    try:
        content = msgspec.json.decode(body, type=_Body)
    except msgspec.DecodeError:
        raise Refused("resync", reason="malformed") from None
    if content.f != _FORMAT or content.e != centre.epoch:
        raise Refused("resync", reason="epoch")
    if content.q > last:
        raise Refused("resync", reason="future")
    if content.q < floor:
        raise Refused("resync", reason="expired")
    return Cursor(content.e, content.s, content.q)


def _seal(centre: Centre, body: bytes) -> bytes:
    return hmac.new(centre.cursor_key, body, hashlib.sha256).digest()[:_SEAL]
