"""Intake: how messages enter the region, each with its number, its clocks and its original bytes.

Two paths. :meth:`Intake.register` takes what has just come in and gives it a number and a line of its own in
the journal. :meth:`Intake.store_prepared` takes whole appeals with their history, as a migration or a
generator makes them, at thousands a second; each transaction of it has one line in the journal, with the
digest of all it stored and the imprint of each message that was new.
"""

import hashlib
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from uuid6 import uuid7

from cur_tui.contract.codec import encode_appeal
from cur_tui.domain.intake import Incoming, card_number, register
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.vocabulary import TemplateKind
from regional_api.appeals.explaining import explained, explanation_of
from regional_api.centre import open_centre
from regional_api.database.connections import Database, upsert
from regional_api.database.tables import DAY_COUNTER
from regional_api.record import journal
from regional_api.record.evidence.verify import imprint
from regional_api.unit_of_work import UnitOfWork, unit_of_work

T = TypeVar("T")

IMPORT = "import"
"""The journal's word for a transaction that stored whole appeals."""
REGISTER_CHUNK = 200
PREPARED_CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Original:
    """A message exactly as it was received, and what its sender said it was."""

    data: bytes
    media_type: str = "text/plain"


class Intake:
    """Registers messages in one region. Open one for a whole import; it reads the profile once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rulebook = open_centre(database).rulebook

    @property
    def rulebook(self) -> Rulebook:
        """The rules under which messages are registered here."""
        return self._rulebook

    def register(self, items: Iterable[tuple[Incoming, Original]]) -> Iterator[str]:
        """Register messages and yield their numbers, each after the commit that holds it.

        Works through ``items`` in transactions of :data:`REGISTER_CHUNK`; what was yielded stays, whatever
        happens later.
        """
        for chunk in _chunks(items, REGISTER_CHUNK):
            with unit_of_work(self._database, self._rulebook) as work:
                days = [day_of(incoming, self._rulebook) for incoming, _ in chunk]
                numbers = take_numbers(work.connection, days)
                for number, (incoming, original) in zip(numbers, chunk, strict=True):
                    register_now(work, incoming, original, number=number)
            yield from numbers

    def store_prepared(
        self, items: Iterable[tuple[Appeal, Original | None]], *, chunk: int = PREPARED_CHUNK
    ) -> Iterator[int]:
        """Store ready-made appeals; yields how many are stored after each commit.

        Their numbers must be new and of the form ``INC-YYYYMMDD-NNNN``; the day counters follow them.
        """
        stored = 0
        for group in _chunks(items, chunk):
            with unit_of_work(self._database, self._rulebook) as work:
                _follow_numbers(work.connection, (appeal.number for appeal, _ in group))
                imprints = []
                for appeal, original in group:
                    row = None if original is None else original_row(appeal.id, original)
                    work.add(appeal, row)
                    imprints.append(imprint_of(appeal, row))
                appeals = [appeal for appeal, _ in group]
                work.record(import_entry(work.now, appeals, {"count": len(appeals)}, imprints))
            stored += len(group)
            yield stored


def register_now(
    work: UnitOfWork,
    incoming: Incoming,
    original: Original,
    *,
    number: str | None = None,
    explain: TemplateKind | None = None,
) -> Appeal:
    """Register one message in the transaction of ``work``, under ``number`` or else the day's next.

    ``explain``: the author is owed an explanation of this kind, which goes with the appeal as a note.
    """
    rulebook = work.rulebook
    if number is None:
        [number] = take_numbers(work.connection, [day_of(incoming, rulebook)])
    appeal = register(incoming, id=str(uuid7()), number=number, command=str(uuid7()), rulebook=rulebook)
    template = explanation_of(rulebook, explain)
    if template is not None:
        appeal = explained(appeal, template, rulebook)
    row = original_row(appeal.id, original)
    work.add(appeal, row)
    work.record(
        journal.entry_of(
            work.now,
            "register",
            {
                "source": appeal.source.value,
                "original_sha256": row["sha256"],
                "text_sha256": hashlib.sha256(appeal.text.encode()).hexdigest(),
            },
            appeal=appeal.id,
            number=appeal.number,
            after=appeal.version,
            command=appeal.timeline[0].command,
        )
    )
    return appeal


def day_of(incoming: Incoming, rulebook: Rulebook) -> date:
    """The region's date of registration."""
    return incoming.registered_at.astimezone(ZoneInfo(rulebook.region.time_zone)).date()


def take_numbers(connection: Connection, days: Sequence[date]) -> list[str]:
    """A new number for each appeal, given the region's date of its registration."""
    left = Counter(days)
    # In the order of days: two importers then never wait for each other in a circle.
    last = {day: _raise(connection, day, n) for day, n in sorted(left.items())}
    numbers = []
    for day in days:
        numbers.append(card_number(day, last[day] - left[day] + 1))
        left[day] -= 1
    return numbers


def _raise(connection: Connection, day: date, n: int) -> int:
    """Take ``n`` numbers of ``day``; the last of them."""
    counter = upsert(connection, DAY_COUNTER).values(day=day.isoformat(), n=n)
    counter = counter.on_conflict_do_update(index_elements=["day"], set_={"n": DAY_COUNTER.c.n + n})
    return int(connection.execute(counter.returning(DAY_COUNTER.c.n)).scalar_one())


def _follow_numbers(connection: Connection, numbers: Iterable[str]) -> None:
    """Raise the day counters to the highest of ``numbers``, so that later registrations go on behind them."""
    highest: Counter[str] = Counter()
    for number in numbers:
        _, day, n = number.split("-")
        highest[day] = max(highest[day], int(n))
    # In the order of days: two importers then never wait for each other in a circle.
    for day, last in sorted(highest.items()):
        counter = upsert(connection, DAY_COUNTER).values(day=f"{day[:4]}-{day[4:6]}-{day[6:]}", n=last)
        connection.execute(
            counter.on_conflict_do_update(
                index_elements=["day"],
                set_={"n": counter.excluded.n},
                where=DAY_COUNTER.c.n < counter.excluded.n,
            )
        )


def original_row(appeal: str, original: Original) -> dict[str, object]:
    """How the message of an appeal is stored as evidence."""
    return {
        "appeal": appeal,
        "media_type": original.media_type,
        "sha256": hashlib.sha256(original.data).hexdigest(),
        "data": original.data,
    }


def imprint_of(appeal: Appeal, original: Mapping[str, object] | None) -> tuple[str, str]:
    """The number of a new appeal, and the digest that vouches for its message and its text."""
    digest = "" if original is None else str(original["sha256"])
    return appeal.number, imprint(appeal.timeline[0].command, digest, appeal.text)


def import_entry(
    now: datetime,
    appeals: Sequence[Appeal],
    facts: Mapping[str, object],
    imprints: Sequence[tuple[str, str]],
) -> journal.Entry:
    """The journal's line about a transaction that stored ``appeals``; ``facts`` say what it was part of.

    ``imprints`` are those of the appeals that are new, in the order in which they were added. The line has
    the number of the first, by which the line of any of them is found.
    """
    digest = hashlib.sha256()
    for appeal in appeals:
        digest.update(hashlib.sha256(encode_appeal(appeal)).digest())
    payload = {
        **facts,
        "first": appeals[0].number,
        "last": appeals[-1].number,
        "documents_sha256": digest.hexdigest(),
    }
    if not imprints:
        return journal.entry_of(now, IMPORT, payload)
    return journal.entry_of(now, IMPORT, {**payload, "imprints": imprints}, number=imprints[0][0])


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    source = iter(items)
    while chunk := list(itertools.islice(source, size)):
        yield chunk
