"""Import jobs: a file announced, brought in pieces, run, asked about, given up.

Every request may be repeated: the same file of the same person is the same job as long as it is not done, a
piece counts once, and what is under way is not begun again.
"""

from typing import Any, Final

import msgspec
from sqlalchemy import Column, Connection, Row, delete, insert, select, update

from cur_tui.contract.importing import (
    MAX_IMPORT,
    STANDING,
    ImportFile,
    ImportJob,
    ImportJobs,
    ImportOptions,
)
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import IMPORT_NEEDS
from cur_tui.domain.texts.text import neutralise, one_line
from cur_tui.domain.vocabulary import Regime
from regional_api.attachments.uploads import Piece
from regional_api.centre import Centre
from regional_api.clock import now, seconds
from regional_api.database.connections import upsert
from regional_api.database.identifiers import is_digest, is_identifier
from regional_api.identity.callers import Caller
from regional_api.importers.aliases import Aliases
from regional_api.importers.files.table import FileError
from regional_api.importers.form import load_forms
from regional_api.importing.answers import job_answer
from regional_api.importing.forgetting import forget_settled
from regional_api.importing.tables import IMPORT_JOB, IMPORT_PIECE

KEPT_SECONDS: Final = 7 * 24 * 3600
"""How long the file of an import that nobody goes on with is kept."""
MOST_UNFINISHED: Final = 4
"""Files that one account may have here; the oldest one goes first."""
_UNFINISHED: Final = ("receiving", "ready", "queued", "running", "checked", "failed", "cancelled")
_RUNNABLE: Final = ("ready", "checked", "failed", "cancelled")
_LISTED: Final = 30
_NAME: Final = 200


def must_import(caller: Caller) -> None:
    """Raises ``not_permitted``: a file concerns the whole region, and its rows show who wrote."""
    for permission in IMPORT_NEEDS:
        caller.must(permission, "import")


def begin(centre: Centre, caller: Caller, file: ImportFile, language: str) -> ImportJob:
    """The job of ``file``: the one that the caller has for it already, else a new one.

    Raises ``not_permitted``, ``malformed``, ``file_empty``, ``too_large`` and ``key_reused``.
    """
    must_import(caller)
    if not is_identifier(file.id) or not is_digest(file.sha256):
        raise Refused("malformed", reason="id: a UUID, sha256: a digest in hex")
    if file.size < 1:
        raise Refused("file_empty")
    if file.size > MAX_IMPORT:
        raise Refused("too_large", limit=str(MAX_IMPORT))
    account = caller.actor.account
    with centre.database.writing() as connection:
        forget_old(connection)
        same = (IMPORT_JOB.c.account == account) & (IMPORT_JOB.c.sha256 == file.sha256)
        same &= IMPORT_JOB.c.size == file.size
        unfinished = IMPORT_JOB.c.state.in_(_UNFINISHED)
        known = connection.execute(select(IMPORT_JOB).where(same, unfinished)).first()
        known = known or connection.execute(select(IMPORT_JOB).where(IMPORT_JOB.c.id == file.id)).first()
        if known is None:
            _make_room(connection, account)
            announced = upsert(connection, IMPORT_JOB).values(_row(caller, file))
            connection.execute(announced.on_conflict_do_nothing())
            known = _job(connection, file.id)
    if known.account != account or known.sha256 != file.sha256:
        raise Refused("key_reused", command=file.id)
    return job_answer(known, language)


def take_piece(
    centre: Centre, caller: Caller, id: str, piece: Piece, data: bytes, language: str
) -> ImportJob:
    """Keep a piece of the file, if it begins where the server stands.

    Raises ``import_not_found`` and ``malformed``.
    """
    must_import(caller)
    with centre.database.writing() as connection:
        row = _own(connection, caller, id, lock=True)
        if piece.total != row.size:
            raise Refused("malformed", reason="Content-Range: another size than was announced")
        if piece.start is not None and len(data) != piece.end - piece.start:
            raise Refused("malformed", reason="Content-Range does not fit the length of the body")
        if row.state == "receiving" and piece.start == row.received:
            connection.execute(insert(IMPORT_PIECE).values(job=id, start=piece.start, data=data))
            state = "ready" if piece.end == row.size else "receiving"
            _set(connection, id, received=piece.end, state=state, at=seconds(now()))
        return job_answer(_job(connection, id), language)


def run(centre: Centre, caller: Caller, id: str, options: ImportOptions, language: str) -> ImportJob:
    """Have the file imported, or looked at; nothing happens to a job that is under way or done.

    Raises ``import_not_found``, ``import_incomplete`` and ``invalid_value``.
    """
    must_import(caller)
    _check(centre, options)
    with centre.database.writing() as connection:
        row = _own(connection, caller, id, lock=True)
        if row.state == "receiving":
            raise Refused("import_incomplete", received=str(row.received), size=str(row.size))
        if row.state in _RUNNABLE:
            _set(
                connection,
                id,
                state="queued",
                options=msgspec.json.encode(options),
                rows_read=0,
                settled=0,
                total=0,
                report=None,
                problem=None,
                params=None,
                cancel=0,
                tries=0,
                runner=None,
                at=seconds(now()),
            )
        return job_answer(_job(connection, id), language)


