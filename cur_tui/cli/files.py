"""``cur files``: the attachments of an appeal, and saving them."""

import argparse
from pathlib import Path

from cur_tui.cli import exits
from cur_tui.cli.output import emit, lines, say, table
from cur_tui.cli.workplace import open_to_read, open_to_work
from cur_tui.contract.problems import sentence
from cur_tui.domain.model import Attachment
from cur_tui.domain.refusal import Refused
from cur_tui.domain.texts.text import one_line
from cur_tui.formats import format_number
from cur_tui.i18n import _, current
from cur_tui.services.exchange.attaching import save
from storage.entries import Upload


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("number", metavar="NUMBER", help=_("number or id of the appeal"))
    parser.add_argument("--save", type=Path, metavar="DIR", help=_("save the files into this folder"))
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """List what is attached and what waits to be; with ``--save`` fetch what the server has."""
    saved: dict[str, Path] = {}
    with open_to_read(args) if args.save is None else open_to_work(args) as place:
        appeal = place.desk.appeal(args.number)
        waiting = place.cache.reader.uploads(appeal.id)
        if args.save is not None:
            if not args.save.is_dir():
                raise Refused("file_unreadable", path=str(args.save), reason=_("no such folder"))
            engine = place.engine()
            for file in appeal.attachments:
                saved[file.sha256] = save(engine, file, args.save)
    if args.json:
        emit(
            {"files": [_facts(file, saved) for file in appeal.attachments], "waiting": [*map(_wait, waiting)]}
        )
        return exits.OK
    shown = [(one_line(f.name, 60), format_number(f.size), f.media_type) for f in appeal.attachments]
    shown += [(one_line(f.name, 60), format_number(f.size), _state(f)) for f in waiting]
    lines(table(shown, (60, 12, 80)))
    for path in saved.values():
        say(_("Saved: {path}").format(path=path))
    return exits.OK


def _facts(file: Attachment, saved: dict[str, Path]) -> dict[str, object]:
    path = saved.get(file.sha256)
    return {
        "name": file.name,
        "size": file.size,
        "media_type": file.media_type,
        "sha256": file.sha256,
        "saved": None if path is None else str(path),
    }


def _wait(file: Upload) -> dict[str, object]:
    return {"id": file.id, "name": file.name, "size": file.size, "sha256": file.sha256, "refused": file.code}


def _state(file: Upload) -> str:
    return (
        _("waits to be sent") if file.code is None else sentence(file.code, file.params, current().language)
    )
