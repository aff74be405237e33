"""Jobs and reports as the contract tells them, in the language of whoever asks."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Row

from cur_tui.contract.importing import (
    BadRow,
    ChangedRow,
    ImportJob,
    ImportOptions,
    ImportReport,
    PreviewRow,
    UnknownWord,
    UnmatchedName,
)
from cur_tui.contract.problems import sentence
from cur_tui.domain.texts.text import one_line
from cur_tui.i18n import translator
from regional_api.clock import stamp
from regional_api.importers.base import Bad, Record
from regional_api.importers.columns import ColumnError
from regional_api.importers.files.table import FileError
from regional_api.importers.ledger import Settled
from regional_api.importers.matching import Unmatched
from regional_api.importers.run import Report
from regional_api.importers.words import column_words, file_words, reason_words

COLUMN_ERROR = "column"
_CELL = 200
_TEXT = 300


def instant(at: int) -> str:
    """Seconds of the tables as the wire writes them."""
    return stamp(datetime.fromtimestamp(at, UTC))


def job_answer(row: Row[Any], language: str, *, with_report: bool = True) -> ImportJob:
    """A job. Its report holds a thing to say for each bad row, which lists of jobs do without."""
    options = msgspec.json.decode(bytes(row.options), type=ImportOptions)
    report = None
    if with_report and row.report is not None:
        report = _with_advice(msgspec.json.decode(bytes(row.report), type=ImportReport), language)
    return ImportJob(
        id=row.id,
        name=row.name,
        size=row.size,
        sha256=row.sha256,
        received=row.received,
        state=row.state,
        dry_run=options.dry_run,
        by=row.account,
        at=instant(row.at),
        read=row.rows_read,
        settled=row.settled,
        total=row.total,
        problem=problem_words(row.problem, row.params, language) if row.problem else None,
        report=report,
    )


def problem_words(code: str, params: str | None, language: str) -> str:
    """Why a file could not be imported."""
    known: dict[str, Any] = json.loads(params or "{}")
    say = translator(language).gettext
    if code == COLUMN_ERROR:
        return column_words(ColumnError(known["field"], known["name"], known["known"]), say)
    try:
        return file_words(FileError(code, **known), say)
    except KeyError:
        return sentence(code, known, language)


def _with_advice(report: ImportReport, language: str) -> ImportReport:
    say = translator(language).gettext
    rows = tuple(msgspec.structs.replace(bad, advice=reason_words(bad.reason, say)) for bad in report.rows)
    return msgspec.structs.replace(report, rows=rows)


def report_answer(report: Report) -> ImportReport:
    """A report as the contract tells it; without advice, which depends on the reader."""
    return ImportReport(
        source=report.form,
        total=report.rows,
        new=report.new,
        changed=report.changed,
        same=report.same,
        quarantined=report.quarantined,
        mended=report.mended,
        set_aside=report.set_aside,
        repeated=report.repeated,
        text_kept=report.text_kept,
        fields=dict(report.fields),
        changes=tuple(ChangedRow(one.row, one.number, one.fields) for one in report.changes),
        rows=tuple(BadRow(bad.row, bad.column, bad.reason) for bad in report.bad),
        unknown=tuple(UnknownWord(column, word, rows) for column, word, rows in report.unknown),
        unmatched=tuple(_named(one) for one in report.unmatched),
        confirmed=tuple(_named(one) for one in report.confirmed),
        first_numbers=tuple(report.numbers),
        preview=tuple(_preview(record, outcome) for record, outcome in report.sample),
    )


def _named(one: Unmatched) -> UnmatchedName:
    return UnmatchedName(one.kind, one.label, one.rows, one.code, one.name, one.likeness)


def _preview(record: Record, outcome: Settled | Bad) -> PreviewRow:
    became, number = ("quarantined", "") if isinstance(outcome, Bad) else (outcome.became, outcome.number)
    places = (record.municipality, record.settlement, record.address)
    about = (record.category, record.theme)
    return PreviewRow(
        row=record.row,
        became=became,
        number=number,
        received=stamp(record.received) if record.received is not None else None,
        regime=record.regime.value,
        state=record.history.state.value if record.history.state is not None else None,
        about=one_line(" · ".join(filter(None, about)), _CELL),
        authority=one_line(record.authority, _CELL),
        place=one_line(", ".join(filter(None, places)), _CELL),
        text=one_line(record.text, _TEXT),
    )
