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
from regional_api.importers.aliases import NO_ALIASES, Aliases, keep_names, kept_names
from regional_api.importers.base import Bad, Record
from regional_api.importers.interpreting import Interpreter
from regional_api.importers.ledger import CHUNK, Ledger, Settled
from regional_api.importers.matching import Matcher, Unmatched
from regional_api.importers.quarantine import Sink
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
    """Rows that wait to be mended, whether they came now or before."""
    mended: int = 0
    """Bad rows that were mended since they first came: their appeals are there."""
    set_aside: int = 0
    """Bad rows that nobody wanted when they first came."""
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
    confirmed: list[Unmatched] = field(default_factory=list)
    """Names that were recognised because a person has confirmed them, now or at an earlier import."""
    quarantines: tuple[Path, ...] = ()
    """The files in which the rows that wait can be mended."""
    sample: list[tuple[Record, Settled | Bad]] = field(default_factory=list)
    """The first few sound rows as they were read, and what became of each."""

    @property
    def quarantine(self) -> Path | None:
        """The newest file with rows that wait."""
        return self.quarantines[-1] if self.quarantines else None

    @property
    def done(self) -> int:
        """How many rows have been settled."""
        bad = self.quarantined + self.mended + self.set_aside
        return self.new + self.changed + self.same + bad + self.repeated

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
    """Imports files into one region. ``aliases``: names that a person has confirmed, beside those that the
    region keeps; an import keeps them, a dry run only reads by them.

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

    def settle(
        self,
        reader: Reader,
        digest: str,
        quarantine: Sink,
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
            matcher = Matcher(self._rulebook, self._names())
            interpreter = Interpreter(self._rulebook, matcher, reader.form, reader.form.code)
            ledger = Ledger(
                self._database, self._rulebook, interpreter, reader.form.code, digest, by=self._by
            )
            basis = _basis(reader, self._rulebook)
            records = _Records(reader, basis, matcher, superseded, report, quarantine)
            rows = iter(records)
            while chunk := list(islice(rows, CHUNK)):
                outcomes = {one.row: one for one in ledger.settle(chunk, dry_run=self._dry_run)}
                taken: list[tuple[Record, str]] = []
                for record in chunk:
                    outcome = outcomes[record.row]
                    if isinstance(outcome, Bad):
                        records.refuse(replace(outcome, column=reader.columns.name_of(outcome.column)))
                    else:
                        report.add(outcome)
                        taken.append((record, outcome.number))
                if len(report.sample) < _SAMPLE:
                    report.sample += [(one, outcomes[one.row]) for one in chunk][
                        : _SAMPLE - len(report.sample)
                    ]
                records.keep()
                quarantine.taken(taken)
                settled(report)
            records.keep()
        finally:
            report.quarantines = quarantine.close()
        report.unknown = reader.unknown.most_common(_TOLD)
        report.unmatched = matcher.unmatched()
        report.confirmed = matcher.confirmed()
        return report

    def _names(self) -> Aliases:
        if self._aliases != NO_ALIASES and not self._dry_run:
            keep_names(self._database, self._rulebook, self._aliases, self._by)
        with self._database.reading() as connection:
            return kept_names(connection).within(self._rulebook).with_names(self._aliases)


class _Records:
    """The sound records of a file; the bad rows go to the quarantine on the way."""

    def __init__(
        self,
        reader: Reader,
        basis: bytes,
        matcher: Matcher,
        superseded: set[int],
        report: Report,
        quarantine: Sink,
    ) -> None:
        self._rows = reader.read(lambda line: line.n in superseded, basis)
        self._matcher = matcher
        self._report = report
        self._quarantine = quarantine
        self._refused: list[Bad] = []

    def __iter__(self) -> Iterator[Record]:
        for row in self._rows:
            if isinstance(row, Bad):
                self.refuse(row)
            elif told := self._matcher.confirmed_in(row):
                # Only the rows that have such a name are looked at again when it is confirmed.
                mixed = hashlib.sha256(f"{row.fingerprint}\n{told}".encode())
                yield replace(row, fingerprint=mixed.hexdigest()[:32])
            else:
                yield row

    def refuse(self, bad: Bad) -> None:
        """A row for the quarantine."""
        self._refused.append(bad)
        if len(self._refused) >= CHUNK:
            self.keep()

    def keep(self) -> None:
        """Have the quarantine keep the rows that were refused since; the report tells those that wait."""
        refused, self._refused = self._refused, []
        if not refused:
            return
        for bad, kept in zip(refused, self._quarantine.keep(refused), strict=True):
            if kept.state == "open":
                self._report.quarantined += 1
                if len(self._report.bad) < _TOLD:
                    self._report.bad.append(bad)
            elif kept.state == "mended":
                self._report.mended += 1
            else:
                self._report.set_aside += 1


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


def _basis(reader: Reader, rulebook: Rulebook) -> bytes:
    """What all rows mean depends on this: the form, the columns, the profile."""
    region = rulebook.region
    told = (reader.form, reader.columns.naming, region.code, region.version)
    return hashlib.sha256(msgspec.json.encode(told, order="deterministic")).digest()
