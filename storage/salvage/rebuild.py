"""A cache made anew in place of a damaged one: typed texts come along, the server sends the rest.

A stop at any moment loses nothing. The new file grows beside the old one under a name of its own and gets
another when it is complete; from then on every opening only finishes the exchange of the two.
"""

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from cur_tui.files import sync_folder
from storage.database import damage
from storage.database.connection import Connection, connect, prepare_file
from storage.database.lock import FileLock
from storage.errors import CacheError, driver_errors
from storage.salvage.findings import SHAPES, Findings, Row, search
from storage.salvage.pages import ForeignKeyError, Pages
from storage.salvage.rows import Value
from storage.writing.core import NEXT_DSEQ
from storage.writing.withdrawn import WITHDRAWN

KEPT: Final = 2
"""How many damaged files are kept; older ones go, since each is as large as the cache was."""

_COLUMNS: Final = {shape.table: [name for name, _ in shape.columns] for shape in SHAPES}


class Rescued(msgspec.Struct, frozen=True):
    """What became of a damaged cache."""

    aside: Path
    """Where the damaged file lies now, unchanged."""
    outbox: int
    """Commands that wait to be sent."""
    drafts: int
    unsent: int
    """Refused commands that wait for the person."""
    pages: int = 0
    broken: int = 0
    """Pages of the file that could not be read; what stood in them is lost."""


def rebuild(path: Path, key: bytes, *, whatever_it_is: bool = False) -> Rescued:
    """Set the cache in ``path`` aside and put a new one in its place with everything a person typed in it.

    Raises :class:`CacheBusy` while another process works with it, and :class:`CacheError`: ``cache_full``,
    ``cache_unusable``, and ``cache_wrong_key`` when nothing in the file can be read with ``key``, unless
    ``whatever_it_is``. After an error everything is as it was.
    """
    prepare_file(path, create=True)
    lock = FileLock.take(path.with_name(path.name + ".lock"))
    try:
        ready = damage.rebuilt(path)
        found = Findings()
        try:
            if not ready.exists():
                found = _read(path, key, whatever_it_is)
                _make(damage.being_rebuilt(path), ready, key, found)
            return _exchange(path, ready, key, found)
        except OSError as error:
            raise CacheError("cache_unusable", path=str(path), reason=error.strerror or "") from error
    finally:
        lock.release()


def set_aside(path: Path) -> list[Path]:
    """The damaged files of the cache in ``path`` that are kept, the latest first."""
    return sorted(
        (place for place in path.parent.glob(f"{path.name}.damaged-*") if not place.name.endswith("-wal")),
        reverse=True,
    )


def _read(path: Path, key: bytes, whatever_it_is: bool) -> Findings:
    try:
        pages = Pages.open(path, key)
    except ForeignKeyError:
        if not whatever_it_is:
            raise CacheError("cache_wrong_key", path=str(path)) from None
        return Findings()
    try:
        return search(pages)
    finally:
        pages.close()


def _make(building: Path, ready: Path, key: bytes, found: Findings) -> None:
    """Write a whole new cache in ``building`` and call it ``ready``."""
    from storage.database.migrations import migrate

    _remove(building)
    try:
        prepare_file(building, create=True)
        connection = connect(building, key, writer=True)
        try:
            with driver_errors(str(building)):
                migrate(connection)
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute("BEGIN IMMEDIATE")
                _fill(connection, found)
                connection.execute("COMMIT")
                # Into the file itself: a log is not renamed with it.
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
        building.replace(ready)
        sync_folder(ready.parent)
    except BaseException:
        _remove(building)
        raise


