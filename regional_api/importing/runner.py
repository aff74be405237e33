"""The thread of a server process that works on imports, one after another.

Where a job stands is in the database alone: a process that ends leaves its job to the next one that looks,
and since every row is settled by its key, beginning anew repeats nothing.
"""

import hashlib
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Row, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from uuid6 import uuid7

from cur_tui.contract.importing import STANDING, ImportOptions
from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre
from regional_api.clock import now, seconds
from regional_api.importers.columns import ColumnError
from regional_api.importers.files.table import FileError
from regional_api.importers.run import Import, Report
from regional_api.importing.answers import COLUMN_ERROR, report_answer
from regional_api.importing.jobs import aliases_of, drop_file
from regional_api.importing.keeping import Keeper
from regional_api.importing.opening import reader_of_file
from regional_api.importing.tables import IMPORT_JOB, IMPORT_PIECE
from regional_api.log import log_failure
from regional_api.problems import refusal_of

LOOK_SECONDS: Final = 15
"""How often a process looks whether another one has left something."""
PULSE_SECONDS: Final = 15
STALE_SECONDS: Final = 60
"""A process that has said nothing for so long works on its job no more."""
MOST_TRIES: Final = 3
_TELL_SECONDS: Final = 0.3


class _StoppedError(Exception):
    """The work ends here; ``state`` is what becomes of the job, empty where another process has it."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class Runner:
    """Works on the jobs of one centre. Safe to be told of them from any thread."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._name = str(uuid7())
        self._thread = ThreadPoolExecutor(1, "import")
        self._ends = threading.Event()

    def look(self) -> None:
        """Work on whatever waits, as soon as there is time; returns at once."""
        if not self._ends.is_set():
            self._thread.submit(self._work)

    def close(self) -> None:
        """Stop between two transactions; the job waits for the next process."""
        self._ends.set()
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _work(self) -> None:
        try:
            while not self._ends.is_set() and (job := self._claim()) is not None:
                self._run(job)
        except Exception as error:
            log_failure("", error)

    def _claim(self) -> Row[Any] | None:
        """The oldest job that waits or was left, now this process's."""
        stale = seconds(now()) - STALE_SECONDS
        left = (IMPORT_JOB.c.state == "running") & (IMPORT_JOB.c.beat < stale)
        free = or_(IMPORT_JOB.c.state == "queued", left)
        with self._centre.database.reading() as connection:
            # Looked for without the writer's turn: mostly there is nothing.
            known = IMPORT_JOB.c.state.in_(sorted(STANDING))
            first = select(IMPORT_JOB.c.id).where(known, free).order_by(IMPORT_JOB.c.at).limit(1)
            id = connection.execute(first).scalar_one_or_none()
        if id is None:
            return None
        with self._centre.database.writing() as connection:
            mine = update(IMPORT_JOB).where(IMPORT_JOB.c.id == id, free)
            begun = mine.values(
                state="running", runner=self._name, beat=seconds(now()), tries=IMPORT_JOB.c.tries + 1
            )
            if not connection.execute(begun).rowcount:
                return None
            return connection.execute(select(IMPORT_JOB).where(IMPORT_JOB.c.id == id)).one()

    def _run(self, job: Row[Any]) -> None:
        options = msgspec.json.decode(bytes(job.options), type=ImportOptions)
        try:
            with self._heard(job.id):
                report = self._imported(job, options)
        except _StoppedError as stopped:
            if stopped.state:
                self._set(job.id, state=stopped.state)
        except (FileError, ColumnError, LookupError, Refused) as error:
            self._fail(job.id, error)
        except Exception as error:
            refused = refusal_of(error)
            if refused.code == "internal":
                log_failure(refused.params["incident"], error)
            if refused.code == "busy" and job.tries < MOST_TRIES:
                self._set(job.id, state="queued")
                self._ends.wait(1)
            else:
                self._fail(job.id, refused)
        else:
            self._finish(job.id, options, report)

    @contextmanager
    def _heard(self, id: str) -> Iterator[None]:
        """Be heard of while a step takes long: to open a large workbook may take longer than
        :data:`STALE_SECONDS`, and whoever took over would stand there as long.
        """
        over = threading.Event()

        def say() -> None:
            while not over.wait(PULSE_SECONDS):
                try:
                    self._set(id, beat=seconds(now()))
                except SQLAlchemyError as error:
                    log_failure("", error)

        pulse = threading.Thread(target=say, name="import pulse", daemon=True)
        pulse.start()
        try:
            yield
        finally:
            over.set()
            pulse.join()

    def _imported(self, job: Row[Any], options: ImportOptions) -> Report:
        if job.tries > MOST_TRIES:
            raise Refused("internal", incident=job.id[-8:])
        zone = ZoneInfo(self._centre.region.time_zone)
        importing = Import(
            self._centre.database,
            aliases=aliases_of(options),
            dry_run=options.dry_run,
            rulebook=self._centre.rulebook,
            by=job.account,
        )
        told = _Teller(self, job.id)
        # Only for this process's owner, like the database: the file holds what citizens wrote.
        with tempfile.TemporaryDirectory(prefix="import-") as folder:
            path = self._written(job, Path(folder) / "file")
            with reader_of_file(path, options, zone) as reader:
                keeper = Keeper(self._centre.database, job.id, reader, dry_run=options.dry_run)
                header = msgspec.json.encode(keeper.header)
                self._set(job.id, form=reader.form.code, header=header)
                return importing.settle(reader, job.sha256, keeper, told.scanned, told.settled)

    def _written(self, job: Row[Any], path: Path) -> Path:
        """The file, put together; memory holds one piece. A damaged one is forgotten and asked for anew."""
        digest, start = hashlib.sha256(), 0
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while start < job.size:
                piece = select(IMPORT_PIECE.c.data).where(
                    IMPORT_PIECE.c.job == job.id, IMPORT_PIECE.c.start == start
                )
                with self._centre.database.reading() as connection:
                    data = connection.execute(piece).scalar_one_or_none()
                if data is None:
                    break
                file.write(data)
                digest.update(data)
                start += len(data)
        if digest.hexdigest() != job.sha256:
            with self._centre.database.writing() as connection:
                mine = (IMPORT_JOB.c.id == job.id) & (IMPORT_JOB.c.runner == self._name)
                again = update(IMPORT_JOB).where(mine).values(received=0, state="receiving", runner=None)
                if connection.execute(again).rowcount:
                    drop_file(connection, job.id)
            raise _StoppedError("")
        return path

    def _finish(self, id: str, options: ImportOptions, report: Report) -> None:
        answer = report_answer(report)
        if not options.dry_run:
            # The first rows can be read in the appeals now, and are erased with them.
            answer = msgspec.structs.replace(answer, preview=())
        encoded = msgspec.json.encode(answer)
        with self._centre.database.writing() as connection:
            state = "checked" if options.dry_run else "done"
            mine = (IMPORT_JOB.c.id == id) & (IMPORT_JOB.c.runner == self._name)
            ended = (
                update(IMPORT_JOB)
                .where(mine)
                .values(
                    state=state,
                    report=encoded,
                    runner=None,
                    at=seconds(now()),
                    settled=report.done,
                    total=report.rows,
                    rows_read=report.rows,
                )
            )
            is_ours = connection.execute(ended).rowcount == 1
            # Another process that has taken over needs the file still.
            if is_ours and not options.dry_run:
                drop_file(connection, id)

    def _fail(self, id: str, error: Exception) -> None:
        code, params = _told(error)
        self._set(
            id, state="failed", problem=code, params=json.dumps(params, ensure_ascii=False), runner=None
        )

    def _set(self, id: str, **values: object) -> None:
        mine = (IMPORT_JOB.c.id == id) & (IMPORT_JOB.c.runner == self._name)
        with self._centre.database.writing() as connection:
            connection.execute(update(IMPORT_JOB).where(mine).values(**values))

    def beat(self, id: str, **values: int) -> None:
        """Say where a job stands. Raises :class:`_StoppedError` when it is to end here."""
        if self._ends.is_set():
            raise _StoppedError("queued")
        mine = (IMPORT_JOB.c.id == id) & (IMPORT_JOB.c.runner == self._name)
        told = update(IMPORT_JOB).where(mine).values(beat=seconds(now()), **values)
        with self._centre.database.writing() as connection:
            cancel = connection.execute(told.returning(IMPORT_JOB.c.cancel)).scalar_one_or_none()
        if cancel is None:
            raise _StoppedError("")
        if cancel:
            raise _StoppedError("cancelled")


class _Teller:
    """Says now and then where a job stands."""

    def __init__(self, runner: Runner, id: str) -> None:
        self._runner = runner
        self._id = id
        self._told = 0.0

    def scanned(self, rows: int) -> None:
        """So many rows were read the first time."""
        if self._is_time:
            self._runner.beat(self._id, rows_read=rows)

    def settled(self, report: Report) -> None:
        """A transaction is over."""
        if self._is_time:
            self._runner.beat(self._id, rows_read=report.rows, total=report.rows, settled=report.done)

    @property
    def _is_time(self) -> bool:
        at = time.monotonic()
        if at - self._told < _TELL_SECONDS:
            return False
        self._told = at
        return True


def _told(error: Exception) -> tuple[str, dict[str, Any]]:
    """What is kept of a failure: a code and the parameters of its sentence."""
    if isinstance(error, ColumnError):
        return COLUMN_ERROR, {"field": error.field, "name": error.name, "known": error.known[:30]}
    if isinstance(error, LookupError):
        return "no_charset", {}
    if isinstance(error, FileError | Refused):
        return error.code, dict(error.params)
    raise TypeError(type(error))
