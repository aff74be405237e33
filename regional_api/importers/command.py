"""``regional-api import``: register the messages of a file."""

import argparse
import json
import sys
from pathlib import Path

from cur_tui.domain.vocabulary import Regime
from cur_tui.formats import format_number
from cur_tui.i18n import _, ngettext
from regional_api.cli.words import UsageError
from regional_api.database import Database
from regional_api.importers.csv_columns import ROLES, ColumnError
from regional_api.importers.csv_source import CsvSource
from regional_api.importers.run import Import, Report
from regional_api.progress import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("file", metavar=_("FILE"), type=Path, help=_("the file with the messages"))
    parser.add_argument("--database", metavar="URL", required=True, help=_("the regional database"))
    parser.add_argument("--source", choices=("csv",), default="csv", help=_("the form of the file"))
    for role in ROLES:
        parser.add_argument(
            f"--{role}-column",
            metavar=_("NAME"),
            help=_("column with the {role}; guessed from the header if not given").format(role=role),
        )
    parser.add_argument(
        "--charset", metavar=_("NAME"), help=_("charset of the file, if it is not guessed well")
    )
    parser.add_argument("--delimiter", metavar=_("CHAR"), help=_("what stands between the columns"))
    parser.add_argument(
        "--regime",
        choices=[regime.value for regime in Regime],
        default=Regime.OPEN_SOURCE.value,
        help=_("the legal regime of the messages"),
    )
    parser.add_argument("--json", action="store_true", help=_("the report as JSON on standard output"))


def run(arguments: argparse.Namespace) -> int:
    """Import and report. Bad rows are told and the others imported: exit code 0 when the file was read."""
    columns = {role: getattr(arguments, f"{role}_column") for role in ROLES}
    database = Database(arguments.database)
    try:
        source = CsvSource(
            arguments.file, columns=columns, charset=arguments.charset, delimiter=arguments.delimiter
        )
        progress = Progress(_("rows"), None, sys.stderr)
        importing = Import(database, regime=Regime(arguments.regime))
        report = importing.run(source, lambda so_far: progress.show(so_far.rows))
        progress.finish()
    except ColumnError as error:
        raise UsageError(_sentence(error)) from None
    except LookupError:
        raise UsageError(_("There is no charset «{name}».").format(name=arguments.charset)) from None
    finally:
        database.close()
    sys.stderr.write(_summary(report) + "\n")
    if arguments.json:
        sys.stdout.write(json.dumps(document(report), ensure_ascii=False) + "\n")
    return 0


def document(report: Report) -> dict[str, object]:
    """The report for programs."""
    return {
        "new": report.new,
        "same": report.same,
        "changed": report.changed,
        "skipped": [{"row": item.row, "reason": item.reason} for item in report.skipped],
        "first_numbers": report.numbers,
    }


def _summary(report: Report) -> str:
    words = ngettext("{count} new appeal", "{count} new appeals", report.new)
    return _("{new}; known already: {same}; changed: {changed}; skipped: {skipped}.").format(
        new=words.format(count=format_number(report.new)),
        same=format_number(report.same),
        changed=format_number(len(report.changed)),
        skipped=format_number(len(report.skipped)),
    )


def _sentence(error: ColumnError) -> str:
    known = ", ".join(name[:40] for name in error.known[:30])
    if error.name is None:
        return _("No column looks like the text. Name it with --text-column. Columns: {known}.").format(
            known=known
        )
    return _("There is no column «{name}». Columns: {known}.").format(name=error.name, known=known)
