"""The terminal programs that are measured at their start, each over data of its own kind."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.data.stage import Stage
from bench.peers.install import program
from bench.peers.mail import fill_maildir

MESSAGES: Final = 20_000
MARK: Final = b"INC-"
_SOURCES: Final = ("bench/peers", "bench/data/appeals.py", "regional_api/generate")
_POSTING_REQUEST: Final = "name: INC-request\nmethod: GET\nurl: http://127.0.0.1:9/\n"
_NEOMUTT: Final = """\
set header_cache = "{folder}/headers"
set sort = reverse-date
set index_format = "%s"
set spoolfile = "{box}/mail"
set folder = "{box}/mail"
set confirmcreate = no
"""
_AERC_ACCOUNT: Final = """\
[bench]
source = maildir://{box}
default = mail
from = Nobody <nobody@example.org>
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """A program, and the bytes with which it has shown something to work on."""

    title: str
    command: list[str]
    env: dict[str, str]
    marker: bytes = MARK


def installed_peers(stage: Stage) -> list[Peer]:
    """Those that are installed here, with their data; the others are noted as not measured."""
    makers: dict[str, tuple[str | None, Callable[[Stage, str], Peer]]] = {
        "posting": (_of_environment("posting"), _posting),
        "harlequin": (_of_environment("harlequin"), _harlequin),
        "neomutt": (shutil.which("neomutt"), _neomutt),
        "aerc": (shutil.which("aerc"), _aerc),
    }
    found = []
    for name, (path, make) in makers.items():
        if path is None:
            stage.note(f"{name} is not installed: make bench-peers")
        else:
            found.append(make(stage, path))
    return found


def _of_environment(name: str) -> str | None:
    path = program(name, name)
    return str(path) if path.exists() else None


def _posting(stage: Stage, path: str) -> Peer:
    home = stage.folder / "posting"
    collection = home / "requests"
    collection.mkdir(parents=True, exist_ok=True)
    (collection / "request.posting.yaml").write_text(_POSTING_REQUEST)
    return Peer("posting, one request", [path, "--collection", str(collection)], _env(home))


def _harlequin(stage: Stage, path: str) -> Peer:
    home = stage.folder / "harlequin"
    home.mkdir(exist_ok=True)
    file = home / "base.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS appeal (id INTEGER PRIMARY KEY, title TEXT)")
    connection.close()
    return Peer("harlequin, a table in SQLite", [path, "-a", "sqlite", str(file)], _env(home), b"main")


def _neomutt(stage: Stage, path: str) -> Peer:
    folder = stage.folder / "neomutt"
    folder.mkdir(exist_ok=True)
    (folder / "rc").write_text(_NEOMUTT.format(folder=folder, box=_mailbox(stage)))
    return Peer(_mail_title("neomutt"), [path, "-n", "-F", str(folder / "rc")], _env(folder))


def _aerc(stage: Stage, path: str) -> Peer:
    folder = stage.folder / "aerc"
    accounts = folder / "config" / "aerc" / "accounts.conf"
    accounts.parent.mkdir(parents=True, exist_ok=True)
    accounts.write_text(_AERC_ACCOUNT.format(box=_mailbox(stage)))
    accounts.chmod(0o600)
    return Peer(_mail_title("aerc"), [path], _env(folder))


def _mail_title(name: str) -> str:
    return f"{name}, {MESSAGES:,} messages"


def _mailbox(stage: Stage) -> Path:
    return stage.keep.place(
        stage.place("mail", MESSAGES),
        _SOURCES,
        lambda folder: fill_maildir(folder / "mail", stage.appeals(MESSAGES)),
    )


def _env(home: Path) -> dict[str, str]:
    """The environment of a person who has this program and no settings of their own."""
    xdg = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "CACHE", "DATA", "STATE")}
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", **xdg}
