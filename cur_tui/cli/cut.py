"""``cur cut``: a statistical cut of the cache, its numbers each with the query behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cur_tui.cli import exits
from cur_tui.cli.counted import Completeness, add_period, add_query
from cur_tui.cli.output import emit, lines, plain, table
from cur_tui.cli.workplace import open_to_read, open_to_work
from cur_tui.domain.figures.cuts import MEASURES, Cut, CutTable, SavedCut
from cur_tui.domain.figures.dimensions import DIMENSIONS
from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.periods import Basis
from cur_tui.i18n import _

if TYPE_CHECKING:
    import argparse

    from cur_tui.services.figures.cuts import CutDesk
    from cur_tui.services.figures.measure_words import NamesOf

_NAME = 32
_VALUE = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    known = ", ".join(DIMENSIONS)
    parser.add_argument("rows", nargs="?", metavar="ROWS", help=_("one of: {names}").format(names=known))
    parser.add_argument("columns", nargs="?", metavar="COLUMNS", help=_("another one, or none"))
    parser.add_argument(
        "--measure",
        default="count",
        metavar="NAME",
        help=_("one of: {names}").format(names=", ".join(MEASURES)),
    )
    add_query(parser)
    add_period(parser, "all")
    parser.add_argument(
        "--basis",
        choices=[basis.value for basis in Basis],
        default=Basis.REGISTERED.value,
        help=_("the day that the period is about"),
    )
    parser.add_argument("--compare", action="store_true", help=_("with the period before"))
    parser.add_argument("--saved", metavar="TITLE", help=_("a kept cut, by its title or id"))
    parser.add_argument("--save", metavar="TITLE", help=_("keep the cut under a title"))
    parser.add_argument("--list", action="store_true", help=_("the kept cuts"))
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Count and print it."""
    from cur_tui.services.figures.cuts import CutDesk

    with (open_to_work if args.save else open_to_read)(args) as place:
        desk = CutDesk(place.desk)
        if args.list:
            return _print_saved(desk.saved(), as_json=args.json)
        if args.saved is not None:
            cut = desk.find(args.saved).cut
        elif args.rows is None:
            raise Refused("missing_field", command="cut", field="ROWS")
        else:
            cut = Cut(
                args.rows,
                args.columns,
                args.measure,
                args.query,
                args.period,
                Basis(args.basis),
                compare=args.compare,
            )
        complete = Completeness(place.desk)
        counted = desk.table(cut)
        if args.save:
            desk.save(args.save, cut)
        if args.json:
            complete.emit(document(desk, counted))
        else:
            from cur_tui.services.figures.measure_words import names_of

            lines(_lines(counted, names_of(place.desk)))
            complete.tell()
    return exits.OK


def document(desk: CutDesk, counted: CutTable) -> dict[str, object]:
    """A counted cut as an object: every number with the query that finds its appeals."""

    def number(value: float | None, row: str | None, column: str | None, of: str) -> dict[str, object]:
        return {"value": value, "query": desk.query_behind(counted, row, column, of=of)}

    measure = counted.measure
    rows = []
    for row in counted.rows:
        sums = counted.row_total(row)
        total = number(measure.of(sums), row, None, "row")
        total |= {"share": counted.share(sums), "change": counted.change(row)}
        cells = [
            {"column": column, "heat": counted.heat(row, column)}
            | number(counted.value(row, column), row, column, "cell")
            for column in counted.columns
            if counted.cut.columns is not None
        ]
        rows.append({"row": row, "total": total, "cells": cells})
    columns = [
        {"column": column} | number(measure.of(counted.column_total(column)), None, column, "column")
        for column in counted.columns
        if counted.cut.columns is not None
    ]
    period = counted.period
    return {
        "cut": plain({"cut": counted.cut})["cut"],
        "period": None if period is None else {"first": str(period.first), "last": str(period.last)},
        "rows": rows,
        "columns": columns,
        "total": number(measure.of(counted.total), None, None, "table") | {"change": counted.total_change},
    }


def _print_saved(saved: tuple[SavedCut, ...], *, as_json: bool) -> int:
    if as_json:
        emit({"cuts": [plain({"cut": one})["cut"] for one in saved]})
    else:
        lines(table([(one.id, one.title) for one in saved], (36, 60)))
    return exits.OK


def _lines(counted: CutTable, names_by: NamesOf) -> list[str]:
    from cur_tui.services.figures.measure_words import dimension_value, measure_title, value_words

    two = counted.cut.columns is not None
    columns = counted.columns if two else ()
    measure = counted.measure
    names = [dimension_value(counted.cut.columns or "", column, names_by) for column in columns]
    rows = [
        (
            measure_title(measure.code),
            *names,
            _("Total"),
            *([_("Change")] if counted.before is not None else []),
        )
    ]

    def change(value: float | None) -> tuple[str, ...]:
        return () if counted.before is None else (value_words(measure, value, signed=True),)

    for row in counted.rows:
        values = [value_words(measure, counted.value(row, column)) for column in columns]
        total = value_words(measure, measure.of(counted.row_total(row)))
        name = dimension_value(counted.cut.rows, row, names_by)
        rows.append((name, *values, total, *change(counted.change(row))))
    sums = [value_words(measure, measure.of(counted.column_total(column))) for column in columns]
    total = value_words(measure, measure.of(counted.total))
    rows.append((_("Total"), *sums, total, *change(counted.total_change)))
    return table(rows, (_NAME, *[_VALUE] * (len(rows[0]) - 1)))
