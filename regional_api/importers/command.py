"""``regional-api import``: register the messages of a file, or bring them in line with a newer one."""

import argparse
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from cur_tui.contract.importing import ImportOptions
from cur_tui.domain.texts.text import one_line
from cur_tui.domain.vocabulary import Regime
from cur_tui.formats import format_number
from cur_tui.i18n import _, ngettext
from cur_tui.printing import json_line, printable
from regional_api.centre import open_centre
from regional_api.cli.progress import Progress
from regional_api.cli.relate import relate, told
from regional_api.database.connections import Database
from regional_api.importers.aliases import NO_ALIASES, load_aliases
from regional_api.importers.arguments import add_file_arguments, reading
from regional_api.importers.reading import Reader
from regional_api.importers.report_document import document
from regional_api.importers.run import Report
from regional_api.importers.words import reason_words
from regional_api.importing.by_command import import_path

ROLES = {
    "text": "text", "category": "category", "theme": "theme", "executor": "authority", "id": "key",
    "received": "received", "source": "origin",
}  # fmt: skip
"""Options that name a column, and the field each is for."""
_SHOWN = 5
_CELLS = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_file_arguments(parser)
    parser.add_argument("--database", metavar="URL", required=True, help=_("the regional database"))
    for role in ROLES:
        parser.add_argument(
            f"--{role}-column",
            metavar=_("NAME"),
            help=_("column with the {role}; guessed from the header if not given").format(role=role),
        )
    parser.add_argument(
        "--aliases",
        metavar=_("FILE"),
        type=Path,
        help=_("names of the source and codes of the region (TOML); kept for the next import"),
    )
    parser.add_argument(
        "--regime",
        choices=[regime.value for regime in Regime],
        help=_("the legal regime where the file does not say it"),
    )
    parser.add_argument("--dry-run", action="store_true", help=_("only say what would change"))


def run(arguments: argparse.Namespace) -> int:
    """Import and report. Bad rows are told and the others imported: exit code 0 when the file was read."""
    database = Database(arguments.database)
    try:
        rulebook = open_centre(database).rulebook
        zone = ZoneInfo(rulebook.region.time_zone)
        named = {field: getattr(arguments, f"{role}_column") for role, field in ROLES.items()}
        regime = Regime(arguments.regime) if arguments.regime else None
        with reading(arguments, zone, named, regime) as reader:
            report = _imported(database, arguments, reader)
        found = None if arguments.dry_run else relate(database, rulebook)
    finally:
        database.close()
    sys.stderr.write(printable(_summary(report, reader, dry_run=arguments.dry_run)))
    if found is not None and (found["pairs"] or found["incidents"]):
        sys.stderr.write(printable(told(found) + "\n"))
    if arguments.json:
        sys.stdout.write(json_line({**document(report), "related": found}))
    return 0


def _imported(database: Database, arguments: argparse.Namespace, reader: Reader) -> Report:
    aliases = load_aliases(arguments.aliases) if arguments.aliases else NO_ALIASES
    options = ImportOptions(
        dry_run=arguments.dry_run,
        source=reader.form.code,
        regime=arguments.regime,
        columns={
            field: name for role, field in ROLES.items() if (name := getattr(arguments, f"{role}_column"))
        },
        aliases=msgspec.to_builtins(aliases),
    )
    scanning = Progress(_("rows read"), None, sys.stderr)
    progress: Progress | None = None

    def settled(report: Report) -> None:
        nonlocal progress
        if progress is None:
            scanning.finish()
            progress = Progress(_("rows"), report.rows, sys.stderr)
        progress.show(report.done)

    report = import_path(database, arguments.file, reader, options, scanning.show, settled)
    (progress or scanning).finish()
    return report


def _summary(report: Report, reader: Reader, *, dry_run: bool) -> str:
    if not report.rows:
        words = _("{form}: the file has a header and no rows. Nothing was imported.")
        return words.format(form=reader.form.title) + "\n"
    lines = [_("{form}: {rows}.").format(form=reader.form.title, rows=_rows(report.rows))]
    new = ngettext("{count} new appeal", "{count} new appeals", report.new)
    lines.append(
        _(
            "{new}; changed: {changed}; same: {same}; in quarantine: {quarantined}; repeated: {repeated}."
        ).format(
            new=new.format(count=format_number(report.new)),
            changed=format_number(report.changed),
            same=format_number(report.same),
            quarantined=format_number(report.quarantined),
            repeated=format_number(report.repeated),
        )
    )
    if dry_run:
        lines.append(_("This was a dry run: nothing was stored."))
    for bad in report.bad[:_SHOWN]:
        where = _("row {row}, «{column}»") if bad.column else _("row {row}")
        told = where.format(row=bad.row, column=one_line(bad.column, _CELLS))
        lines.append(f"  {told}: {reason_words(bad.reason)}")
    for file in report.quarantines:
        lines.append(_("Mend the rows in {file} and import that file.").format(file=file))
    if report.mended:
        lines.append(
            _("Bad rows that were mended since: {count}.").format(count=format_number(report.mended))
        )
    if report.set_aside:
        lines.append(
            _("Bad rows that were set aside: {count}.").format(count=format_number(report.set_aside))
        )
    if report.text_kept:
        words = _(
            "Rows with another text than the stored one: {count}. The stored text stays: it is evidence."
        )
        lines.append(words.format(count=format_number(report.text_kept)))
    for column, word, rows in report.unknown[:_SHOWN]:
        words = _("Unknown word «{word}» in «{column}»: {rows}.")
        lines.append(
            words.format(word=one_line(word, _CELLS), column=one_line(column, _CELLS), rows=_rows(rows))
        )
    for label in report.unmatched[:_SHOWN]:
        words = _("No match for «{label}»: {rows}.")
        if label.code is not None:
            words = _("No match for «{label}»: {rows}. Is it «{name}» ({code})? Confirm it with --aliases.")
        lines.append(
            words.format(
                label=one_line(label.label, _CELLS), rows=_rows(label.rows), name=label.name, code=label.code
            )
        )
    if report.confirmed:
        count = len(report.confirmed)
        words = ngettext("{count} confirmed name was used.", "{count} confirmed names were used.", count)
        lines.append(words.format(count=format_number(count)))
    return "\n".join(lines) + "\n"


def _rows(count: int) -> str:
    return ngettext("{count} row", "{count} rows", count).format(count=format_number(count))
