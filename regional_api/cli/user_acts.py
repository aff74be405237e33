"""What ``regional-api user`` does to an account that exists."""

import argparse
import base64
import getpass
import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from cur_tui.contract.sealed import SealError
from cur_tui.domain.texts.file_names import safe_file_name
from cur_tui.files import write_private
from cur_tui.i18n import _
from cur_tui.printing import json_line, printable
from regional_api.centre import Centre
from regional_api.cli.words import UsageError
from regional_api.clock import stamp
from regional_api.identity import account_changes, sealing


def run(centre: Centre, arguments: argparse.Namespace) -> None:
    """Do one act and say on standard output what came of it."""
    if arguments.act == "sessions":
        _sessions(centre, arguments.name)
        return
    if arguments.act == "unseal":
        _unseal(centre, arguments)
        return
    name: str = arguments.name
    told: dict[str, object] = {"account": name}
    match arguments.act:
        case "password":
            account_changes.set_password(centre, name, read_password(arguments.password_stdin))
            told["password"] = "changed"
        case "close":
            told |= {"closed": True, "sessions": account_changes.close(centre, name, wipe=arguments.wipe)}
        case "reopen":
            account_changes.reopen(centre, name)
            told["closed"] = False
        case "unlock":
            told["dropped"] = account_changes.unlock(centre, name)
        case "end":
            told["sessions"] = account_changes.end_sessions(
                centre, name, arguments.session, wipe=arguments.wipe
            )
    sys.stdout.write(json_line(told))


def read_password(from_stdin: bool) -> str:
    """A password from standard input, or from the person at the terminal, who is asked twice."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass(_("Password: "))
    if getpass.getpass(_("Once more: ")) != password:
        raise UsageError(_("The two passwords differ. Nothing has changed."))
    return password


def _sessions(centre: Centre, name: str) -> None:
    with centre.database.reading() as connection:
        lines = account_changes.list_sessions(connection, name)
    for line in lines:
        entry = {
            "session": line.id,
            "device": line.device_name,
            "began": _moment(line.created_at),
            "renewed": _moment(line.last_seen),
            "ended": _moment(line.ended_at),
        }
        sys.stdout.write(json_line(entry))


def _moment(instant: int | None) -> str | None:
    return None if instant is None else stamp(datetime.fromtimestamp(instant, UTC))


def _unseal(centre: Centre, arguments: argparse.Namespace) -> None:
    sealed = arguments.file.read_bytes()
    try:
        with centre.database.reading() as connection:
            document = sealing.opened(connection, sealed)
    except (SealError, LookupError):
        raise UsageError(
            _("{path} was not sealed for this database, or is damaged.").format(path=arguments.file)
        ) from None
    shown = json.loads(document)
    contents = shown.pop("contents", {})
    sys.stdout.write(json_line(shown))
    if contents and arguments.files is None:
        sys.stderr.write(_("It holds files too. Name a folder for them: --files FOLDER") + "\n")
    elif contents:
        _write_files(arguments.files, shown["unsent"]["files"], contents)


def _write_files(folder: Path, files: Iterable[Mapping[str, str]], contents: Mapping[str, str]) -> None:
    """Each file under the end of its id and a harmless form of its name: two may have the same one."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        name = safe_file_name(file["name"], file["media_type"])
        path = folder / f"{file['id'][-12:]}-{name}"
        write_private(path, base64.b64decode(contents[file["id"]]))
        sys.stderr.write(printable(str(path)) + "\n")
