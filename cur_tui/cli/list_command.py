"""``cur list``: the appeals of a queue or a query, a page at a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cur_tui.cli import exits
from cur_tui.cli.counted import Completeness
from cur_tui.cli.output import emit, lines, row_document, say, table
from cur_tui.cli.workplace import open_to_read
from cur_tui.domain.query.measuring import asks_measured
from cur_tui.domain.refusal import Refused
from cur_tui.i18n import _
from cur_tui.services.lists.views import DEFAULT_VIEW

if TYPE_CHECKING:
    import argparse

    from cur_tui.services.desk import Desk
    from storage.entries import CachedRow

MAX_LIMIT = 10_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--view", metavar="CODE", help=_("a queue, as «cur queues» names it"))
    parser.add_argument(
        "--query", metavar="QUERY", default="", help=_("a query, as the filter line takes it")
    )
    parser.add_argument("--limit", type=int, default=20, help=_("at most so many (default 20)"))
    parser.add_argument(
        "--after", metavar="NUMBER", help=_("go on behind this appeal: «next» of the page before")
    )
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Print one page."""
    if not 1 <= args.limit <= MAX_LIMIT:
        raise Refused("invalid_value", field="--limit", value=str(args.limit))
    with open_to_read(args) as place:
        desk = place.desk
        query = desk.lists.parse(f"{_view_query(desk, args)} {args.query}".strip())
        known = Completeness(desk) if asks_measured(query.terms) else None
        page, more = desk.lists.page(query, args.limit, args.after)
        if args.json:
            items = [{**row_document(cached.row), "pending": cached.pending} for cached in page]
            document = {"items": items, "next": page[-1].row.number if more else None}
            emit(document) if known is None else known.emit(document)
            return exits.OK
        lines(_table(page))
        if more:
            say(_("There is more: --after {number}").format(number=page[-1].row.number))
        if known is not None:
            known.tell()
    return exits.OK


def _table(page: list[CachedRow]) -> list[str]:
    from cur_tui.domain.vocabulary import State  # the words for people, which programs do not read
    from cur_tui.services.due import due_of
    from cur_tui.services.labels import label_of

    now = int(time.time())
    cells = [
        (
            cached.row.number,
            due_of(cached.row.control_due_at, now, provisional=bool(cached.row.provisional)).badge,
            label_of(State, cached.row.state),
            cached.row.title,
        )
        for cached in page
    ]
    return table(cells, (17, 9, 16, 60))


def _view_query(desk: Desk, args: argparse.Namespace) -> str:
    if args.view is None:
        return "" if args.query else next(v.query for v in desk.lists.views() if v.code == DEFAULT_VIEW)
    for view in desk.lists.views():
        if view.code == args.view:
            return view.query
    known = ", ".join(view.code for view in desk.lists.views())
    raise Refused("unknown_view", view=args.view, known=known)
