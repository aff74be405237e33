"""``regional-api deliveries``: how answers leave, what waits or failed, the sheet to post from by hand."""

import argparse
import errno
import sys
from pathlib import Path

import msgspec
from sqlalchemy import select

from cur_tui.contract.delivering import DeliverySheet, ReceiptReport, SheetFile
from cur_tui.delivery_sheet import begin_sheet, write_sheet
from cur_tui.i18n import _, current, ngettext
from cur_tui.printing import json_line, printable
from regional_api.centre import Centre, open_centre
from regional_api.cli.arguments import add_database, text_of
from regional_api.cli.words import UsageError
from regional_api.database.connections import Database
from regional_api.database.tables import BLOB
from regional_api.delivering.exporting import export
from regional_api.delivering.listing import MAX_PAGE, read_deliveries
from regional_api.delivering.receipts import take_receipts
from regional_api.delivering.settings import parse_settings, read_settings, write_settings
from regional_api.delivering.tables import STATES
from regional_api.delivering.worker import NoAccountError, deliver_due
from regional_api.identity.callers import Caller, find_actor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    acts = parser.add_subparsers(dest="act", required=True, metavar=_("ACT"))
    configuring = acts.add_parser("configure", help=_("deliver by the settings of a file (TOML)"))
    configuring.add_argument("file", type=Path, metavar=_("FILE"))
    acts.add_parser("off", help=_("let everything leave by hand alone"))
    acts.add_parser("show", help=_("show the settings"))
    listing = acts.add_parser("list", help=_("where deliveries stand"))
    listing.add_argument("--state", choices=STATES, help=_("only these; all that are not over if not given"))
    listing.add_argument("--after", metavar="PLACE", help=_("go on behind this place of the list"))
    exporting = acts.add_parser("export", help=_("write the sheet of what is to be posted by hand"))
    exporting.add_argument("--out", type=Path, required=True, metavar=_("DIR"), help=_("a new folder"))
    exporting.add_argument("--new", action="store_true", help=_("without what an earlier sheet held"))
    importing = acts.add_parser(
        "import", help=_("take the sheet that was filled in, or letters that came back (.eml, mbox)")
    )
    importing.add_argument("file", type=Path, metavar=_("FILE"))
    importing.add_argument("--account", required=True, metavar=_("NAME"), help=_("who filled it in"))
    running = acts.add_parser("run", help=_("send what is due"))
    running.add_argument("--once", action="store_true", required=True, help=_("look once and end"))
    for act in acts.choices.values():
        add_database(act)


def run(arguments: argparse.Namespace) -> int:
    """Do one act; the result is one line of JSON."""
    database = Database(arguments.database)
    try:
        answer, code = _do(open_centre(database), arguments)
    finally:
        database.close()
    sys.stdout.write(json_line(msgspec.to_builtins(answer)))
    return code


def _do(centre: Centre, arguments: argparse.Namespace) -> tuple[object, int]:
    match arguments.act:
        case "configure":
            write_settings(centre, parse_settings(text_of(arguments.file)))
        case "off":
            write_settings(centre, None)
        case "list":
            return read_deliveries(centre, None, arguments.state, MAX_PAGE, arguments.after), 0
        case "export":
            return _export(centre, arguments), 0
        case "import":
            return _import(centre, arguments)
        case "run":
            return _send(centre), 0
    with centre.database.reading() as connection:
        return {"delivery": read_settings(connection)}, 0


def _export(centre: Centre, arguments: argparse.Namespace) -> object:
    try:
        sheet_id = begin_sheet(arguments.out)
    except FileExistsError:
        reason = _("the folder is there already; name a new one")
        raise FileExistsError(errno.EEXIST, reason, str(arguments.out)) from None
    sheet = export(centre, None, only_new=arguments.new, sheet_id=sheet_id)

    def fetch(file: SheetFile) -> bytes:
        with centre.database.reading() as connection:
            data = connection.execute(select(BLOB.c.data).where(BLOB.c.sha256 == file.sha256)).scalar()
        return bytes(data or b"")

    path = write_sheet(arguments.out, sheet, fetch)
    sys.stderr.write(printable(_sheet_words(sheet)) + "\n")
    return {"sheet": sheet.id, "file": str(path), "rows": len(sheet.rows), "before": sheet.before} | {
        "left": sheet.left
    }


def _import(centre: Centre, arguments: argparse.Namespace) -> tuple[ReceiptReport, int]:
    with centre.database.reading() as connection:
        actor = find_actor(connection, arguments.account, centre.region)
    if actor is None:
        raise UsageError(_("There is no account «{account}».").format(account=arguments.account))
    report = take_receipts(centre, Caller(actor, centre.region), arguments.file, current().language)
    for fault in report.faults:
        told = _("row {row}").format(row=fault.row)
        sys.stderr.write(printable(f"{told}: {fault.sentence}") + "\n")
    return report, 1 if report.faults else 0


def _send(centre: Centre) -> object:
    with centre.database.reading() as connection:
        settings = read_settings(connection)
    if settings is None:
        raise UsageError(_("Nothing leaves by itself here: see regional-api deliveries configure --help"))
    try:
        return {"attempts": deliver_due(centre, settings)}
    except NoAccountError:
        raise UsageError(
            _("The account «{account}» of the settings is missing or may not deliver.").format(
                account=settings.account
            )
        ) from None


def _sheet_words(sheet: DeliverySheet) -> str:
    texts = ngettext("{count} text", "{count} texts", len(sheet.rows)).format(count=len(sheet.rows))
    told = _("{texts}, exported before: {before}.").format(texts=texts, before=sheet.before)
    return told if not sheet.left else told + " " + _("More wait: {left}.").format(left=sheet.left)
