"""An import: messages of a source become appeals, each once, however often the file is imported."""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import select

from cur_tui.domain.intake import Incoming
from cur_tui.domain.text import neutralise, one_line
from cur_tui.domain.text_intake import html_to_text
from cur_tui.domain.vocabulary import Regime, Source
from regional_api.database import Database
from regional_api.importers.base import Message, MessageSource, Skipped
from regional_api.importers.matching import Matcher
from regional_api.intake import REGISTER_CHUNK, Intake, Original
from regional_api.tables import ORIGINAL

_NAMESPACE = uuid.UUID("7f1d1c0a-3a55-5c1e-9f5e-0c3c5d1b6a01")
_LABEL_CELLS = 200
_KEY_CELLS = 100
_DATES = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y")


@dataclass(slots=True)
class Report:
    """What became of the rows. ``changed``: known by their key, but with another text than the stored one.

    A stored text is evidence and never edited, so a changed row is only told.
    """

    new: int = 0
    same: int = 0
    changed: list[int] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    """Numbers of the first few new appeals."""

    @property
    def rows(self) -> int:
        """How many rows have been settled."""
        return self.new + self.same + len(self.changed) + len(self.skipped)


class Import:
    """Registers messages under ``regime``. ``namespace`` tells sources that use the same keys apart."""

    def __init__(
        self, database: Database, *, regime: Regime = Regime.OPEN_SOURCE, namespace: str = "csv"
    ) -> None:
        self._database = database
        self._intake = Intake(database)
        self._matcher = Matcher(self._intake.rulebook)
        self._zone = ZoneInfo(self._intake.rulebook.region.time_zone)
        self._regime = regime
        self._namespace = namespace

    def run(self, source: MessageSource, told: Callable[[Report], None] = lambda _: None) -> Report:
        """Import everything that ``source`` has; ``told`` hears of the state after every transaction.

        The source is read twice, since the last row of a key wins: memory holds a few bytes for each row.
        """
        last = _last_rows(source)
        report = Report()
        rows = self._usable(source, last, report)
        while chunk := list(islice(rows, REGISTER_CHUNK)):
            self._store(chunk, report)
            told(report)
        return report

    def _usable(self, source: MessageSource, last: dict[int, int], report: Report) -> Iterator[Message]:
        for item in source.read():
            if isinstance(item, Skipped):
                report.skipped.append(item)
            elif last[_short(item.key)] != item.row:
                report.skipped.append(Skipped(item.row, "repeated_later"))
            else:
                yield item

    def _store(self, chunk: list[Message], report: Report) -> None:
        by_id = {self._id_of(message.key): message for message in chunk}
        known = self._known(list(by_id))
        fresh: list[tuple[str, Incoming, Original]] = []
        now = datetime.now(UTC)
        for id, message in by_id.items():
            if id in known:
                if known[id] == hashlib.sha256(message.original).hexdigest():
                    report.same += 1
                else:
                    report.changed.append(message.row)
                continue
            incoming = self._incoming(message, now)
            if isinstance(incoming, Skipped):
                report.skipped.append(incoming)
            else:
                fresh.append((id, incoming, Original(message.original, message.media_type)))
        for number in self._intake.register_as(fresh):
            report.new += 1
            if len(report.numbers) < 10:
                report.numbers.append(number)

    def _known(self, ids: list[str]) -> dict[str, str]:
        with self._database.reading() as connection:
            query = select(ORIGINAL.c.appeal, ORIGINAL.c.sha256).where(ORIGINAL.c.appeal.in_(ids))
            return {row.appeal: row.sha256 for row in connection.execute(query)}

    def _id_of(self, key: str) -> str:
        region = self._intake.rulebook.region.code
        return str(uuid.uuid5(_NAMESPACE, f"{region}\n{self._namespace}\n{key}"))

    def _incoming(self, message: Message, now: datetime) -> Incoming | Skipped:
        text = html_to_text(message.text) if message.is_html else neutralise(message.text)
        if not text.strip():
            return Skipped(message.row, "no_text")
        received = self._instant(message.received) or now
        if received > now:
            return Skipped(message.row, "date_in_the_future")
        block, topic = self._matcher.match(message.category, message.theme)
        labels = {
            self._namespace: one_line(message.key, _KEY_CELLS),
            "origin": one_line(message.source, _LABEL_CELLS),
            "category": one_line(message.category, _LABEL_CELLS),
            "theme": one_line(message.theme, _LABEL_CELLS),
            "executor": one_line(message.executor, _LABEL_CELLS),
        }
        return Incoming(
            regime=self._regime,
            source=Source.CSV,
            text=text,
            received_at=received,
            registered_at=now,
            block=block,
            topic=topic,
            external_ids={name: label for name, label in labels.items() if label},
        )

    def _instant(self, written: str) -> datetime | None:
        """The instant of a date as files write it, in region time; None for what is no date."""
        try:
            instant = datetime.fromisoformat(written)
        except ValueError:
            for form in _DATES:
                try:
                    instant = datetime.strptime(written, form)  # noqa: DTZ007 - region time is set below
                    break
                except ValueError:
                    continue
            else:
                return None
        return (instant if instant.tzinfo else instant.replace(tzinfo=self._zone)).astimezone(UTC)


def _last_rows(source: MessageSource) -> dict[int, int]:
    """The last row of every key."""
    return {_short(item.key): item.row for item in source.read() if isinstance(item, Message)}


def _short(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(errors="replace"), digest_size=8).digest(), "big")
