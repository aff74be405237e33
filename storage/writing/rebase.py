"""The optimistic state: what the server last sent, with the pending commands applied to it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from cur_tui.contract.codec import encode_appeal
from cur_tui.contract.packing import pack
from cur_tui.contract.row import LISTED, MEASURED, AppealRow, measured_as, row_of
from cur_tui.domain.commands import Command
from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from storage.changes import Area
from storage.database.statements import upsert
from storage.decoding import OUTBOX_COLUMNS, OUTBOX_ORDER, command_of, outbox_entry
from storage.documents import appeal_of
from storage.entries import OutboxEntry
from storage.writing.core import Replay, Unit
from storage.writing.records import Known, Record, write

_row = msgspec.json.Decoder(AppealRow)
_PUT_SHADOW: Final = upsert("shadow", ["pk", "version", "row", "doc", "applicant"], ["pk"])
_SHADOW: Final = "SELECT row, doc, applicant FROM shadow WHERE pk=?"
_FACTS: Final = {"reworks": "coalesce(fact.reworks, 0)"}
_VALUES: Final = ", ".join(
    (*(f"appeal.{name}" for name in LISTED), *(_FACTS.get(name, f"fact.{name}") for name in MEASURED))
)
# After an update of the program older appeals have no facts until a quiet moment gives them some.
_SERVER_ROW: Final = (
    f"SELECT {_VALUES}, doc, applicant FROM appeal "  # noqa: S608
    "JOIN appeal_doc USING (pk) LEFT JOIN fact USING (pk) WHERE pk=?"
)


@dataclass(frozen=True, slots=True)
class ServerState:
    """An appeal as the server sent it; ``doc`` in its stored form."""

    row: AppealRow
    doc: bytes
    applicant: bytes | None

    def appeal(self) -> Appeal:
        """The whole appeal. Raises :class:`storage.errors.CacheError` ``cache_damaged``."""
        return appeal_of(self.doc, self.applicant)


@dataclass(frozen=True, slots=True)
class Replayed:
    """The result of a replay. ``doubts`` holds the refusals of what the rules now forbid, by command id."""

    appeal: Appeal
    doubts: dict[str, Refused]


def replay_all(base: Appeal, commands: Sequence[Command], replay: Replay) -> Replayed:
    """``base`` with ``commands`` applied in their order.

    A command that ``base`` has in its timeline has been applied by the server and only its answer is missing:
    applying it twice would show its effect twice.
    """
    arrived = {event.command for event in base.timeline}
    appeal, doubts = base, {}
    for command in commands:
        if command.id in arrived:
            continue
        try:
            appeal = replay(appeal, command)
        except Refused as refused:
            doubts[command.id] = refused
    return Replayed(appeal, doubts)


def load_server_state(unit: Unit, known: Known) -> ServerState:
    """The server's state of an appeal that is in the cache."""
    if known.pending:
        row, doc, applicant = unit.required(_SHADOW, (known.pk,))
        return ServerState(_row.decode(row), doc, applicant)
    *values, doc, applicant = unit.required(_SERVER_ROW, (known.pk,))
    return ServerState(AppealRow(*values), doc, applicant)


def keep_shadow(unit: Unit, pk: int, server: ServerState) -> None:
    """Remember the server's state while commands are pending."""
    row = server.row
    unit.connection.execute(
        _PUT_SHADOW, (pk, row.version, msgspec.json.encode(row), server.doc, server.applicant)
    )


def commands_on(unit: Unit, appeal: str) -> list[OutboxEntry]:
    """The unsettled commands on one appeal, in their order."""
    rows = unit.connection.execute(
        f"SELECT {OUTBOX_COLUMNS} FROM outbox WHERE appeal=? ORDER BY {OUTBOX_ORDER}",  # noqa: S608
        (appeal,),
    )
    return [outbox_entry(row) for row in rows]


def rebase(unit: Unit, known: Known, server: ServerState, replay: Replay, generation: int) -> None:
    """Show ``server`` with every unsettled command on it: the one way in which a row with commands is made.

    Commands that the rules now forbid stay, since the server decides, and are marked with the rule's code.
    """
    entries = commands_on(unit, known.id)
    record = Record(
        pk=known.pk,
        row=server.row,
        doc=server.doc,
        applicant=server.applicant,
        generation=generation,
        pending=len(entries),
        conflict=known.conflict,
        fts=known.fts,
        words=known.words,
    )
    if entries:
        result = replay_all(server.appeal(), [command_of(entry) for entry in entries], replay)
        mark_doubts(unit, entries, result.doubts)
        keep_shadow(unit, known.pk, server)
        record.row = measured_as(row_of(result.appeal), server.row)
        record.doc = pack(encode_appeal(result.appeal))
    else:
        unit.connection.execute("DELETE FROM shadow WHERE pk=?", (known.pk,))
    write(unit, [record])


def mark_doubts(unit: Unit, entries: Sequence[OutboxEntry], doubts: dict[str, Refused]) -> None:
    """Write down which commands the rules now forbid, and which no longer."""
    for entry in entries:
        refused = doubts.get(entry.id)
        code = refused.code if refused else None
        if code != entry.doubt:
            unit.connection.execute("UPDATE outbox SET doubt=? WHERE cid=?", (code, entry.id))
            unit.areas.add(Area.OUTBOX)
