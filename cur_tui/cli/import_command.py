"""``cur import``: have the server import a file of this machine, or say what would become of it."""

import argparse
import sys
import time
from pathlib import Path
from typing import TextIO

from cur_tui.cli import exits
from cur_tui.cli.output import emit, plain, say
from cur_tui.cli.workplace import open_to_read
from cur_tui.contract.importing import ImportJob, ImportOptions, ImportReport
from cur_tui.domain.refusal import Refused
from cur_tui.domain.texts.text import one_line
from cur_tui.domain.vocabulary import Regime
from cur_tui.i18n import _
from cur_tui.printing import printable
from cur_tui.services.exchange.import_words import (
    confirmed_words,
    counts_words,
    state_words,
    step_words,
    unmatched_words,
)
from cur_tui.services.exchange.importing import Hand, Step, import_file

ALIAS_KINDS = ("authority", "municipality", "block", "topic")
_SHOWN = 10
_PAUSE = 5.0
"""Seconds between two lines of progress where nobody sits at a terminal."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="FILE", type=Path, help=_("an .xlsx, CSV, JSON Lines or e-mail file"))
    parser.add_argument("--dry-run", action="store_true", help=_("only say what would change"))
    parser.add_argument("--source", metavar="CODE", help=_("the form of the file; recognised by its header"))
    parser.add_argument(
        "--regime",
        choices=[regime.value for regime in Regime],
        help=_("the legal regime where the file does not say it"),
    )
    parser.add_argument("--charset", metavar="NAME", help=_("charset of the file, if it is not guessed well"))
    parser.add_argument("--delimiter", metavar="CHAR", help=_("what stands between the columns"))
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="FIELD=NAME",
        help=_("the column of a field (text, category, authority …); repeatable"),
    )
    parser.add_argument(
        "--alias",
        action="append",
        default=[],
        metavar="KIND:NAME=CODE",
        help=_("a confirmed name, for example authority:NAME=CODE; kept for the next import; repeatable"),
    )
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Send, wait, report. Bad rows are told and the others imported: exit code 0 when the file was read."""
    options = _options(args)
    line = _Line(sys.stderr)
    with open_to_read(args) as place:
        job = import_file(place.engine().imports, args.file, options, Hand(told=line.show, patient=False))
    line.end()
    if args.json:
        emit(plain({"job": job}))
    if job.report is None:
        say(job.problem or state_words(job))
        return exits.REFUSED
    _tell(job, job.report)
    return exits.OK


def _options(args: argparse.Namespace) -> ImportOptions:
    aliases: dict[str, dict[str, str]] = {}
    for given in args.alias:
        kind, colon, rest = given.partition(":")
        label, equals, code = rest.rpartition("=")
        if kind not in ALIAS_KINDS or not (colon and equals and label and code):
            raise Refused("invalid_value", field="--alias", value=given[:80])
        aliases.setdefault(kind, {})[label] = code
    columns = {}
    for given in args.column:
        field, equals, name = given.partition("=")
        if not (field and name):
            raise Refused("invalid_value", field="--column", value=given[:80])
        columns[field] = name
    return ImportOptions(
        dry_run=args.dry_run,
        source=args.source,
        regime=args.regime,
        charset=args.charset,
        delimiter=args.delimiter,
        columns=columns,
        aliases=aliases,
    )


def _tell(job: ImportJob, report: ImportReport) -> None:
    say(f"{report.source}: {counts_words(report)}")
    if job.dry_run:
        say(_("This was a dry run: nothing was stored."))
    for bad in report.rows[:_SHOWN]:
        where = _("row {row}, «{column}»") if bad.column else _("row {row}")
        say(f"  {where.format(row=bad.row, column=one_line(bad.column, 60))}: {bad.advice}")
    if report.quarantined and not job.dry_run:
        say(_("Mend the rows with cur quarantine, or in the workstation."))
    for name in report.unmatched[:_SHOWN]:
        say(f"  {unmatched_words(name)}")
    if any(name.code for name in report.unmatched):
        say(_("Confirm a name with --alias KIND:NAME=CODE and import the file again."))
    for name in report.confirmed[:_SHOWN]:
        say(f"  {confirmed_words(name)}")


class _Line:
    """Progress: over the same line on a terminal, a line now and then elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._on_terminal = stream.isatty()
        self._shown = time.monotonic()
        self._width = 0

    def show(self, step: Step) -> None:
        """Tell a step."""
        words = printable(one_line(step_words(step), 100))
        if self._on_terminal:
            self._stream.write("\r" + words.ljust(self._width))
            self._width = len(words)
        elif time.monotonic() - self._shown > _PAUSE:
            self._shown = time.monotonic()
            self._stream.write(words + "\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._width:
            self._stream.write("\n")
