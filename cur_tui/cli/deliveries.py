"""``cur deliveries``: where answers stand on their way, the sheet to post from, and the sheet filled in."""

import argparse
from pathlib import Path

from cur_tui.cli import exits
from cur_tui.cli.output import emit, lines, plain, say, table
from cur_tui.cli.workplace import open_to_read
from cur_tui.contract.delivering import MAX_SHEET, DeliveryEntry
from cur_tui.delivery_sheet import begin_sheet, write_sheet
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import AnswerKind, DeliveryChannel, Source
from cur_tui.i18n import _, ngettext
from cur_tui.services.answers.delivery_words import delivery_state_words, failure_words
from cur_tui.services.labels import label_of
from cur_tui.sync.delivering import DeliveryCalls

_PAGE = 200
_WIDTHS = (18, 20, 26, 18, 60)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    acts = parser.add_subparsers(dest="act", required=True, metavar=_("ACT"))
    listing = acts.add_parser("list", help=_("where deliveries stand"))
    listing.add_argument("--state", metavar="STATE", help=_("only these; all that are not over if not given"))
    exporting = acts.add_parser("export", help=_("write the sheet of what is to be posted by hand"))
    exporting.add_argument("--out", type=Path, required=True, metavar="DIR", help=_("a new folder"))
    exporting.add_argument("--new", action="store_true", help=_("without what an earlier sheet held"))
    importing = acts.add_parser(
        "import", help=_("take the sheet that was filled in, or letters that came back (.eml, mbox)")
    )
    importing.add_argument("file", type=Path, metavar="FILE")
    for act in acts.choices.values():
        act.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Do one act; each asks the server."""
    with open_to_read(args) as place:
        calls = place.engine().deliveries
        match args.act:
            case "export":
                return _export(calls, args)
            case "import":
                return _import(calls, args)
            case _:
                return _list(calls, args)


def _list(calls: DeliveryCalls, args: argparse.Namespace) -> int:
    found: list[DeliveryEntry] = []
    after = None
    while True:
        page = calls.page(args.state, _PAGE, after)
        found += page.items
        after = page.next
        if after is None:
            break
    if args.json:
        emit(plain({"deliveries": found, "counts": page.counts}))
        return exits.OK
    lines(table([_row(entry) for entry in found], _WIDTHS))
    return exits.OK


def _row(entry: DeliveryEntry) -> tuple[str, ...]:
    return (
        entry.number,
        label_of(AnswerKind, entry.kind),
        label_of(DeliveryChannel, entry.channel),
        delivery_state_words(entry.state),
        failure_words(entry.reason) if entry.reason else "",
    )


def _export(calls: DeliveryCalls, args: argparse.Namespace) -> int:
    try:
        # Before the server notes that anything was handed out.
        sheet = calls.sheet(begin_sheet(args.out), only_new=args.new)
        path = write_sheet(
            args.out,
            sheet,
            calls.file,
            kind=lambda code: label_of(AnswerKind, code),
            source=lambda code: label_of(Source, code),
        )
    except FileExistsError:
        reason = _("the folder is there already; name a new one")
        raise Refused("file_unreadable", path=str(args.out), reason=reason) from None
    except OSError as error:
        raise Refused("file_unreadable", path=str(args.out), reason=str(error.strerror)) from None
    if args.json:
        told = {"sheet": sheet.id, "file": str(path), "rows": len(sheet.rows)}
        emit({**told, "before": sheet.before, "left": sheet.left})
        return exits.OK
    texts = ngettext("{count} text", "{count} texts", len(sheet.rows)).format(count=len(sheet.rows))
    say(_("{texts}, exported before: {before}.").format(texts=texts, before=sheet.before))
    if sheet.left:
        say(_("More wait: {left}.").format(left=sheet.left))
    say(_("Saved: {path}").format(path=path))
    return exits.OK


def _import(calls: DeliveryCalls, args: argparse.Namespace) -> int:
    try:
        if args.file.stat().st_size > MAX_SHEET:
            raise Refused("too_large", limit=str(MAX_SHEET))
        data = args.file.read_bytes()
    except OSError as error:
        raise Refused("file_unreadable", path=str(args.file), reason=str(error.strerror)) from None
    report = calls.receipts(data)
    if args.json:
        emit(report)
    else:
        for fault in report.faults:
            say(_("row {row}").format(row=fault.row) + f": {fault.sentence}")
        told = _(
            "Delivered: {confirmed}, sent: {sent}, not delivered: {failed}, known: {same}, empty: {empty}."
        )
        say(
            told.format(
                confirmed=report.confirmed,
                sent=report.sent,
                failed=report.failed,
                same=report.same,
                empty=report.empty,
            )
        )
    return exits.REFUSED if report.faults else exits.OK
