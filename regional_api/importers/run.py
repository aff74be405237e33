"""An import: the rows of a file become appeals, each once, however often the file is imported."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import msgspec

from cur_tui.domain.profile.rulebook import Rulebook
from regional_api.centre import open_centre
from regional_api.database.connections import Database
from regional_api.importers.base import Bad, Record
from regional_api.importers.interpreting import Interpreter
from regional_api.importers.ledger import CHUNK, Ledger, Settled
from regional_api.importers.matching import NO_ALIASES, Aliases, Matcher, Unmatched
from regional_api.importers.quarantine import Quarantine, Sink
from regional_api.importers.reading import Reader

_TOLD = 100
"""Rows that a report names; the quarantine has all of them."""
_NUMBERS = 10
_SAMPLE = 20


@dataclass(slots=True)
class Report:
    """What became of the rows, or would become in a dry run."""

    form: str
    rows: int = 0
    """Rows of the file."""
    new: int = 0
    changed: int = 0
    same: int = 0
    quarantined: int = 0
    repeated: int = 0
    """Rows with the key of a later row, which counts instead."""
    text_kept: int = 0
    """Known rows whose text is another one now: a stored text is evidence and stays."""
    fields: Counter[str] = field(default_factory=Counter)
    """What changed in how many appeals."""
    numbers: list[str] = field(default_factory=list)
    """Numbers of the first few new appeals."""
    changes: list[Settled] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    unknown: list[tuple[str, str, int]] = field(default_factory=list)
    """Words of the source that no rule knows: column, word, rows."""
    unmatched: list[Unmatched] = field(default_factory=list)
    quarantine: Path | None = None
    sample: list[tuple[Record, Settled | Bad]] = field(default_factory=list)
    """The first few sound rows as they were read, and what became of each."""

    @property
    def done(self) -> int:
        """How many rows have been settled."""
        return self.new + self.changed + self.same + self.quarantined + self.repeated

    def add(self, settled: Settled) -> None:
        """Count a settled row."""
        setattr(self, settled.became, getattr(self, settled.became) + 1)
        self.fields.update(settled.fields)
        self.text_kept += settled.text_kept
        if settled.became == "new" and settled.number and len(self.numbers) < _NUMBERS:
            self.numbers.append(settled.number)
        if settled.became == "changed" and len(self.changes) < _TOLD:
            self.changes.append(settled)


class Import:
    """Imports files into one region. ``aliases``: labels that a person has confirmed.

    ``rulebook`` is read from the database where it is not given; ``by`` is whom the journal names.
    """

    def __init__(
        self,
        database: Database,
        *,
        aliases: Aliases = NO_ALIASES,
        dry_run: bool = False,
        rulebook: Rulebook | None = None,
        by: str = "",
    ) -> None:
        self._database = database
        self._rulebook = rulebook or open_centre(database).rulebook
        self._aliases = aliases
        self._dry_run = dry_run
        self._by = by

    def run(
        self,
        path: Path,
        reader: Reader,
        scanned: Callable[[int], None] = lambda _: None,
        settled: Callable[[Report], None] = lambda _: None,
    ) -> Report:
        """Import everything that ``reader`` reads out of ``path``; its bad rows go into a file beside it."""
        quarantine = (
            None if self._dry_run else Quarantine(path, reader.columns.header, reader.dates_from_1904)
        )
        return self.settle(reader, _digest(path), quarantine, scanned, settled)

    def settle(
        self,
        reader: Reader,
        digest: str,
        quarantine: Sink | None,
        scanned: Callable[[int], None] = lambda _: None,
        settled: Callable[[Report], None] = lambda _: None,
    ) -> Report:
        """Import everything that ``reader`` reads; the journal names its file by ``digest``.

        The file is read twice: first to the end, so that a damaged one changes nothing and the last row of a
        key is known; then in transactions of a few hundred rows. Memory holds a
        few bytes for each row. ``scanned`` hears how many rows were read the first time, ``settled`` of the
        state after each transaction; what they raise ends the import between two transactions.
        Raises :class:`~regional_api.importers.files.table.FileError`.
        """
        report = Report(reader.form.code)
        try:
            superseded = _superseded(reader, report, scanned)
            report.repeated = len(superseded)
            matcher = Matcher(self._rulebook, self._aliases)
            interpreter = Interpreter(self._rulebook, matcher, reader.form, reader.form.code)
            ledger = Ledger(
                self._database, self._rulebook, interpreter, reader.form.code, digest, by=self._by
            )
            basis = _basis(reader, self._aliases, self._rulebook)
            records = _Records(reader, basis, superseded, report, quarantine)
            rows = iter(records)
            while chunk := list(islice(rows, CHUNK)):
                outcomes = {one.row: one for one in ledger.settle(chunk, dry_run=self._dry_run)}
                for outcome in outcomes.values():
                    if isinstance(outcome, Bad):
                        records.refuse(replace(outcome, column=reader.columns.name_of(outcome.column)))
                    else:
                        report.add(outcome)
                if len(report.sample) < _SAMPLE:
                    report.sample += [(one, outcomes[one.row]) for one in chunk][
                        : _SAMPLE - len(report.sample)
                    ]
                if quarantine is not None:
                    quarantine.taken([one for one in chunk if not isinstance(outcomes[one.row], Bad)])
                settled(report)
        finally:
            report.quarantine = quarantine.close() if quarantine is not None else None
        report.unknown = reader.unknown.most_common(_TOLD)
        report.unmatched = matcher.unmatched()
        return report


class _Records:
    """The sound records of a file; the bad rows go to the quarantine on the way."""

    def __init__(
        self,
        reader: Reader,
        basis: bytes,
        superseded: set[int],
        report: Report,
        quarantine: Sink | None,
    ) -> None:
        self._rows = reader.read(lambda line: line.n in superseded, basis)
        self._report = report
        self._quarantine = quarantine

    def __iter__(self) -> Iterator[Record]:
        for row in self._rows:
            if isinstance(row, Bad):
                self.refuse(row)
            else:
                yield row

    def refuse(self, bad: Bad) -> None:
        """Put a row into quarantine."""
        self._report.quarantined += 1
        if len(self._report.bad) < _TOLD:
            self._report.bad.append(bad)
        if self._quarantine is not None:
            self._quarantine.put(bad)


def _superseded(reader: Reader, report: Report, scanned: Callable[[int], None]) -> set[int]:
    """The rows whose key a later row has."""
    last: dict[int, int] = {}
    superseded: set[int] = set()
    for row, key in reader.scan():
        report.rows += 1
        if report.rows % 1_000 == 0:
            scanned(report.rows)
        if key is None:
            continue
        short = int.from_bytes(hashlib.blake2b(key.encode(errors="replace"), digest_size=8).digest(), "big")
        if short in last:
            superseded.add(last[short])
        last[short] = row
    return superseded


def _basis(reader: Reader, aliases: Aliases, rulebook: Rulebook) -> bytes:
    """What the rows mean depends on this: the form, the columns, the confirmed names, the profile."""
    region = rulebook.region
    told = (reader.form, reader.columns.naming, aliases, region.code, region.version)
    return hashlib.sha256(msgspec.json.encode(told, order="deterministic")).digest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
