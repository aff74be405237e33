"""What the operator does: commands given, taken back and handed to the transport."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from cur_tui.contract.codec import encode_appeal, encode_arguments
from cur_tui.contract.packing import pack
from cur_tui.contract.row import measured_as, row_of
from cur_tui.contract.wire import CommandEnvelope
from cur_tui.domain.commands import Command
from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from storage.changes import Area
from storage.database.statements import insert
from storage.decoding import OUTBOX_COLUMNS, OUTBOX_ORDER, command_of, outbox_entry
from storage.entries import OutboxEntry
from storage.errors import UndoRefused
from storage.writing.core import NEXT_DSEQ, SERVER_DSEQ, Unit, WriterCore
from storage.writing.rebase import commands_on, keep_shadow, load_server_state, rebase, replay_all
from storage.writing.records import Known, Record, known_appeals, write
from storage.writing.texts import drop_draft, drop_unsent, keep_as_draft
from storage.writing.withdrawn import withdraw

_QUEUE: Final = insert(
    "outbox", ["cid", "type", "appeal", "number", "base", "document", "device_at", "state"]
)
# What was refused stays refused: it was shown, and may have been adapted and sent again since.
_APPLIED: Final = "SELECT cid, appeal FROM settled WHERE refused=0 ORDER BY n"
_OFFER_AGAIN: Final = """
INSERT INTO outbox (cid, type, appeal, number, base, document, device_at, state)
SELECT cid, type, appeal, number, base, document, device_at, 'sending'
FROM settled WHERE refused=0 ORDER BY n
"""


class LocalCommands(WriterCore):
    """The outbox and the optimistic effects of what is in it, always changed together."""

    def apply_local(
        self,
        command: Command,
        after: Appeal,
        instead_of: str | None = None,
        *,
        form: tuple[str, str] | None = None,
    ) -> Appeal:
        """Queue ``command`` and show its effect, in one transaction that survives a power cut.

        With it goes what it was given from: the refused command that it is given ``instead_of``, and the
        draft of the ``form`` (its appeal and kind). Else a stop between the two would have it given twice.

        ``after`` is what the caller decided. Should the appeal have changed since the caller read it, the
        command is decided again on what is there; that may raise ``Refused``, and then nothing has changed.
        Returns the appeal as it now is. ``Refused("not_found")`` for an appeal that is not in the cache.
        """
        with self._transaction(durable=True) as unit:
            shown = self._enact(unit, command, after)
            _drop_source(unit, instead_of, form)
        return shown

    def queue_registration(
        self, command: Command, *, instead_of: str | None = None, form: tuple[str, str] | None = None
    ) -> None:
        """Queue the registration of an appeal, durably.

        With it goes what it was given from: the refused one that it is given ``instead_of``, and the draft of
        the ``form`` (its place and kind). Else a stop between the two would have it given twice. Lists show
        nothing of it before the server has given it a number.
        """
        with self._transaction(durable=True) as unit:
            self._queue(unit, command, "")
            _drop_source(unit, instead_of, form)

    def undo(self, command_id: str) -> OutboxEntry:
        """Take back a command that was not handed to the transport yet; later ones are replayed without it.

        Raises :class:`UndoRefused`: ``undo_nothing``, ``undo_sent``, or ``undo_needed_later`` when a later
        command on the same appeal would no longer be allowed. The text of an answer becomes a draft again, or
        goes below a newer one.
        """
        with self._transaction(durable=True) as unit:
            entry = self._entry(unit, command_id)
            if entry is None:
                raise UndoRefused("undo_nothing")
            if entry.state != "pending":
                raise UndoRefused("undo_sent")
            before = {kept.id for kept in commands_on(unit, entry.appeal) if kept.doubt is None}
            unit.connection.execute("DELETE FROM outbox WHERE cid=?", (command_id,))
            unit.areas.add(Area.OUTBOX)
            withdraw(unit, command_id)
            keep_as_draft(unit, entry, below=True)
            known = known_appeals(unit.connection, [entry.appeal]).get(entry.appeal)
            if known is not None and known.pending:
                rebase(unit, known, load_server_state(unit, known), self._replay, known.generation)
                for kept in commands_on(unit, entry.appeal):
                    if kept.doubt is not None and kept.id in before:
                        raise UndoRefused("undo_needed_later", command=kept.type)
        return entry

    def take_batch(self, limit: int) -> tuple[CommandEnvelope, ...]:
        """The next commands for the transport, in their order; they get their numbers here.

        Commands taken before and not settled come first and keep their numbers, so that a batch whose answer
        was lost can be asked for again and is sent again as it was.
        """
        with self._transaction(durable=True) as unit:
            rows = unit.all(
                f"SELECT {OUTBOX_COLUMNS} FROM outbox ORDER BY {OUTBOX_ORDER} LIMIT ?",  # noqa: S608
                (limit,),
            )
            entries = [outbox_entry(row) for row in rows]
            number = int(unit.state(NEXT_DSEQ) or "1")
            envelopes = []
            for entry in entries:
                dseq = entry.dseq
                if dseq is None:
                    dseq, number = number, number + 1
                    unit.connection.execute(
                        "UPDATE outbox SET dseq=?, state='sending' WHERE cid=?", (dseq, entry.id)
                    )
                    unit.set_state(NEXT_DSEQ, str(number))
                    unit.areas.add(Area.OUTBOX)
                envelopes.append(_envelope(entry, dseq))
        return tuple(envelopes)

    def reoffer(self, last_dseq: int, *, restored: bool) -> int:
        """Go on behind the server's ``last_dseq``; returns how many commands are offered again.

        A server ``restored`` from a backup, or behind what it said itself, has forgotten commands. Which ones
        its number does not tell: after another restore it may stand for others. So everything that it ever
        applied goes back into the outbox from the journal, and the server knows by the ids what it still has.
        What was under way gets new numbers as well, since a late repetition may have taken those it had.
        """
        with self._transaction(durable=True) as unit:
            is_forgetful = restored or last_dseq < int(unit.state(SERVER_DSEQ) or "0")
            forgotten = unit.all(_APPLIED) if is_forgetful else []
            under_way = unit.all("SELECT cid, dseq FROM outbox WHERE dseq IS NOT NULL ORDER BY dseq")
            if forgotten:
                unit.connection.execute(_OFFER_AGAIN)
                unit.connection.execute("DELETE FROM settled WHERE refused=0")
                unit.areas.add(Area.OUTBOX)
            numbered = [*((cid, None) for cid, _ in forgotten), *under_way]
            self._renumber(unit, numbered, last_dseq + 1)
            if unit.state(SERVER_DSEQ) != str(last_dseq):
                unit.set_state(SERVER_DSEQ, str(last_dseq))
            for appeal in {appeal for _, appeal in forgotten}:
                known = known_appeals(unit.connection, [appeal]).get(appeal)
                if known is not None:
                    server = load_server_state(unit, known)
                    rebase(unit, known, server, self._replay, known.generation)
        return len(forgotten)

    def _renumber(self, unit: Unit, commands: Sequence[tuple[str, int | None]], first: int) -> None:
        """Number ``commands`` from ``first`` on, in their order and without a gap."""
        end = first + len(commands)
        if [dseq for _, dseq in commands] != list(range(first, end)):
            # First none has a number, since they are unique at every moment.
            unit.connection.execute("UPDATE outbox SET dseq=NULL WHERE dseq IS NOT NULL")
            numbers = [(number, cid) for number, (cid, _) in enumerate(commands, start=first)]
            unit.connection.executemany("UPDATE outbox SET dseq=? WHERE cid=?", numbers)
        if int(unit.state(NEXT_DSEQ) or "1") != end:
            unit.set_state(NEXT_DSEQ, str(end))

    def _enact(self, unit: Unit, command: Command, after: Appeal | None) -> Appeal:
        """Queue and show ``command`` within a transaction; None: what it does is yet to be decided."""
        known = known_appeals(unit.connection, [command.appeal]).get(command.appeal)
        if known is None:
            raise Refused("not_found")
        server = load_server_state(unit, known)
        shown = self._shown(unit, known, server.row.version)
        if after is None or after.version != shown + 1:
            entries = commands_on(unit, known.id)
            pending = [command_of(entry) for entry in entries]
            after = self._replay(replay_all(server.appeal(), pending, self._replay).appeal, command)
        if not known.pending:
            keep_shadow(unit, known.pk, server)
        self._queue(unit, command, after.number)
        record = Record(
            pk=known.pk,
            row=measured_as(row_of(after), server.row),
            doc=pack(encode_appeal(after)),
            applicant=server.applicant,
            generation=known.generation,
            pending=known.pending + 1,
            conflict=known.conflict,
            fts=known.fts,
            words=known.words,
        )
        write(unit, [record])
        return after

    def _queue(self, unit: Unit, command: Command, number: str) -> None:
        unit.connection.execute(
            _QUEUE,
            (
                command.id,
                command.type,
                command.appeal,
                number,
                command.base,
                encode_arguments(command.arguments),
                command.device_at.isoformat(),
                "pending",
            ),
        )
        unit.areas.add(Area.OUTBOX)

    def _shown(self, unit: Unit, known: Known, server_version: int) -> int:
        """The version that the operator sees: the optimistic one while commands are pending."""
        if not known.pending:
            return server_version
        return int(unit.required("SELECT version FROM appeal WHERE pk=?", (known.pk,))[0])

    def _entry(self, unit: Unit, command_id: str) -> OutboxEntry | None:
        found = unit.one(f"SELECT {OUTBOX_COLUMNS} FROM outbox WHERE cid=?", (command_id,))  # noqa: S608
        return None if found is None else outbox_entry(found)


def _drop_source(unit: Unit, instead_of: str | None, form: tuple[str, str] | None) -> None:
    """Forget what a command was given from: a refused one, the draft of a form."""
    if instead_of is not None:
        drop_unsent(unit, instead_of)
    if form is not None:
        drop_draft(unit, *form)


def _envelope(entry: OutboxEntry, dseq: int) -> CommandEnvelope:
    arguments: dict[str, Any] = entry.arguments
    at: datetime = entry.device_at
    return CommandEnvelope(
        id=entry.id,
        dseq=dseq,
        type=entry.type,
        appeal=entry.appeal,
        base=entry.base,
        device_at=msgspec.to_builtins(at),
        arguments=arguments,
    )
