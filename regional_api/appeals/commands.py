"""Commands: a batch of one device, decided by the domain's rules and settled in one transaction.

Each command is settled at most once, whatever is sent again, by any process, after any crash: its id and
outcome are stored in the transaction of its effect. A refused command is settled as well; it must never stop
those behind it. What is wrong with the *batch* (order, size, a reused id) is an HTTP problem and changes
nothing.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from cur_tui.contract import MAX_BATCH, MAX_LINE, MAX_RECORD
from cur_tui.contract.codec import parse_arguments
from cur_tui.contract.wire import BatchResult, CommandBatch, CommandEnvelope, CommandResult, Put
from cur_tui.domain.commands import REGISTER, Arguments, Attach, Command, KeepApart, LinkAppeal
from cur_tui.domain.decisions import decide
from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.texts.text import neutralise
from regional_api.appeals.registering import register_taken
from regional_api.appeals.visible import read_visible
from regional_api.attachments.blobs import attachable
from regional_api.centre import Centre
from regional_api.clock import seconds, stamp
from regional_api.database.connections import upsert
from regional_api.database.identifiers import is_device, is_identifier
from regional_api.database.store import Stored, load
from regional_api.database.tables import APPEAL, DEVICE, SETTLED
from regional_api.identity.callers import Caller
from regional_api.problems import RefusedWith, problem_of
from regional_api.record import journal
from regional_api.related import alike
from regional_api.unit_of_work import UnitOfWork, horizon, unit_of_work

MAX_DSEQ = 2**53 - 1
SHORT = 1_024
"""Bytes of arguments up to which a command is a move rather than a text."""

# Statements of every batch are written once: writing one costs several times what it takes to run.
_OF_DEVICE = (DEVICE.c.account == bindparam("of_account")) & (DEVICE.c.device == bindparam("of_device"))
_LAST_DSEQ = select(DEVICE.c.last_dseq).where(_OF_DEVICE)
_LOCK_DEVICE = _LAST_DSEQ.with_for_update()
_SET_DSEQ = update(DEVICE).where(_OF_DEVICE).values(last_dseq=bindparam("dseq"))
_KNOWN = select(SETTLED).where(SETTLED.c.id.in_(bindparam("ids", expanding=True)))
_SETTLE = insert(SETTLED)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one command, before its record is looked up for the answer."""

    envelope: CommandEnvelope
    status: str
    version: int | None = None
    refused: Refused | None = None


def apply_batch(centre: Centre, caller: Caller, batch: CommandBatch, language: str) -> BatchResult:
    """Settle the commands of ``batch`` in their order.

    Raises :class:`Refused`: ``batch_too_large``, ``malformed``, ``order`` (with ``last_dseq``) or
    ``key_reused``; then nothing of the batch has happened.
    """
    _check_form(batch)
    with unit_of_work(centre.database, centre.rulebook) as work:
        last = lock_device(work.connection, caller.actor.account, batch.device)
        settled = _settled(work.connection, [envelope.id for envelope in batch.commands])
        reached = _check_order(batch, caller, settled, last)
        fresh = [envelope for envelope in batch.commands if envelope.id not in settled]
        named = [envelope.appeal for envelope in fresh if is_identifier(envelope.appeal)]
        desk = _Desk(work, caller, load(work.connection, named, lock=True))
        outcomes = [
            _repeat(envelope, settled[envelope.id]) if envelope.id in settled else desk.settle(envelope)
            for envelope in batch.commands
        ]
        if fresh:
            _remember(work, caller, [outcome for outcome in outcomes if outcome.envelope.id not in settled])
        if reached != last:
            here = {"of_account": caller.actor.account, "of_device": batch.device}
            work.connection.execute(_SET_DSEQ, here | {"dseq": reached})
    with centre.database.reading() as connection:
        results = tuple(_result(connection, caller, outcome, language) for outcome in outcomes)
        last = horizon(connection, centre.shard)
    # Acknowledged here before any cursor is past it, and perhaps to somebody who may not see what came of it:
    # a backup from before must be told by its numbers as well.
    centre.mark.raise_to(last)
    return BatchResult(results, stamp(work.now), caller.scope.keys)


ERASED: Final = ""
"""The fingerprint of a command whose texts were erased: whatever comes under its id is taken for it."""


def fingerprint(type: str, appeal: str, base: int, arguments: dict[str, object]) -> str:
    """What a command id stands for: the same id with another fingerprint is an error of the client."""
    content = {"type": type, "appeal": appeal, "base": base, "arguments": arguments}
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


def read_device_time(value: str) -> datetime:
    """What the device's clock said, in UTC."""
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise Refused("malformed", reason="device_at: not an RFC 3339 instant") from None
    if instant.tzinfo is None:
        raise Refused("malformed", reason="device_at: no zone")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise Refused("malformed", reason="device_at: out of range") from None


