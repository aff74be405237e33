"""The quarantine of the region: rows that no import could take, to be mended here or in a spreadsheet."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, Row, func, not_, select, update

from cur_tui.contract.importing import (
    ImportOptions,
    QuarantineAct,
    QuarantineLine,
    QuarantineOutcome,
    QuarantinePage,
    QuarantineRow,
)
from cur_tui.domain.refusal import Refused
from cur_tui.domain.texts.text import neutralise, one_line
from cur_tui.i18n import translator
from regional_api.centre import Centre
from regional_api.identity.callers import Caller
from regional_api.importers.base import QUARANTINE_KEY, Bad
from regional_api.importers.columns import ColumnError
from regional_api.importers.files.table import MAX_CELL, MAX_COLUMNS, FileError
from regional_api.importers.quarantine import COLUMNS, Kept, quarantine_row
from regional_api.importers.run import Import
from regional_api.importers.words import reason_words
from regional_api.importing.answers import instant
from regional_api.importing.jobs import must_import
from regional_api.importing.keeping import MENDED, OPEN, SET_ASIDE, marks_only, settle
from regional_api.importing.opening import MendedRow, reader_of_sheets
from regional_api.importing.tables import IMPORT_JOB, QUARANTINE
from regional_api.record import journal
from regional_api.unit_of_work import unit_of_work

STATES: Final = (OPEN, MENDED, SET_ASIDE)
SAVE_ROWS: Final = "save_rows"
"""What the journal calls it."""
_EXCERPT: Final = 160
_REASON: Final = 500
_WRITTEN_TOGETHER: Final = 500
_ROWS = select(
    QUARANTINE, IMPORT_JOB.c.name, IMPORT_JOB.c.header, IMPORT_JOB.c.options, IMPORT_JOB.c.sha256
).join_from(QUARANTINE, IMPORT_JOB, IMPORT_JOB.c.id == QUARANTINE.c.job)


class _Caught:
    """The sink of a single row."""

    bad: Bad | None = None

    def keep(self, rows: Sequence[Bad]) -> list[Kept]:
        self.bad = rows[0]
        return [Kept("open")]

    def taken(self, records: object) -> None:
        """It is settled by whoever mended it."""

    def close(self) -> tuple[()]:
        """There is no file."""
        return ()


def read_rows(
    centre: Centre, caller: Caller, state: str, after: int, limit: int, language: str
) -> QuarantinePage:
    """Rows in one of :data:`STATES`, in the order in which they came. Raises ``not_permitted``."""
    must_import(caller)
    if state not in STATES:
        raise Refused("invalid_value", field="state", value=state[:80])
    shown = (QUARANTINE.c.state == state) & not_(marks_only((MENDED, SET_ASIDE)))
    query = _ROWS.where(shown, QUARANTINE.c.n > after).order_by(QUARANTINE.c.n)
    still_open = select(func.count()).select_from(QUARANTINE).where(QUARANTINE.c.state == OPEN)
    with centre.database.reading() as connection:
        rows = connection.execute(query.limit(limit)).all()
        count = int(connection.execute(still_open).scalar_one())
    items = tuple(_line(row, language) for row in rows)
    return QuarantinePage(items, count, rows[-1].n if len(rows) == limit else None)


def read_row(centre: Centre, caller: Caller, n: int, language: str) -> QuarantineRow:
    """One row with its cells. Raises ``import_not_found``."""
    must_import(caller)
    with centre.database.reading() as connection:
        return _whole(_found(connection, n), language)


def act_on(centre: Centre, caller: Caller, n: int, act: QuarantineAct, language: str) -> QuarantineOutcome:
    """Mend a row or set it aside.

    Raises ``import_not_found``, ``row_settled``, ``empty_field`` and ``too_long``.
    """
    must_import(caller)
    with centre.database.reading() as connection:
        row = _found(connection, n)
    if row.state == MENDED and act.cells:
        return QuarantineOutcome("same", row.number)
    if row.state != OPEN:
        raise Refused("row_settled")
    if act.cells:
        return _mend(centre, caller, row, act.cells, language)
    return _set_aside(centre, caller, row, one_line(neutralise(act.set_aside), _REASON))


def _mend(
    centre: Centre, caller: Caller, row: Row[Any], cells: tuple[str, ...], language: str
) -> QuarantineOutcome:
    if len(cells) > MAX_COLUMNS:
        raise Refused("too_long", field="cells", limit=str(MAX_COLUMNS))
    if any(len(cell) > MAX_CELL for cell in cells):
        raise Refused("too_long", field="cells", limit=str(MAX_CELL))
    options = msgspec.json.decode(bytes(row.options), type=ImportOptions)
    header = _header(row)
    own = tuple(cells[: len(header)]) + ("",) * (len(header) - len(cells))
    # A row that is told apart by what stands in it keeps the key of its file, whatever is mended in it.
    keyed = MendedRow((*header, QUARANTINE_KEY), (*own, row.key), row.row)
    options = msgspec.structs.replace(options, source=row.form)
    importing = Import(
        centre.database,
        rulebook=centre.rulebook,
        by=caller.actor.account,
    )
    caught = _Caught()
    try:
        reader = reader_of_sheets([keyed], options, ZoneInfo(centre.region.time_zone))
        report = importing.settle(reader, row.sha256, caught)
    except (FileError, ColumnError, LookupError):
        # The form, a confirmed name or a column is another one by now: the file has to be imported anew.
        raise Refused("invalid_value", field="source", value=row.form) from None
    if caught.bad is not None:
        wrong = {"reason": caught.bad.reason, "column_name": caught.bad.column}
        still = update(QUARANTINE).where(QUARANTINE.c.n == row.n, QUARANTINE.c.state == OPEN)
        with centre.database.writing() as connection:
            connection.execute(still.values(cells=msgspec.json.encode(cells), **wrong))
        with centre.database.reading() as connection:
            return QuarantineOutcome(OPEN, "", _whole(_found(connection, row.n), language))
    _, outcome = report.sample[0]
    number = "" if isinstance(outcome, Bad) else outcome.number
    with centre.database.writing() as connection:
        settle(connection, row, MENDED, number=number)
    return QuarantineOutcome("same" if isinstance(outcome, Bad) else outcome.became, number)


def _set_aside(centre: Centre, caller: Caller, row: Row[Any], reason: str) -> QuarantineOutcome:
    """The row stays, and the journal says who did not want it and why."""
    if not reason:
        raise Refused("empty_field", field="set_aside")
    with unit_of_work(centre.database, centre.rulebook) as work:
        if not settle(work.connection, row, SET_ASIDE):
            raise Refused("row_settled")
        facts = {"quarantine": row.n, "source": row.form, "row": row.row, "file_sha256": row.sha256}
        actor = caller.actor
        work.record(
            journal.entry_of(
                work.now,
                "set_aside",
                {**facts, "cause": row.reason, "reason": reason},
                account=actor.account,
                role=actor.role.value,
            )
        )
    return QuarantineOutcome(SET_ASIDE, "")


def written_rows(centre: Centre, caller: Caller, job: str) -> Iterator[bytes]:
    """The open rows of a job as the file that ``regional-api import`` leaves: mended it can be imported.

    The file shows who wrote, so the journal says who has it (152-ФЗ art. 19 part 2 item 8).
    """
    must_import(caller)
    mine = (QUARANTINE.c.job == job) & (QUARANTINE.c.state == OPEN)
    with unit_of_work(centre.database, centre.rulebook) as work:
        file = select(IMPORT_JOB.c.header, IMPORT_JOB.c.sha256).where(IMPORT_JOB.c.id == job)
        row = work.connection.execute(file).first()
        if row is None or row.header is None:
            raise Refused("import_not_found")
        count = work.connection.execute(select(func.count()).select_from(QUARANTINE).where(mine))
        facts = {"file_sha256": row.sha256, "rows": count.scalar_one()}
        actor = caller.actor
        work.record(
            journal.entry_of(work.now, SAVE_ROWS, facts, account=actor.account, role=actor.role.value)
        )
    return _written(centre, job, msgspec.json.decode(bytes(row.header), type=tuple[str, ...]))


def _written(centre: Centre, job: str, header: tuple[str, ...]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + _csv([[*header, *COLUMNS]])
    positions = range(len(header))
    last = 0
    mine = (QUARANTINE.c.job == job) & (QUARANTINE.c.state == OPEN)
    while True:
        query = select(QUARANTINE).where(mine, QUARANTINE.c.n > last).order_by(QUARANTINE.c.n)
        with centre.database.reading() as connection:
            rows = connection.execute(query.limit(_WRITTEN_TOGETHER)).all()
        yield _csv([quarantine_row(_bad(row), positions, len(header)) for row in rows])
        if len(rows) < _WRITTEN_TOGETHER:
            return
        last = rows[-1].n


def _bad(row: Row[Any]) -> Bad:
    cells = msgspec.json.decode(bytes(row.cells), type=tuple[str, ...])
    return Bad(row.row, row.reason, row.column_name, cells, row.key, row.mark)


def _csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    return text.getvalue().encode(errors="replace")


def _found(connection: Connection, n: int) -> Row[Any]:
    row = connection.execute(_ROWS.where(QUARANTINE.c.n == n)).one_or_none()
    if row is None:
        raise Refused("import_not_found")
    return row


def _header(row: Row[Any]) -> tuple[str, ...]:
    return msgspec.json.decode(bytes(row.header), type=tuple[str, ...])


def _whole(row: Row[Any], language: str) -> QuarantineRow:
    cells, header = msgspec.json.decode(bytes(row.cells), type=tuple[str, ...]), _header(row)
    return QuarantineRow(_line(row, language), header, (*cells, *[""] * (len(header) - len(cells))))


def _line(row: Row[Any], language: str) -> QuarantineLine:
    cells = msgspec.json.decode(bytes(row.cells), type=tuple[str, ...])
    said = " · ".join(one_line(cell, 60) for cell in cells if len(cell.strip()) > 1)
    return QuarantineLine(
        n=row.n,
        job=row.job,
        file=row.name,
        source=row.form,
        row=row.row,
        column=row.column_name,
        reason=row.reason,
        advice=reason_words(row.reason, translator(language).gettext),
        excerpt=one_line(said, _EXCERPT),
        state=row.state,
        at=instant(row.at),
    )
