"""Imports by ``regional-api import``: bad rows go into the region's quarantine, and into a file to mend."""

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from cur_tui.contract.importing import ImportOptions
from cur_tui.domain.texts.text import neutralise, one_line
from regional_api.clock import now, seconds
from regional_api.database.connections import Database, upsert
from regional_api.importers.base import Bad, Record
from regional_api.importers.quarantine import Kept, QuarantineFile
from regional_api.importers.reading import Reader
from regional_api.importers.run import Import, Report
from regional_api.importing.jobs import aliases_of
from regional_api.importing.keeping import Keeper
from regional_api.importing.tables import IMPORT_JOB

_NAMESPACE: Final = uuid.UUID("5d6a3f1e-9a0f-5a0b-8d0a-6f0b4c1f2e77")
_NAME: Final = 200


def import_path(
    database: Database,
    path: Path,
    reader: Reader,
    options: ImportOptions,
    scanned: Callable[[int], None] = lambda _: None,
    settled: Callable[[Report], None] = lambda _: None,
) -> Report:
    """Import everything that ``reader`` reads out of ``path`` by ``options``, as the server does with a job.

    Raises what :meth:`~regional_api.importers.run.Import.settle` raises, and OSError where nothing can be
    written beside the file.
    """
    with path.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
        size = source.tell()
    importing = Import(database, aliases=aliases_of(options), dry_run=options.dry_run)
    # The same file is the same job, however often it is imported: its rows in quarantine name it.
    job = str(uuid.uuid5(_NAMESPACE, f"{reader.form.code}\n{digest}"))
    keeper = Keeper(database, job, reader, dry_run=options.dry_run)
    if options.dry_run:
        return importing.settle(reader, digest, keeper, scanned, settled)
    at = seconds(now())
    announced: dict[str, object] = {
        "id": job, "account": "", "role": "", "name": one_line(neutralise(path.name), _NAME) or "—",
        "size": size, "sha256": digest, "received": size, "state": "done", "form": reader.form.code,
        "options": msgspec.json.encode(options), "header": msgspec.json.encode(keeper.header),
        "rows_read": 0, "settled": 0, "total": 0, "tries": 0, "cancel": 0, "beat": at, "at": at,
    }  # fmt: skip
    file = QuarantineFile(path, reader.columns.header, reader.dates_from_1904)
    return importing.settle(reader, digest, _Both(database, announced, keeper, file), scanned, settled)


class _Both:
    """The quarantine of the region, and the file that has its rows which wait."""

    def __init__(
        self, database: Database, job: dict[str, object], keeper: Keeper, file: QuarantineFile
    ) -> None:
        self._database = database
        self._job = job
        self._keeper = keeper
        self._file = file
        self._is_announced = False

    def keep(self, rows: Sequence[Bad]) -> Sequence[Kept]:
        """Keep rows in the region, and those that wait in the file as well."""
        if not self._is_announced:
            self._announce()
        kept = self._keeper.keep(rows)
        for bad, how in zip(rows, kept, strict=True):
            if how.state == "open":
                self._file.put(replace(bad, mark=how.mark))
        return kept

    def taken(self, records: Sequence[tuple[Record, str]]) -> None:
        """What lay in the region in the place of these is mended; files are left to whoever mends in them."""
        self._keeper.taken(records)

    def close(self) -> tuple[Path, ...]:
        """The files that have a row of this import."""
        return self._file.close()

    def _announce(self) -> None:
        """The job by whose name and columns the rows are shown. It is done already, and nobody's."""
        self._is_announced = True
        renewed = {name: self._job[name] for name in ("name", "options", "header", "at")}
        with self._database.writing() as connection:
            job = upsert(connection, IMPORT_JOB).values(self._job)
            connection.execute(job.on_conflict_do_update(index_elements=["id"], set_=renewed))