class _Desk:
    """The appeals of one batch, each as the commands before have left it."""

    def __init__(self, work: UnitOfWork, caller: Caller, appeals: dict[str, Stored]) -> None:
        self._work = work
        self._caller = caller
        self._appeals = appeals
        self._registered: set[str] = set()

    def settle(self, envelope: CommandEnvelope) -> _Outcome:
        """Decide one command that is new."""
        try:
            after = self._decide(envelope)
        except Refused as refused:
            return _Outcome(envelope, "rejected", refused=refused)
        return _Outcome(envelope, "applied", version=after.version)

    def _decide(self, envelope: CommandEnvelope) -> Appeal:
        if envelope.type == REGISTER:
            return self._register(envelope)
        stored = self._appeals.get(envelope.appeal)
        if stored is None or not self._caller.sees(stored.place):
            raise Refused("not_found")
        arguments = parse_arguments(envelope.type, _harmless_values(envelope.arguments))
        command = _command(envelope, arguments)
        target = self._target(stored, arguments) if isinstance(arguments, LinkAppeal | KeepApart) else None
        if isinstance(arguments, Attach) and not attachable(self._work.connection, self._caller, arguments):
            raise Refused("file_missing", name=arguments.name[:200])
        after = apply_command(self._work, self._caller, stored, command)
        self._appeals[envelope.appeal] = after
        if target is not None:
            said = "linked" if isinstance(arguments, LinkAppeal) else "apart"
            alike.decide(self._work.connection, stored.pk, target.pk, said)
        return after.appeal

    def _register(self, envelope: CommandEnvelope) -> Appeal:
        if envelope.appeal in self._registered:
            raise Refused("malformed", reason="appeal: registered by this batch already")
        taken = parse_arguments(REGISTER, _harmless_values(envelope.arguments))
        appeal = register_taken(self._work, self._caller, envelope.appeal, _command(envelope, taken))
        self._registered.add(appeal.id)
        return appeal

    def _target(self, stored: Stored, arguments: LinkAppeal | KeepApart) -> Stored | None:
        """The appeal that a link names, which passes the same gate as a look at it; whoever sees a link may
        undo it all the same.
        """
        target = self._appeals.get(arguments.target)
        if target is None and is_identifier(arguments.target):
            target = load(self._work.connection, [arguments.target]).get(arguments.target)
        visible = target is not None and self._caller.sees(target.place)
        undone = isinstance(arguments, KeepApart) and any(
            (link.appeal, link.number) == (arguments.target, arguments.target_number)
            for link in stored.appeal.links
        )
        if undone:
            return target
        if target is None or not visible or target.appeal.number != arguments.target_number:
            raise Refused("unknown_reference", field="target", value=arguments.target_number[:40])
        return target


def _command(envelope: CommandEnvelope, arguments: Arguments) -> Command:
    at = read_device_time(envelope.device_at)
    return Command(envelope.id, envelope.appeal, arguments, envelope.base, at)


def apply_command(work: UnitOfWork, caller: Caller, stored: Stored, command: Command) -> Stored:
    """Decide ``command`` on an appeal that the caller sees, and put its effect and its journal line down."""
    after = decide(stored.appeal, command, caller.actor, work.rulebook, work.now)
    payload = msgspec.json.encode(command.arguments)
    # A full appeal can still be claimed, moved and closed; only texts find no room any more.
    changed = work.change(stored, after, room=MAX_LINE if len(payload) <= SHORT else MAX_RECORD)
    work.record(
        journal.Entry(
            at=stamp(work.now),
            device_at=stamp(command.device_at),
            account=caller.actor.account,
            role=caller.actor.role.value,
            type=command.type,
            appeal=after.id,
            number=after.number,
            before=stored.appeal.version,
            after=after.version,
            command=command.id,
            payload=payload,
        )
    )
    return changed


def settle_rows(
    account: str, at: datetime, outcomes: Sequence[tuple[str, str, str, str, int | None, Refused | None]]
) -> list[dict[str, object]]:
    """Rows of the memory of settled commands: id, fingerprint, appeal, status, version, refusal."""
    return [
        {
            "id": id,
            "account": account,
            "fingerprint": mark,
            "appeal": appeal,
            "status": status,
            "version": version,
            "code": refused.code if refused else None,
            "params": msgspec.json.encode(refused.params).decode() if refused else None,
            "at": seconds(at),
        }
        for id, mark, appeal, status, version, refused in outcomes
    ]


def _check_form(batch: CommandBatch) -> None:
    if len(batch.commands) > MAX_BATCH:
        raise Refused("batch_too_large", limit=str(MAX_BATCH))
    if not is_device(batch.device):
        raise Refused("malformed", reason="device: 1 to 64 printable characters")
    if len({envelope.id for envelope in batch.commands}) != len(batch.commands):
        raise Refused("malformed", reason="commands: the same id twice")
    for envelope in batch.commands:
        if not is_identifier(envelope.id):
            raise Refused("malformed", reason="id: not a UUID")
        if not 1 <= envelope.dseq <= MAX_DSEQ:
            raise Refused("malformed", reason="dseq: out of range")
        if not 0 <= envelope.base <= MAX_DSEQ:
            raise Refused("malformed", reason="base: out of range")
        if any(_is_nested(value) for value in envelope.arguments.values()):
            raise Refused("malformed", reason="arguments: nested")


