"""``regional-api report``: make a report with somebody's rights, and say which are made by schedule."""

import argparse
import sys
from pathlib import Path

import msgspec
from sqlalchemy import select

from cur_tui.files import write_private
from cur_tui.i18n import _
from cur_tui.printing import json_line
from cur_tui.reports.order import FORMATS, Order, ReportKind
from cur_tui.reports.writing import file_name, write
from regional_api.centre import Centre, open_centre
from regional_api.cli.arguments import add_database, text_of
from regional_api.cli.words import UsageError
from regional_api.clock import now
from regional_api.database.connections import Database
from regional_api.figures.cuts import cuts_of
from regional_api.reporting.making import make_report
from regional_api.reporting.rounds import ReportRounds
from regional_api.reporting.settings import parse_settings, read_settings, write_settings
from regional_api.reporting.source import caller_of
from regional_api.reporting.tables import REPORT_LETTER, REPORT_RUN

_SHOWN = 50
"""The latest runs and letters that are shown."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    acts = parser.add_subparsers(dest="act", required=True, metavar=_("ACT"))
    making = acts.add_parser("make", help=_("make one report now"))
    making.add_argument("kind", choices=[kind.value for kind in ReportKind], help=_("which report"))
    making.add_argument("--account", required=True, metavar="NAME", help=_("with whose rights"))
    making.add_argument("--format", choices=FORMATS, default="xlsx", help=_("how it is written"))
    making.add_argument("--out", type=Path, required=True, metavar="PATH", help=_("the file or folder"))
    making.add_argument("--period", default="", metavar="PERIOD", help=_("month, last:cur_week, 2026-Q3 …"))
    making.add_argument("--query", default="", metavar="QUERY", help=_("which appeals"))
    making.add_argument("--by", choices=["authority", "municipality"], default="authority")
    making.add_argument("--cut", metavar="ID", help=_("a shared cut, for the report «cut»"))
    making.add_argument(
        "--personal-data", metavar="REASON", help=_("with texts and applicants; the journal keeps the reason")
    )
    acts.add_parser("run", help=_("make what is due by schedule, once"))
    configuring = acts.add_parser("configure", help=_("make reports by schedule as a file says"))
    configuring.add_argument("file", type=Path, metavar=_("FILE"))
    acts.add_parser("show", help=_("show the schedules and what was made"))
    acts.add_parser("off", help=_("make no reports by schedule"))
    for act in acts.choices.values():
        add_database(act)


def run(arguments: argparse.Namespace) -> int:
    """Do it; what is told is JSON."""
    database = Database(arguments.database)
    try:
        centre = open_centre(database)
        match arguments.act:
            case "make":
                told: object = {"file": str(_make(centre, arguments))}
            case "run":
                told = {"made": ReportRounds(centre).go()}
            case "configure":
                write_settings(centre, parse_settings(text_of(arguments.file)))
                told = _state(centre)
            case "off":
                write_settings(centre, None)
                told = _state(centre)
            case _:
                told = _state(centre)
    finally:
        database.close()
    sys.stdout.write(json_line(told))
    return 0


def _make(centre: Centre, arguments: argparse.Namespace) -> Path:
    report = make_report(
        centre,
        caller_of(centre, arguments.account),
        _order(centre, arguments),
        now(),
        reason=arguments.personal_data,
    )
    place: Path = arguments.out
    path = place / file_name(report, arguments.format) if place.is_dir() else place
    write_private(path, write(report, arguments.format))
    return path


def _order(centre: Centre, arguments: argparse.Namespace) -> Order:
    kind = ReportKind(arguments.kind)
    if kind is not ReportKind.CUT:
        return Order(kind, arguments.period, arguments.query, arguments.by)
    with centre.database.reading() as connection:
        saved = next((one for one in cuts_of(connection) if one.id == arguments.cut), None)
    if saved is None:
        raise UsageError(_("There is no shared cut «{id}».").format(id=arguments.cut or ""))
    return Order(kind, cut=saved.cut, title=saved.title)


def _state(centre: Centre) -> dict[str, object]:
    """The settings, the latest runs and the latest letters."""
    with centre.database.reading() as connection:
        settings = read_settings(connection)
        runs = connection.execute(select(REPORT_RUN).order_by(REPORT_RUN.c.due.desc()).limit(_SHOWN)).all()
        letters = connection.execute(
            select(REPORT_LETTER.c.run, REPORT_LETTER.c.due, REPORT_LETTER.c.state, REPORT_LETTER.c.reason)
            .order_by(REPORT_LETTER.c.due.desc(), REPORT_LETTER.c.id)
            .limit(_SHOWN)
        ).all()
    return {
        "settings": None if settings is None else msgspec.to_builtins(settings),
        "runs": [
            {
                "report": row.id,
                "due": row.due,
                "state": row.state,
                "files": row.files.split("\n") if row.files else [],
                "reason": row.reason,
            }
            for row in runs
        ],
        "letters": [
            {"report": row.run, "due": row.due, "state": row.state, "reason": row.reason} for row in letters
        ],
    }
