"""``cur report``: a report from the cache, as a workbook, a page or Markdown."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cur_tui.cli import exits
from cur_tui.cli.counted import Completeness
from cur_tui.cli.output import say
from cur_tui.cli.workplace import open_to_read
from cur_tui.domain.refusal import Refused
from cur_tui.i18n import _
from cur_tui.reports.order import FORMATS, ReportKind

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("kind", choices=[kind.value for kind in ReportKind], help=_("which report"))
    parser.add_argument("--format", choices=FORMATS, default="md", help=_("how it is written (default md)"))
    parser.add_argument(
        "--out", type=Path, metavar="PATH", help=_("the file or folder to write to; without it: stdout (md)")
    )
    parser.add_argument(
        "--period", default="", metavar="PERIOD", help=_("month, last:cur_week, 2026-Q3 …; else the last one")
    )
    parser.add_argument(
        "--query", metavar="QUERY", default="", help=_("a query, as the filter line takes it")
    )
    parser.add_argument(
        "--by", choices=["authority", "municipality"], default="authority", help=_("whom to rank")
    )
    parser.add_argument("--saved", metavar="TITLE", default="", help=_("a kept cut, by its title or id"))


def run(args: argparse.Namespace) -> int:
    """Make it, and say where it is."""
    from cur_tui.printing import printable
    from cur_tui.services.figures.reports import make_report, order_of, save_report

    if args.out is None and args.format != "md":
        raise Refused("missing_field", command="report", field="--out")
    with open_to_read(args) as place:
        order = order_of(
            place.desk, args.kind, period=args.period, query=args.query, by=args.by, saved=args.saved
        )
        known = Completeness(place.desk)
        if args.out is None:
            _name, content = make_report(place.desk, order, args.format)
            sys.stdout.write(printable(content.decode()))
        else:
            say(_("Written: {path}").format(path=save_report(place.desk, order, args.format, args.out)))
        if order.kind.adds_up:
            known.tell()
    return exits.OK
