"""What appeals tell, without who tells it: texts and addresses of a few thousand at most, for a worker."""

from collections.abc import Sequence
from typing import Final, cast

import msgspec

from cur_tui.contract.packing import UnpackError, unpack
from storage.errors import ReadStopped
from storage.read_connections import Snapshot, Stop

_AT_ONCE: Final = 500


class ToldPlace(msgspec.Struct):
    """The place of an appeal, as far as a report of places needs it."""

    municipality: str | None = None
    settlement: str | None = None
    address: str | None = None


class _Document(msgspec.Struct):
    """The parts of a document that are read. The applicant is not among them, and not in it."""

    text: str = ""
    essence: str | None = None
    place: ToldPlace | None = None


class Told(msgspec.Struct, frozen=True):
    """What an appeal tells. An erased one tells nothing."""

    number: str
    text: str
    essence: str | None
    place: ToldPlace


_document = msgspec.json.Decoder(_Document)


def read_told(snapshot: Snapshot, pks: Sequence[int], *, stop: Stop | None = None) -> list[Told]:
    """What the appeals with these keys tell, by key; those that cannot be read are left out.

    Raises :class:`storage.errors.ReadStopped` soon after ``stop`` says so.
    """
    told = []
    for start in range(0, len(pks), _AT_ONCE):
        if stop is not None and stop():
            raise ReadStopped
        part = pks[start : start + _AT_ONCE]
        sql = (
            "SELECT pk, number, doc FROM appeal JOIN appeal_doc USING (pk) "  # noqa: S608
            f"WHERE pk IN ({','.join('?' * len(part))}) ORDER BY pk"
        )
        for _, number, stored in cast("list[tuple[int, str, bytes]]", snapshot.all(sql, tuple(part))):
            try:
                found = _document.decode(unpack(stored))
            except (UnpackError, UnicodeDecodeError, msgspec.DecodeError):
                continue  # a damaged one must not keep the others out of the picture
            told.append(Told(number, found.text, found.essence, found.place or ToldPlace()))
    return told
