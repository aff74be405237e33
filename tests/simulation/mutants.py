"""The rules that the exchange stands on, each switched off alone; a simulation has to notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import msgspec
import pytest
from sqlalchemy import Connection, delete

import cur_tui.services.answers.answering
import regional_api.appeals.commands
import regional_api.centre
import regional_api.feed.pages
import regional_api.unit_of_work
import storage.database.migrations
import storage.writing.local
import storage.writing.rebase
import storage.writing.registers
import storage.writing.server
from cur_tui.contract.wire import BatchResult, CommandBatch, CommandResult, CursorLine, Out, Put
from cur_tui.domain.related import mass_incident
from cur_tui.services.answers.answering import AnswerDesk
from cur_tui.sync import engine, streams
from cur_tui.sync.engine import SyncEngine
from cur_tui.sync.faults import NoContact
from cur_tui.sync.pushing import Pusher
from regional_api.database.epoch import Mark
from regional_api.database.schema import read_meta
from regional_api.database.tables import JOURNAL
from regional_api.feed.cursor import Cursor
from regional_api.record import journal
from regional_api.related import follower
from storage.writing.departures import Departures
from storage.writing.local import LocalCommands
from storage.writing.server import ServerPages
from tests.simulation.stage import Stage

Switch = Callable[[pytest.MonkeyPatch, Stage], None]


@dataclass(frozen=True)
class Mutant:
    """One rule switched off."""

    name: str
    switch_off: Switch
    first: int
    """A seed that is known to notice, so that a run of the suite need not look for one."""


MUTANTS: list[Mutant] = []


def mutant(first: int) -> Callable[[Switch], Switch]:
    """Register what switches a rule off; its docstring says which."""

    def register(switch_off: Switch) -> Switch:
        MUTANTS.append(Mutant(switch_off.__name__, switch_off, first))
        return switch_off

    return register


# --- the workstation ------------------------------------------------------------------------------------


@mutant(0)
def every_attempt_is_a_new_command(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    """A command keeps its id however often it is sent."""
    honest = Pusher._send

    def send(self: Pusher, batch: Any) -> BatchResult:
        renamed = [msgspec.structs.replace(command, id=str(stage.new_id())) for command in batch]
        result = honest(self, renamed)
        back = {new.id: old.id for new, old in zip(renamed, batch, strict=True)}
        results = tuple(msgspec.structs.replace(one, id=back[one.id]) for one in result.results)
        return msgspec.structs.replace(result, results=results)

    patch.setattr(Pusher, "_send", send)


@mutant(8)
def no_answer_counts_as_a_good_one(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    """Only an answer settles a command."""
    honest = Pusher._send

    def send(self: Pusher, batch: Any) -> BatchResult:
        try:
            return honest(self, batch)
        except NoContact:
            results = tuple(CommandResult(one.id, one.dseq, "applied") for one in batch)
            return BatchResult(results, stage.machine_time().isoformat())

    patch.setattr(Pusher, "_send", send)


@mutant(4)
def refused_commands_are_dropped(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """A refused command keeps what was typed in it."""
    patch.setattr(storage.writing.server, "_REFUSE", "SELECT ?,?,?,?,?,?,?,?,?")


@mutant(20)
def the_version_guard_is_off(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """Of two versions that overtake each other the older one loses."""
    patch.setattr(storage.writing.server, "_is_newer", lambda put, here, generation: True)


@mutant(0)
def the_guard_ignores_the_generation(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """What a restored server sends wins over higher versions of the one before."""

    def is_newer(put: Put, here: Any, generation: int) -> bool:
        return here is None or put.row.version > here.version

    patch.setattr(storage.writing.server, "_is_newer", is_newer)


@mutant(1)
def the_cursor_comes_before_its_rows(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """Rows and the mark of how far they reach are one transaction."""

    def read(lines: Iterator[bytes]) -> streams.Page:
        records = list(streams.decode(lines))
        ends = [line for line in records if isinstance(line, CursorLine)]
        return streams.Page(records[: len(records) // 2], ends[-1])  # type: ignore[arg-type]

    patch.setattr(engine, "read_page", read)


@mutant(10)
def the_snapshots_cursor_is_taken_at_its_end(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """The feed is read from where it was before the first page of the snapshot."""
    honest = SyncEngine.bootstrap_step

    def step(self: SyncEngine, *told: Any) -> engine.Bootstrapped:
        done = honest(self, *told)
        if done.complete:
            self._cache.writer.set_state(engine.CURSOR, self.hello().cursor)
        return done

    patch.setattr(SyncEngine, "bootstrap_step", step)


@mutant(0)
def the_optimistic_row_passes_for_the_servers(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """The server's state is kept apart while commands are pending."""
    honest = LocalCommands.apply_local

    def apply(self: LocalCommands, command: Any, after: Any, *others: Any) -> Any:
        shown = honest(self, command, after, *others)
        with self._transaction(durable=True) as unit:
            [pk] = unit.required("SELECT pk FROM appeal WHERE id=?", (command.appeal,))
            unit.connection.execute(
                "UPDATE shadow SET version=version+1, "
                "doc=(SELECT doc FROM appeal_doc d WHERE d.pk=shadow.pk) WHERE pk=?",
                (pk,),
            )
        return shown

    patch.setattr(LocalCommands, "apply_local", apply)