def _is_nested(value: object) -> bool:
    """Whether a value is more than one of the contract's: a scalar, or a list of scalars."""
    items = value if isinstance(value, list) else [value]
    return isinstance(value, dict) or any(isinstance(item, list | dict) for item in items)


def lock_device(connection: Connection, account: str, device: str) -> int:
    """The last settled number of a device; two batches of one device take turns from here on."""
    here = {"of_account": account, "of_device": device}
    known = connection.execute(_LOCK_DEVICE, here).scalar_one_or_none()
    if known is not None:
        return int(known)
    first = upsert(connection, DEVICE).values(account=account, device=device, last_dseq=0)
    connection.execute(first.on_conflict_do_nothing())
    return int(connection.execute(_LOCK_DEVICE, here).scalar_one())


def last_dseq(connection: Connection, account: str, device: str) -> int:
    """The last settled number of a device, 0 for one that has sent nothing yet."""
    return (
        connection.execute(_LAST_DSEQ, {"of_account": account, "of_device": device}).scalar_one_or_none() or 0
    )


def _settled(connection: Connection, ids: Sequence[str]) -> dict[str, "Row[*tuple[object, ...]]"]:
    rows = connection.execute(_KNOWN, {"ids": ids})
    return {row.id: row for row in rows}


def _check_order(
    batch: CommandBatch, caller: Caller, settled: dict[str, "Row[*tuple[object, ...]]"], last: int
) -> int:
    """The last number that the batch takes. What is settled takes one as well where it is next: a device that
    offers everything again, since this server was restored, does not know which of it is.
    """
    expected = last + 1
    for envelope in batch.commands:
        known = settled.get(envelope.id)
        if known is not None:
            mark = fingerprint(envelope.type, envelope.appeal, envelope.base, envelope.arguments)
            values = known._mapping
            if values["account"] != caller.actor.account or values["fingerprint"] not in (mark, ERASED):
                raise Refused("key_reused", command=envelope.id)
            if envelope.dseq == expected:
                expected += 1
        elif envelope.dseq != expected:
            raise RefusedWith(
                "order", extra={"last_dseq": last}, expected=str(expected), received=str(envelope.dseq)
            )
        else:
            expected += 1
    return expected - 1


def _remember(work: UnitOfWork, caller: Caller, outcomes: Sequence[_Outcome]) -> None:
    rows = [
        (
            o.envelope.id,
            fingerprint(o.envelope.type, o.envelope.appeal, o.envelope.base, o.envelope.arguments),
            o.envelope.appeal if is_identifier(o.envelope.appeal) else "",
            o.status,
            o.version,
            o.refused,
        )
        for o in outcomes
    ]
    work.connection.execute(_SETTLE, settle_rows(caller.actor.account, work.now, rows))


def _repeat(envelope: CommandEnvelope, known: "Row[*tuple[object, ...]]") -> _Outcome:
    values = known._mapping
    refused = None
    if values["code"] is not None:
        refused = Refused(str(values["code"]), **msgspec.json.decode(str(values["params"])))
    version = values["version"]
    return _Outcome(envelope, "duplicate", version if isinstance(version, int) else None, refused)


def _result(connection: Connection, caller: Caller, outcome: _Outcome, language: str) -> CommandResult:
    appeal = outcome.envelope.appeal
    record = read_visible(connection, caller.scope, appeal) if is_identifier(appeal) else None
    return CommandResult(
        id=outcome.envelope.id,
        dseq=outcome.envelope.dseq,
        status=outcome.status,
        version=outcome.version,
        problem=problem_of(outcome.refused, language) if outcome.refused else None,
        record=record,
        number=_number_given(connection, outcome, record),
    )


def _number_given(connection: Connection, outcome: _Outcome, record: Put | None) -> str | None:
    """The number of an appeal that was registered: also who may not see its block tells it to the citizen."""
    if outcome.envelope.type != REGISTER or outcome.refused is not None:
        return None
    if record is not None:
        return record.row.number
    query = select(APPEAL.c.number).where(APPEAL.c.id == outcome.envelope.appeal)
    return connection.execute(query).scalar_one_or_none()


def _harmless_values(values: dict[str, object]) -> dict[str, object]:
    """Arguments with every text neutralised: what people type elsewhere is as strange as what they send."""
    return {name: _harmless(value) for name, value in values.items()}


def _harmless(value: object) -> object:
    if isinstance(value, str):
        return neutralise(value)
    if isinstance(value, list):
        return [_harmless(item) for item in value]
    return value
