"""What comes back is put down, each row or letter once, in the name of whoever brings it: the sheet that
people filled in, or the letters by which mail systems say that ours did not arrive.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select

from cur_tui.contract.delivering import (
    EXPORT_COLUMN,
    FAULTS,
    ID_COLUMN,
    NUMBER_COLUMN,
    REASON_COLUMN,
    REFERENCE_COLUMN,
    RESULT_COLUMN,
    RESULTS,
    ReceiptFault,
    ReceiptReport,
)
from cur_tui.contract.problems import explain
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission
from cur_tui.domain.texts.text import neutralise, one_line
from cur_tui.i18n import translator
from cur_tui.workbook import unguarded
from regional_api.centre import Centre
from regional_api.database.identifiers import is_identifier
from regional_api.database.store import Stored, load
from regional_api.delivering.bounces import take_bounce
from regional_api.delivering.tables import DELIVERY
from regional_api.delivering.telling import NotTakenError, tell
from regional_api.identity.callers import Caller
from regional_api.importers.files.mail import MailSheet
from regional_api.importers.files.opening import opened
from regional_api.importers.files.table import FileError, Line, Sheet
from regional_api.unit_of_work import unit_of_work

_CHUNK: Final = 200
_HEADER_WITHIN: Final = 20
"""Lines among which the header must be: people put titles above it."""
_MAX_FAULTS: Final = 200
_MAX_WORDS: Final = 500
_FIELDS: Final = {
    ID_COLUMN: "delivery",
    EXPORT_COLUMN: "export",
    NUMBER_COLUMN: "number",
    RESULT_COLUMN: "result",
    REFERENCE_COLUMN: "reference",
    REASON_COLUMN: "reason",
}


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the sheet as it was filled in."""

    n: int
    delivery: str = ""
    export: str = ""
    number: str = ""
    result: str = ""
    reference: str = ""
    reason: str = ""
    is_broken: bool = False


def take_receipts(centre: Centre, caller: Caller, path: Path, language: str) -> ReceiptReport:
    """Put down what the sheet or the mailbox in ``path`` says. Imported again it changes nothing.

    Raises :class:`Refused`: ``not_permitted``; ``file_unreadable``, or ``no_delivery_sheet`` for a table
    without the columns of a sheet.
    """
    caller.must(Permission.DELIVER, "receipts")
    counts: Counter[str] = Counter()
    faults: list[ReceiptFault] = []
    try:
        with opened(path) as sheets:
            if isinstance(sheets[0], MailSheet):
                _settle_letters(centre, caller, sheets[0], counts, faults, language)
            else:
                rows = _rows(sheets)
                while chunk := list(islice(rows, _CHUNK)):
                    _settle(centre, caller, chunk, counts, faults, language)
    except (FileError, LookupError, OSError) as error:
        reason = error.code if isinstance(error, FileError) else type(error).__name__
        raise Refused("file_unreadable", path=RESULT_COLUMN, reason=reason) from None
    return ReceiptReport(
        **{name: counts[name] for name in ("confirmed", "sent", "failed", "same", "empty")},
        faults=tuple(faults),
    )


def _rows(sheets: Sequence[Sheet]) -> Iterator[_Row]:
    for sheet in sheets:
        lines = sheet.lines()
        for line in islice(lines, _HEADER_WITHIN):
            names = {" ".join(cell.split()): place for place, cell in enumerate(line.cells)}
            if ID_COLUMN in names and RESULT_COLUMN in names:
                places = {field: names[name] for name, field in _FIELDS.items() if name in names}
                return (_row(line, places) for line in lines)
    raise Refused("no_delivery_sheet", first=ID_COLUMN, second=RESULT_COLUMN)


def _row(line: Line, places: dict[str, int]) -> _Row:
    cells = {
        field: unguarded(line.cells[place]).strip()
        for field, place in places.items()
        if place < len(line.cells)
    }
    return _Row(line.n, **cells, is_broken=bool(line.broken))


def _settle(
    centre: Centre,
    caller: Caller,
    rows: Sequence[_Row],
    counts: Counter[str],
    faults: list[ReceiptFault],
    language: str,
) -> None:
    with unit_of_work(centre.database, centre.rulebook) as work:
        named = _named(work.connection, rows)
        appeals = load(work.connection, [appeal for appeal, _ in named.values()], lock=True)
        for row in rows:
            try:
                if not row.result and not row.is_broken:
                    counts["empty"] += 1
                    continue
                result, appeal, answer = _read(row, named, appeals, caller)
                stored = appeals[appeal]
                found = stored.appeal.answer(answer)
                if found is None:
                    raise NotTakenError("unknown_delivery")
                after = tell(
                    work,
                    caller,
                    stored,
                    found,
                    result,
                    said="\n".join((row.delivery, row.export, result, row.reference, row.reason)),
                    reference=one_line(neutralise(row.reference), _MAX_WORDS),
                    reason=one_line(neutralise(row.reason), _MAX_WORDS),
                )
            except (NotTakenError, Refused) as error:
                _note_fault(faults, row.n, error, language)
                continue
            counts["same" if after is None else result] += 1
            if after is not None:
                appeals[appeal] = after


def _read(
    row: _Row, named: dict[str, tuple[str, str]], appeals: dict[str, Stored], caller: Caller
) -> tuple[str, str, str]:
    """What the row says: the result, the appeal and the answer."""
    if row.is_broken:
        raise NotTakenError("broken_row")
    appeal, answer = named.get(row.delivery, ("", ""))
    stored = appeals.get(appeal)
    if stored is None or not caller.sees(stored.place):
        raise NotTakenError("unknown_delivery")
    if row.number and row.number != stored.appeal.number:
        raise NotTakenError("other_number")
    result = RESULTS.get(" ".join(row.result.lower().split()).rstrip(".!"))
    if result is None:
        raise NotTakenError("unknown_result")
    if result == "failed" and not row.reason:
        raise NotTakenError("no_reason")
    return result, appeal, answer


def _named(connection: Connection, rows: Sequence[_Row]) -> dict[str, tuple[str, str]]:
    """Appeal and answer of each delivery that the rows name."""
    ids = {row.delivery for row in rows if is_identifier(row.delivery)}
    query = select(DELIVERY.c.id, DELIVERY.c.appeal, DELIVERY.c.answer).where(DELIVERY.c.id.in_(ids))
    return {row.id: (row.appeal, row.answer) for row in connection.execute(query)}


def _settle_letters(
    centre: Centre,
    caller: Caller,
    mailbox: MailSheet,
    counts: Counter[str],
    faults: list[ReceiptFault],
    language: str,
) -> None:
    for n, raw in enumerate(mailbox.letters(), 1):
        try:
            counts[take_bounce(centre, caller, raw)] += 1
        except (NotTakenError, Refused) as error:
            _note_fault(faults, n, error, language)


def _note_fault(faults: list[ReceiptFault], n: int, error: NotTakenError | Refused, language: str) -> None:
    if len(faults) < _MAX_FAULTS:
        told = explain(error, language) if isinstance(error, Refused) else _told(error.code, language)
        faults.append(ReceiptFault(n, error.code, told))


def _told(code: str, language: str) -> str:
    return translator(language).gettext(FAULTS[code])
