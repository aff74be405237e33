"""``cur quarantine``: rows that no import could take, to be mended, set aside or saved for a spreadsheet."""

import argparse
from pathlib import Path

from cur_tui.cli import exits
from cur_tui.cli.output import emit, lines, plain, say, table
from cur_tui.cli.workplace import open_to_read
from cur_tui.contract.importing import QuarantineAct, QuarantineLine, QuarantineRow
from cur_tui.domain.refusal import Refused
from cur_tui.i18n import _
from cur_tui.services.exchange.import_words import became_words, rows_words
from cur_tui.services.exchange.importing import save_rows
from cur_tui.sync.importing import ImportCalls

_PAGE = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("row", metavar="N", type=int, nargs="?", help=_("number of a row in the quarantine"))
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="COLUMN=VALUE",
        help=_("mend a cell of the row and import it; repeatable"),
    )
    parser.add_argument("--set-aside", metavar="REASON", help=_("do not want the row, for this reason"))
    parser.add_argument(
        "--state", choices=("open", "mended", "set_aside"), default="open", help=_("which rows to list")
    )
    parser.add_argument(
        "--save",
        type=Path,
        metavar="DIR",
        help=_("save the open rows into this folder, a file for each import"),
    )
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """List the rows, show one, settle one, or save them."""
    with open_to_read(args) as place:
        calls = place.engine().imports
        if args.row is None:
            return _save(calls, args) if args.save is not None else _list(calls, args)
        if args.set or args.set_aside is not None:
            return _settle(calls, args)
        row = calls.row(args.row)
    if args.json:
        emit(plain({"row": row}))
    else:
        _show(row)
    return exits.OK


def _list(calls: ImportCalls, args: argparse.Namespace) -> int:
    found = _all(calls, args.state)
    if args.json:
        emit(plain({"rows": found}))
        return exits.OK
    lines(
        table(
            [(str(one.n), one.file, str(one.row), one.column, one.advice) for one in found],
            (6, 24, 7, 24, 80),
        )
    )
    say(rows_words(len(found)))
    return exits.OK


def _all(calls: ImportCalls, state: str) -> list[QuarantineLine]:
    found: list[QuarantineLine] = []
    after: int | None = 0
    while after is not None:
        page = calls.rows(state, after, _PAGE)
        found += page.items
        after = page.next
    return found


def _save(calls: ImportCalls, args: argparse.Namespace) -> int:
    if not args.save.is_dir():
        raise Refused("file_unreadable", path=str(args.save), reason=_("no such folder"))
    saved = []
    for job in dict.fromkeys(one.job for one in _all(calls, "open")):
        saved.append(save_rows(calls, job, args.save / f"quarantine-{job[:13]}.csv"))
        say(_("Saved: {path}").format(path=saved[-1]))
    if args.json:
        emit({"files": [str(path) for path in saved]})
    return exits.OK


def _settle(calls: ImportCalls, args: argparse.Namespace) -> int:
    act = QuarantineAct(set_aside=args.set_aside or "")
    if args.set:
        act = QuarantineAct(cells=_mended(calls.row(args.row), args.set))
    outcome = calls.settle(args.row, act)
    if args.json:
        emit(plain({"outcome": outcome}))
    told = became_words(outcome.became)
    say(f"{told}: {outcome.number}" if outcome.number else told)
    if outcome.row is not None:
        say(outcome.row.line.advice)
        return exits.REFUSED
    return exits.OK


def _mended(row: QuarantineRow, given: list[str]) -> tuple[str, ...]:
    cells = list(row.cells)
    for change in given:
        name, equals, value = change.partition("=")
        if not equals or name not in row.header:
            raise Refused("unknown_reference", field="--set", value=name[:80])
        cells[row.header.index(name)] = value
    return tuple(cells)


def _show(row: QuarantineRow) -> None:
    said = row.line.advice
    say(f"{row.line.file}, {_('row {row}').format(row=row.line.row)}: {said}")
    filled = [(name, cell) for name, cell in zip(row.header, row.cells, strict=False) if cell]
    lines(table(filled, (40, 200)))
