"""``cur alerts``: the open alerts of escalation. ``cur do acknowledge NUMBER`` takes one on."""

import argparse

from cur_tui.cli import exits
from cur_tui.cli.output import emit, lines, table
from cur_tui.cli.workplace import open_to_read
from cur_tui.formats import format_datetime
from cur_tui.i18n import _
from cur_tui.services.figures.alerts import AlertLine, alerts_here

_WIDTHS = (17, 16, 34, 40)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--all", action="store_true", help=_("also those that are for others"))
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Print the open alerts, the latest first."""
    with open_to_read(args) as place:
        found = alerts_here(place.desk, mine=not args.all)
        if args.json:
            emit({"alerts": [_document(one) for one in found]})
            return exits.OK
        rows = [
            (one.number, format_datetime(one.alert.at, place.desk.zone), one.rule_title, one.words)
            for one in found
        ]
        lines(table(rows, _WIDTHS) or [_("Nothing waits for you.")])
    return exits.OK


def _document(one: AlertLine) -> dict[str, object]:
    alert = one.alert
    return {
        "number": one.number,
        "appeal": one.appeal,
        "alert": alert.id,
        "rule": alert.rule,
        "rule_title": one.rule_title,
        "event": alert.event,
        "words": one.words,
        "since": alert.since,
        "at": alert.at,
        "to": alert.to,
        "person": alert.person,
        "params": alert.params,
        "mine": one.is_mine,
        "title": one.title,
    }