@mutant(2)
def arrived_commands_are_applied_again(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """A command that came back by the feed is not applied to what brought it."""

    def replay_all(base: Any, commands: Sequence[Any], replay: Any) -> storage.writing.rebase.Replayed:
        appeal = base
        for command in commands:
            try:
                appeal = replay(appeal, command)
            except Exception:
                continue
        return storage.writing.rebase.Replayed(appeal, {})

    patch.setattr(storage.writing.rebase, "replay_all", replay_all)


@mutant(8)
def exits_are_ignored(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """What left the scope or was deleted leaves the cache."""
    patch.setattr(Departures, "_drop", lambda self, unit, ids: None)


@mutant(0)
def nothing_is_offered_again(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """A restored server is offered what it has forgotten."""

    honest = LocalCommands.reoffer

    def reoffer(self: LocalCommands, last_dseq: int, *, restored: bool) -> int:
        if restored:
            with self._transaction(durable=True) as unit:
                unit.connection.execute("DELETE FROM settled")
        return honest(self, last_dseq, restored=restored)

    patch.setattr(LocalCommands, "reoffer", reoffer)


@mutant(30242)
def a_form_outlives_what_was_given_in_it(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """A registration and the draft of its form are one transaction."""
    patch.setattr(storage.writing.local, "drop_draft", lambda *_: None)


@mutant(4)
def drafts_are_tidied_away_unsent(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """A draft goes only when the record has its answer."""

    def forget(self: AnswerDesk, appeal: Any) -> None:
        self._desk.cache.writer.delete_draft(appeal.id)

    patch.setattr(AnswerDesk, "forget_spent", forget)


@mutant(10023)
def a_draft_is_spent_by_its_id(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """A draft that was gone on with is more than the answer that arrives under its id."""

    def is_spent(appeal: Any, kept: Any) -> bool:
        return appeal.answer(kept.answer) is not None

    patch.setattr(cur_tui.services.answers.answering, "_is_spent", is_spent)


@mutant(0)
def the_tally_misses_departures(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """The counts change in the transaction that changes the rows."""
    patch.setattr(storage.writing.registers.Registers, "strike", lambda self: None)


@mutant(0)
def lost_scopes_are_left_to_the_sweep(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """What may no longer be seen is wiped at once, by the ids that the server names too."""
    patch.setattr(SyncEngine, "_leave", lambda self, scopes, out: None)


@mutant(57)
def answers_to_other_rights_are_taken(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """What comes outside the feed is taken only if it was shown for the scope that the feed is read for."""

    def fitting(self: ServerPages, unit: Any, records: Sequence[Put], scopes: Any) -> list[Put]:
        return [record for record in records if not self._has_left(record)]

    patch.setattr(ServerPages, "_fitting", fitting)


@mutant(4)
def an_update_drops_what_waits(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """A program that opens the cache of an earlier release carries everything over."""

    def losing(step: Callable[[Any], None]) -> Callable[[Any], None]:
        def lead(connection: Any) -> None:
            step(connection)
            connection.execute("DELETE FROM outbox")

        return lead

    steps = {version: losing(step) for version, step in storage.database.migrations.STEPS.items()}
    patch.setattr(storage.database.migrations, "STEPS", steps)


# --- the server -----------------------------------------------------------------------------------------


@mutant(0)
def what_was_settled_is_forgotten(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """A command's id and outcome are stored in the transaction of its effect."""
    patch.setattr(regional_api.appeals.commands, "_remember", lambda *_: None)


@mutant(8)
def what_is_known_takes_no_number(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """A device that offers everything again goes on, whether or not it is settled already."""
    honest = regional_api.appeals.commands._check_order

    def check(batch: CommandBatch, caller: Any, settled: dict[str, Any], last: int) -> int:
        fresh = tuple(envelope for envelope in batch.commands if envelope.id not in settled)
        return honest(CommandBatch(batch.device, fresh), caller, settled, last)

    patch.setattr(regional_api.appeals.commands, "_check_order", check)


@mutant(3)
def a_restored_server_keeps_its_epoch(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """A database that has gone back in time begins a new epoch."""

    def settle(database: Any, shard: str) -> tuple[str, Mark]:
        with database.reading() as connection:
            return read_meta(connection, "epoch"), Mark.beside(database)

    patch.setattr(regional_api.centre, "settle_epoch", settle)


@mutant(5)
def the_mark_knows_no_epoch(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """A backup that is restored twice does not bring an epoch back that was read beyond it."""
    honest = Mark.beside.__func__  # type: ignore[attr-defined]

    def beside(database: Any) -> Mark:
        mark: Mark = honest(Mark, database)
        mark.epoch = None
        return mark

    patch.setattr(Mark, "beside", beside)


@mutant(52)
def other_rights_go_unnoticed(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """A reader whose scope has changed is told so."""

    def open_cursor(connection: Any, centre: Any, caller: Any, value: str) -> Cursor:
        floor, last = regional_api.feed.pages.ends(connection, centre)
        return regional_api.feed.pages.read_cursor(centre, value, last, floor)

    patch.setattr(regional_api.feed.pages, "open_cursor", open_cursor)
    patch.setattr("regional_api.routes.feed.open_cursor", open_cursor)


@mutant(9)
def exits_carry_an_old_version(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """An exit carries the record's current version: the reader may have seen it already."""

    def out(seq: int, id: str, version: int) -> Out:
        return Out(seq, id, 1)

    patch.setattr(regional_api.feed.pages, "Out", out)


@mutant(1)
def claims_are_not_looked_at(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """While somebody holds an appeal, nobody else works on it."""
    rules = import_module("cur_tui.domain.decisions.decide")  # its function has the module's name
    patch.setattr(rules, "_check_lease", lambda *_: None)


@mutant(0)
def the_journal_forgets_a_line(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """Every applied command stands in the journal, and every line vouches for the one before it."""
    honest = journal.append

    def append(connection: Connection, shard: str, entries: Sequence[journal.Entry]) -> None:
        honest(connection, shard, entries)
        if len(entries) > 1:
            head = connection.execute(journal._HEAD, {"of_shard": shard}).one()
            connection.execute(delete(JOURNAL).where(JOURNAL.c.n == head.n - 1))

    patch.setattr(journal, "append", append)


@mutant(0)
def lines_of_the_journal_stand_alone(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """Each line of the journal vouches for the one before it."""
    honest = journal.append

    def append(connection: Connection, shard: str, entries: Sequence[journal.Entry]) -> None:
        for entry in entries:
            connection.execute(journal._SET_HEAD, {"of_shard": shard, "hash": journal.GENESIS})
            honest(connection, shard, [entry])

    patch.setattr(journal, "append", append)


@mutant(29)
def an_answer_of_a_head_is_given_again(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    """What a member gets of its head follows from both, so that it is the same however often it is given."""

    def given_id(answer: Any, member: Any) -> str:
        return str(uuid5(NAMESPACE_OID, f"{answer.id} {member.id} {stage.now}"))

    patch.setattr(mass_incident, "given_id", given_id)


@mutant(4)
def heads_that_answer_tell_nobody(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """The answer of a head goes to all who have joined it before."""
    patch.setattr(follower, "spread", lambda *_: 0)


@mutant(4)
def tables_are_carried_on_without_departures(patch: pytest.MonkeyPatch, _: Stage) -> None:
    """Statistics that are carried on take off what was counted before."""
    patch.setattr(regional_api.unit_of_work.UnitOfWork, "_remember_former", lambda self, seq: None)
