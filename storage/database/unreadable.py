"""Documents of reference data that this program cannot read: set aside, and everything else goes on.

They are kept as they came, since a newer program may be able to read them and the server does not send them
again. What was known before stays in force.
"""

import msgspec

from cur_tui.contract.packing import UnpackError
from cur_tui.contract.wire import Reference
from storage.database.references import harmless_reference
from storage.database.schema import UNREADABLE
from storage.writing.core import Unit


class SetAside(msgspec.Struct, frozen=True):
    """A document that could not be read, and what the server calls it."""

    kind: str
    id: str
    version: int
    document: bytes


def set_aside_in(state: str | None) -> list[SetAside]:
    """What the state names."""
    return msgspec.json.decode(state, type=list[SetAside]) if state else []


def set_aside(unit: Unit, line: Reference) -> None:
    """Keep a document for a program that can read it. The one before it is not swept with older readings."""
    _leave_out(unit, line.kind, line.id, SetAside(line.kind, line.id, line.version, bytes(line.doc)))
    unit.connection.execute(
        "UPDATE reference SET generation=? WHERE kind=? AND id=?", (unit.generation, line.kind, line.id)
    )


def arrived(unit: Unit, line: Reference) -> None:
    """One that can be read has come in its place."""
    _leave_out(unit, line.kind, line.id, None)


def readable_now(unit: Unit) -> list[Reference]:
    """Those that this program can read after all, as they came."""
    found = []
    for one in set_aside_in(unit.state(UNREADABLE)):
        try:
            harmless_reference(one.kind, one.document)
        except UnpackError:
            continue
        found.append(Reference(0, one.kind, one.id, one.version, msgspec.Raw(one.document)))
    return found


def _leave_out(unit: Unit, kind: str, id: str, instead: SetAside | None) -> None:
    known = set_aside_in(unit.state(UNREADABLE))
    left = [one for one in known if (one.kind, one.id) != (kind, id)]
    if instead is not None:
        left.append(instead)
    if left != known:
        unit.set_state(UNREADABLE, msgspec.json.encode(left).decode())
