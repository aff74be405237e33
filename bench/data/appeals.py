"""Any number of appeals at little cost: a generated region, copied with new identities and other times.

A million of them is a stream: never more than one page of copies is in memory.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

import msgspec
from uuid6 import uuid7

from cur_tui.contract.codec import decode_appeal, encode_appeal, encode_applicant
from cur_tui.contract.row import AppealRow, row_of
from cur_tui.contract.wire import Put
from cur_tui.domain.intake import card_number
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.vocabulary import State
from regional_api.generate.generator import generate

SEED: Final = 20_260
OPEN_SHARE: Final = 0.05
"""Of a young region a third is open, of one that has worked for years a twentieth."""
ARCHIVE: Final = timedelta(days=3 * 365)
"""How far back the closed copies are spread. Open ones stay near their originals."""
STEP: Final = timedelta(seconds=97)

_Moments = Mapping[str, datetime]
_CLOCK_MOMENTS: Final = ("started_at", "due_at", "control_due_at", "stopped_at")
_ANSWER_MOMENTS: Final = ("confirmed_at",)


@dataclass(frozen=True, slots=True)
class _Moved:
    """A part of an appeal as it is stored, and the moments in it that a copy has earlier."""

    fields: dict[str, msgspec.Raw]
    moments: _Moments

    def copy(self, earlier: timedelta) -> dict[str, msgspec.Raw | datetime]:
        return {**self.fields, **{name: moment - earlier for name, moment in self.moments.items()}}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A generated appeal, encoded once, of which copies are made without decoding it."""

    row: AppealRow
    received_at: datetime
    registered_at: datetime
    fields: dict[str, msgspec.Raw]
    clocks: tuple[_Moved, ...]
    answers: tuple[_Moved, ...]
    applicant: msgspec.Raw

    @classmethod
    def of(cls, appeal: Appeal) -> Self:
        """The pattern of ``appeal``."""
        fields = msgspec.json.decode(encode_appeal(appeal), type=dict[str, msgspec.Raw])
        return cls(
            row_of(appeal),
            appeal.received_at,
            appeal.registered_at,
            fields,
            _moved(fields["clocks"], appeal.clocks, _CLOCK_MOMENTS),
            _moved(fields["answers"], appeal.answers, _ANSWER_MOMENTS),
            msgspec.Raw(encode_applicant(appeal.applicant)),
        )

    def copy(self, seq: int, number: str, earlier: timedelta) -> Put:
        """The copy that the server would send as its ``seq``-th record, in all that is sorted by or counted
        of it ``earlier`` than the original. The history keeps its times.
        """
        back = int(earlier.total_seconds())
        row, id_ = self.row, str(uuid7())
        document = {
            **self.fields,
            "id": id_,
            "number": number,
            "received_at": self.received_at - earlier,
            "registered_at": self.registered_at - earlier,
            "clocks": [one.copy(earlier) for one in self.clocks],
            "answers": [one.copy(earlier) for one in self.answers],
        }
        copied = msgspec.structs.replace(
            row,
            id=id_,
            number=number,
            received_at=row.received_at - back,
            registered_at=row.registered_at - back,
            control_due_at=None if row.control_due_at is None else row.control_due_at - back,
            legal_due_at=None if row.legal_due_at is None else row.legal_due_at - back,
            answered_at=None if row.answered_at is None else row.answered_at - back,
            done_at=None if row.done_at is None else row.done_at - back,
        )
        return Put(seq, copied, msgspec.Raw(msgspec.json.encode(document)), self.applicant)


def _moved(stored: msgspec.Raw, parts: Iterable[object], names: Sequence[str]) -> tuple[_Moved, ...]:
    fields = msgspec.json.decode(stored, type=list[dict[str, msgspec.Raw]])
    moments = (
        {name: moment for name in names if (moment := getattr(part, name)) is not None} for part in parts
    )
    return tuple(map(_Moved, fields, moments))


def patterns(rulebook: Rulebook, count: int, now: datetime) -> list[Pattern]:
    """``count`` generated appeals with texts and histories of their own."""
    made = generate(rulebook, count=count, seed=SEED, now=now.astimezone(UTC))
    return [Pattern.of(one.appeal) for one in made]


def records(base: Sequence[Pattern], count: int, zone: ZoneInfo) -> Iterator[Put]:
    """``count`` appeals as the lines in which a server sends them, the oldest first.

    The texts repeat, the identities and index keys do not. The same ``base`` gives the same texts in the
    same order each time.
    """
    seen: Counter[str] = Counter()
    for seq, (registered, which, earlier) in enumerate(_plan(base, count), 1):
        day = datetime.fromtimestamp(registered, zone).date()
        seen[key := day.isoformat()] += 1
        yield base[which].copy(seq, card_number(day, seen[key]), timedelta(seconds=earlier))


def appeals(lines: Iterable[Put]) -> Iterator[Appeal]:
    """The appeals of ``lines``, one at a time."""
    return (
        decode_appeal(bytes(line.doc), None if line.applicant is None else bytes(line.applicant))
        for line in lines
    )


def _plan(base: Sequence[Pattern], count: int) -> Iterator[tuple[int, int, int]]:
    """When each copy was registered, of which pattern it is and by how many seconds earlier: by time."""
    is_open = [n for n, pattern in enumerate(base) if State(pattern.row.state).is_open]
    closed = [n for n in range(len(base)) if n not in set(is_open)]
    n_open = max(1, round(count * OPEN_SHARE))
    most = -(-(count - n_open) // len(closed))
    return heapq.merge(
        *_spread(base, is_open, n_open, STEP), *_spread(base, closed, count - n_open, ARCHIVE / max(1, most))
    )


def _spread(
    base: Sequence[Pattern], chosen: Sequence[int], count: int, step: timedelta
) -> Iterator[Iterator[tuple[int, int, int]]]:
    """``count`` copies shared out among the ``chosen`` patterns, those of each as a stream by time."""
    for place, which in enumerate(chosen):
        copies = count // len(chosen) + (place < count % len(chosen))
        yield _times(which, base[which].row.registered_at, copies, int(step.total_seconds()))


def _times(which: int, registered: int, copies: int, step: int) -> Iterator[tuple[int, int, int]]:
    for earlier in range((copies - 1) * step, -1, -step):
        yield registered - earlier, which, earlier