def cancel(centre: Centre, caller: Caller, id: str, language: str) -> ImportJob:
    """Stop a job between two transactions; what stands still is dropped with its file. Stored rows stay."""
    must_import(caller)
    with centre.database.writing() as connection:
        row = _own(connection, caller, id, lock=True)
        if row.state in STANDING:
            _set(connection, id, cancel=1)
        elif row.state != "done":
            _drop(connection, id)
        return job_answer(_job(connection, id), language)


def look(centre: Centre, caller: Caller, id: str, language: str) -> ImportJob:
    """Where a job stands. Raises ``import_not_found`` for one that is not there or somebody else's."""
    must_import(caller)
    with centre.database.reading() as connection:
        return job_answer(_own(connection, caller, id), language)


def latest(centre: Centre, caller: Caller, language: str) -> ImportJobs:
    """The latest jobs of the caller, newest first."""
    must_import(caller)
    own = IMPORT_JOB.c.account == caller.actor.account
    query = select(IMPORT_JOB).where(own).order_by(IMPORT_JOB.c.at.desc(), IMPORT_JOB.c.id).limit(_LISTED)
    with centre.database.reading() as connection:
        rows = connection.execute(query).all()
    return ImportJobs(tuple(job_answer(row, language, with_report=False) for row in rows))


def forget_files(centre: Centre) -> None:
    """Drop what :func:`begin` drops, where nobody begins anything, and what was settled long ago."""
    with centre.database.writing() as connection:
        forget_old(connection)
        forget_settled(connection, seconds(now()))


def forget_old(connection: Connection) -> None:
    """Drop the files that nobody has gone on with for a week. The jobs stay, for what they say."""
    old = (IMPORT_JOB.c.at < seconds(now()) - KEPT_SECONDS) & IMPORT_JOB.c.state.not_in(
        ("done", "dropped", *STANDING)
    )
    for id in connection.execute(select(IMPORT_JOB.c.id).where(old)).scalars().all():
        _drop(connection, id)


def aliases_of(options: ImportOptions) -> Aliases:
    """The confirmed names. Raises ``invalid_value`` for a kind that is none."""
    try:
        return msgspec.convert(options.aliases, Aliases)
    except msgspec.ValidationError:
        raise Refused("invalid_value", field="aliases", value=", ".join(options.aliases)[:80]) from None


def _check(centre: Centre, options: ImportOptions) -> None:
    if options.source is not None and options.source not in load_forms():
        raise Refused("invalid_value", field="source", value=options.source[:80])
    if options.regime is not None and options.regime not in {regime.value for regime in Regime}:
        raise Refused("invalid_value", field="regime", value=options.regime[:80])
    if options.delimiter is not None and len(options.delimiter) != 1:
        raise Refused("invalid_value", field="delimiter", value=options.delimiter[:80])
    try:
        aliases_of(options).check(centre.rulebook)
    except FileError as error:
        raise Refused("invalid_value", field="aliases", value=error.params["code"][:80]) from None


def _row(caller: Caller, file: ImportFile) -> dict[Column[Any], object]:
    at, of = seconds(now()), IMPORT_JOB.c
    return {
        of.id: file.id,
        of.account: caller.actor.account,
        of.role: caller.actor.role.value,
        of.name: one_line(neutralise(file.name), _NAME) or "—",
        of.size: file.size,
        of.sha256: file.sha256,
        of.received: 0,
        of.state: "receiving",
        of.options: msgspec.json.encode(ImportOptions()),
        of.form: "",
        of.rows_read: 0,
        of.settled: 0,
        of.total: 0,
        of.tries: 0,
        of.cancel: 0,
        of.beat: at,
        of.at: at,
    }


def _make_room(connection: Connection, account: str) -> None:
    idle = [state for state in _UNFINISHED if state not in STANDING]
    mine = (IMPORT_JOB.c.account == account) & IMPORT_JOB.c.state.in_(idle)
    begun = select(IMPORT_JOB.c.id).where(mine).order_by(IMPORT_JOB.c.at.desc()).offset(MOST_UNFINISHED - 1)
    for id in connection.execute(begun).scalars().all():
        _drop(connection, id)


def _drop(connection: Connection, id: str) -> None:
    drop_file(connection, id)
    # A dry run's report quotes the first rows.
    _set(connection, id, state="dropped", report=None)


def drop_file(connection: Connection, id: str) -> None:
    """The file is not needed any more."""
    connection.execute(delete(IMPORT_PIECE).where(IMPORT_PIECE.c.job == id))


def _own(connection: Connection, caller: Caller, id: str, *, lock: bool = False) -> Row[tuple[object, ...]]:
    query = select(IMPORT_JOB).where(IMPORT_JOB.c.id == id, IMPORT_JOB.c.account == caller.actor.account)
    row = (
        connection.execute(query.with_for_update() if lock else query).first() if is_identifier(id) else None
    )
    if row is None:
        raise Refused("import_not_found")
    return row


def _job(connection: Connection, id: str) -> Row[tuple[object, ...]]:
    return connection.execute(select(IMPORT_JOB).where(IMPORT_JOB.c.id == id)).one()


def _set(connection: Connection, id: str, **values: object) -> None:
    connection.execute(update(IMPORT_JOB).where(IMPORT_JOB.c.id == id).values(**values))
