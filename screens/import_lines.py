"""The lines of the import screen: names, bad rows, unknown words, what changes, the latest imports."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from textual.content import Content

from cur_tui.contract.importing import ImportJob, ImportReport, PreviewRow, UnmatchedName
from cur_tui.domain.vocabulary import Regime, State
from cur_tui.formats import format_datetime, format_number
from cur_tui.i18n import _
from cur_tui.services.desk import Desk
from cur_tui.services.exchange.import_view import CONFIRMABLE, Confirmed, is_waiting, meanings
from cur_tui.services.exchange.import_words import became_words, kind_words, rows_words, state_words
from cur_tui.services.labels import label_of
from widgets.ledger import Entry
from widgets.show import line_text, show_line

LABELS = 16
"""Width of the column of labels."""
BAD = "bad"
"""What a line about bad rows stands for."""
Add = Callable[[Entry], None]
_NUMBERS = 5
_CELLS = 200


def lines_of(
    job: ImportJob | None, latest: tuple[ImportJob, ...], names: Confirmed, desk: Desk
) -> tuple[tuple[Entry, ...], list[object]]:
    """The entries, and what each stands for."""
    entries: list[Entry] = []
    things: list[object] = []

    def add(entry: Entry, thing: object = None) -> None:
        entries.append(entry)
        things.append(thing)

    report = job.report if job is not None else None
    if report is not None:
        if report.unmatched:
            heading = _("Names that are none of the region's: {n}").format(n=len(report.unmatched))
            add(Entry("", Content(heading)))
        for name in report.unmatched:
            add(_name(name, names, desk, is_open=is_waiting(job)), name)
        if report.rows:
            heading = _("For the quarantine: {rows}").format(rows=rows_words(report.quarantined))
            add(Entry("", Content(heading)))
        for bad in report.rows:
            told = Content.assemble(show_line(bad.column, 60, "bold"), "  ", show_line(bad.advice))
            add(Entry(_row_label(bad.row), told, "$warning"), BAD)
        if report.confirmed:
            heading = _("Names that the region keeps: {n}").format(n=len(report.confirmed))
            add(Entry("", Content(heading)))
        for name in report.confirmed:
            add(_name(name, names, desk, is_open=is_waiting(job), is_kept=True), name)
        _add_rest(report, add)
    if latest:
        add(Entry("", Content(_("Latest imports"))))
    for one in latest:
        at = format_datetime(datetime.fromisoformat(one.at), desk.zone)
        told = Content.assemble(show_line(one.name, 80), "  ", (at, "$text-muted"))
        add(Entry(line_text(state_words(one), 2 * LABELS), told), one)
    return tuple(entries), things


def _add_rest(report: ImportReport, add: Add) -> None:
    if report.unknown:
        add(Entry("", Content(_("Words that no rule knows"))))
    for word in report.unknown:
        told = Content.assemble(show_line(word.word, _CELLS), f"  {rows_words(word.rows)}")
        add(Entry(line_text(word.column, LABELS), told))
    if report.changes:
        add(Entry("", Content(_("Appeals brought in line: {n}").format(n=format_number(report.changed)))))
    for change in report.changes:
        add(Entry(line_text(change.number, LABELS), show_line(", ".join(change.fields), _CELLS)))
    if report.first_numbers:
        add(Entry("", Content(_("New appeals: {n}").format(n=format_number(report.new)))))
        add(Entry(_("the first"), show_line(", ".join(report.first_numbers[:_NUMBERS]), _CELLS)))


def _name(
    name: UnmatchedName, names: Confirmed, desk: Desk, *, is_open: bool, is_kept: bool = False
) -> Entry:
    label = show_line(name.label, 60, "bold")
    head = Content.assemble(label, f"  {rows_words(name.rows)}")
    confirmed = names.code_of(name)
    if is_kept and confirmed is None:
        told = show_line(_("✓ {name}, confirmed before").format(name=name.name), style="$success")
        if is_open and name.kind in CONFIRMABLE:
            told = Content.assemble(told, "  ", (_("Enter: another"), "$text-muted"))
    elif not (is_open or is_kept) or name.kind not in CONFIRMABLE:
        told = show_line(_("Kept in the appeal as the source calls it."), style="$text-muted")
    elif confirmed is not None:
        known = {choice.code: choice.title for choice in meanings(name.kind, desk.rulebook)}
        told = show_line(f"✓ {known.get(confirmed, confirmed)}", style="$success")
    elif name.name is not None:
        told = show_line(_("Is it «{name}»? Space: yes, Enter: another").format(name=name.name))
    else:
        told = show_line(_("Enter: choose what it means"), style="$text-muted")
    return Entry(line_text(kind_words(name.kind), LABELS), Content.assemble(head, "\n", told))


def first_rows(job: ImportJob | None, zone: ZoneInfo) -> Content:
    """The first rows of the file as they were read; empty without a report."""
    report = job.report if job is not None else None
    if report is None or not report.preview:
        return Content("")
    title = Content.styled(_("The first rows, as they were read"), "bold $primary")
    return Content("\n").join([title, *(_preview(row, zone) for row in report.preview)])


def _preview(row: PreviewRow, zone: ZoneInfo) -> Content:
    received = format_datetime(datetime.fromisoformat(row.received), zone) if row.received else "—"
    regime, state = label_of(Regime, row.regime), label_of(State, row.state)
    head = " · ".join(
        filter(None, (_row_label(row.row), became_words(row.became), row.number, received, regime, state))
    )
    about = " · ".join(filter(None, (row.about, row.authority, row.place)))
    return Content.assemble(
        show_line(head, _CELLS, "$accent"), "\n", show_line(about, _CELLS), "\n",
        show_line(row.text, _CELLS, "$text-muted"), "\n",
    )  # fmt: skip


def _row_label(row: int) -> str:
    return _("row {row}").format(row=row)
