"""``cur satisfaction``: how applicants rated the answers, by channel, and what they wrote to low ratings."""

import argparse
from datetime import date, timedelta

from cur_tui.cli import exits
from cur_tui.cli.counted import Completeness
from cur_tui.cli.output import emit, lines, table
from cur_tui.cli.workplace import open_to_read
from cur_tui.contract.oversight import satisfaction_answer
from cur_tui.domain.figures.satisfaction import ChannelRatings
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import Source
from cur_tui.formats import format_decimal, format_percent
from cur_tui.i18n import _
from cur_tui.services.figures.satisfaction import low_ratings, satisfaction_of
from cur_tui.services.labels import label_of

_WIDTHS = (30, 9, 7, 9, 8, 8, 20)
_LOW_WIDTHS = (17, 3, 8, 70)
DAYS = 28
"""The period, unless one is given: so many days up to today."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--from", dest="first", metavar="DAY", help=_("first day, as 2026-11-01"))
    parser.add_argument("--to", dest="last", metavar="DAY", help=_("last day; today unless told"))
    parser.add_argument("--low", action="store_true", help=_("the low ratings with their comments instead"))
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Print the ratings of the period."""
    with open_to_read(args) as place:
        desk = place.desk
        last = _day(args.last, "--to") or desk.local_now().date()
        first = _day(args.first, "--from") or last - timedelta(days=DAYS - 1)
        if first > last:
            raise Refused("invalid_value", field="--from", value=first.isoformat())
        if args.low:
            found = low_ratings(desk, first, last)
            if args.json:
                emit({"first": first, "last": last, "ratings": found})
            else:
                rows = [(one.number, str(one.rating), _sign(one.is_read), one.comment or "") for one in found]
                lines(table(rows, _LOW_WIDTHS))
            return exits.OK
        complete = Completeness(desk)
        known = satisfaction_of(desk, first, last)
        if args.json:
            complete.emit(satisfaction_answer(known, first.isoformat(), last.isoformat()))
        else:
            head = (_("Channel"), _("Answered"), _("Rated"), _("Share"), _("Mean"), _("4–5"), "1 2 3 4 5")
            lines(table([head, *map(_row, (*known.channels, known.total))], _WIDTHS))
            complete.tell()
    return exits.OK


def _row(one: ChannelRatings) -> tuple[str, ...]:
    return (
        _("Total") if one.source is None else label_of(Source, one.source),
        str(one.answered),
        str(one.rated),
        "—" if one.coverage is None else format_percent(one.coverage),
        "—" if one.mean is None else format_decimal(one.mean, 2),
        "—" if one.positive is None else format_percent(one.positive),
        " ".join(map(str, one.counts)),
    )


def _sign(is_read: bool) -> str:
    return _("read") if is_read else _("unread")


def _day(text: str | None, field: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise Refused("invalid_value", field=field, value=text or "") from None