def _fill(connection: Connection, found: Findings) -> None:
    for table, rows in _sorted(found.rows).items():
        columns = _COLUMNS[table]
        marks = ",".join("?" * len(columns))
        names = ",".join(columns)
        # An older version of a page may hold a row once more.
        connection.executemany(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608
    # An older version of a page may also hold what has been settled or taken back since.
    for table, id_ in (("outbox", "cid"), ("unsent", "cid"), ("upload", "id")):
        connection.execute(f"DELETE FROM {table} WHERE {id_} IN ({WITHDRAWN})")  # noqa: S608
    connection.execute(
        "DELETE FROM outbox WHERE cid IN (SELECT cid FROM settled UNION SELECT cid FROM unsent)"
    )
    connection.execute(
        "DELETE FROM upload WHERE id IN "
        "(SELECT cid FROM outbox UNION SELECT cid FROM settled UNION SELECT cid FROM unsent)"
    )
    connection.execute("UPDATE reference SET generation=1")
    highest = connection.execute("SELECT max(dseq) FROM outbox").fetchone()[0]
    if highest is not None:
        connection.execute(
            "INSERT INTO sync_state (k, v) VALUES (?, ?) "
            "ON CONFLICT (k) DO UPDATE SET v=max(CAST(v AS INTEGER), excluded.v)",
            (NEXT_DSEQ, str(highest + 1)),
        )


def _sorted(rows: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Of two versions of one row the first is kept: the later draft, the command that has its number."""
    outbox = sorted(rows["outbox"], key=lambda row: (row[2] is None, _whole(row[0])))
    return {
        **rows,
        "draft": sorted(rows["draft"], key=lambda row: -_whole(row[-1])),
        "outbox": _each_once(outbox),
    }


def _each_once(outbox: list[Row]) -> list[Row]:
    """Every command once. Where an older version of a page gives two of them one place or one number, the
    second gets others: the server knows a command by its id, and no text may go for the sake of a number.
    """
    commands, places, numbers = set[Value](), set[Value](), set[Value]()
    kept: list[Row] = []
    displaced: list[Row] = []  # behind all that have a place
    for n, cid, dseq, *others in outbox:
        if cid in commands:
            continue
        row = (None if n in places else n, cid, None if dseq in numbers else dseq, *others)
        (displaced if row[0] is None else kept).append(row)
        commands.add(cid)
        places.add(n)
        if dseq is not None:
            numbers.add(dseq)
    return kept + displaced


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _exchange(path: Path, ready: Path, key: bytes, found: Findings) -> Rescued:
    """Put ``ready`` into the place of ``path``. Done again after a stop, it goes on where it was."""
    log = path.with_name(path.name + "-wal")
    aside = _aside(path)
    if path.stat().st_size and not aside.exists():
        _second_name(path, aside)
    if log.exists():
        # It must be gone before the new file has its place: a log is applied to whatever bears its name.
        log.replace(aside.with_name(aside.name + "-wal"))
    _remove(path, only_beside=True)
    ready.replace(path)
    damage.forget(path)
    sync_folder(path.parent)
    for old in set_aside(path)[KEPT:]:
        _remove(old)
    return _counted(path, key, aside, found)


def _aside(path: Path) -> Path:
    """The name of the damaged file: with the time of its last writing, so a second try finds the same."""
    stamp = datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y%m%dT%H%M%SZ")
    return path.with_name(f"{path.name}.damaged-{stamp}")


def _second_name(path: Path, other: Path) -> None:
    try:
        os.link(path, other)
    except OSError:  # a file system without links
        shutil.copy2(path, other)


def _counted(path: Path, key: bytes, aside: Path, found: Findings) -> Rescued:
    connection = connect(path, key, writer=False)
    try:
        outbox, drafts, unsent = (
            int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608
            for table in ("outbox", "draft", "unsent")
        )
    finally:
        connection.close()
    return Rescued(aside, outbox, drafts, unsent, found.pages, found.broken)


def _remove(path: Path, *, only_beside: bool = False) -> None:
    """Remove a database with what lies beside it, or only that."""
    suffixes: Iterable[str] = (
        ("-wal", "-shm", "-journal") if only_beside else ("", "-wal", "-shm", "-journal")
    )
    for suffix in suffixes:
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()
