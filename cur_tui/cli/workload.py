"""``cur workload``: what lies on each block and operator, and how many people the work needs."""

import argparse
from datetime import timedelta

from cur_tui.cli import exits
from cur_tui.cli.counted import Completeness
from cur_tui.cli.output import lines, table
from cur_tui.cli.workplace import open_to_read
from cur_tui.contract.oversight import workload_answer
from cur_tui.domain.figures.workload import BlockLoad, Counts, Workload
from cur_tui.formats import format_datetime
from cur_tui.i18n import _
from cur_tui.services.desk import Desk
from cur_tui.services.figures.workload import forecast_lines, shown, staffing_lines, workload_of

_WIDTHS = (34, 7, 11, 10, 7, 7, 8, 10)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))
    parser.add_argument("--explain", metavar="BLOCK", help=_("show how the numbers of a block came about"))


def run(args: argparse.Namespace) -> int:
    """Print the load from the cache."""
    with open_to_read(args) as place:
        complete = Completeness(place.desk)
        load = workload_of(place.desk)
        if args.json and args.explain is None:
            complete.emit(workload_answer(load))
            return exits.OK
        code = exits.OK
        if args.explain is not None:
            code = _explain(load, args.explain)
        else:
            lines(_lines(place.desk, load))
        complete.tell()
    return code


def _explain(load: Workload, block: str) -> int:
    for one in (*load.blocks, load.total):
        if (one.block or "*") == block:
            lines([*forecast_lines(one.forecast), *(staffing_lines(one.staffing) if one.staffing else ())])
            return exits.OK
    lines([_("There is no block «{block}».").format(block=block)])
    return exits.REFUSED


def _lines(desk: Desk, load: Workload) -> list[str]:
    names = {block.code: block.name for block in desk.rulebook.region.blocks}
    people = {str(one["account"]): str(one["name"]) for one in desk.cache.reader.accounts()}
    head: tuple[str, ...] = (
        _("Block"), _("Now open"), _("Overdue"), _("Week"), _("Came"), _("Left"), _("Sunday"), _("People"),
    )  # fmt: skip
    rows = [head, *(_block_row(names.get(one.block or "", one.block or ""), one) for one in load.blocks)]
    rows.append(_block_row(_("Total"), load.total))
    workers = [(_("Operator"), *head[1:6], "", "")]
    for one in load.workers:
        name = _("nobody") if one.worker is None else people.get(one.worker, one.worker)
        workers.append((name, *_numbers(one.counts), "", ""))
    until = format_datetime(load.week_end - timedelta(minutes=1), desk.zone)
    told = _("Four weeks from {first} to {last}; forecast until {until}.").format(
        first=load.first.isoformat(), last=load.last.isoformat(), until=until
    )
    return [*table(rows, _WIDTHS), "", *table(workers, _WIDTHS), "", told]


def _block_row(name: str, one: BlockLoad) -> tuple[str, ...]:
    staffing = one.staffing
    people = f"{shown(staffing.present)} → {staffing.needed}" if staffing else "—"
    return (name, *_numbers(one.counts), shown(one.forecast.open_then), people)


def _numbers(counts: Counts) -> tuple[str, ...]:
    numbers = (counts.open, counts.overdue, counts.due_this_week, counts.came, counts.left)
    return tuple(str(number) for number in numbers)
