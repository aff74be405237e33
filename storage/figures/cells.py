"""The sums of a cut from the narrow facts of the cache: SQL groups numbers, and the groups get their names.

What a query asks is asked of the facts where they tell it, and else by the keys of the appeals that meet it
(:mod:`storage.figures.fact_conditions`), so a cut counts what the list behind the same query shows.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from operator import add
from typing import Final, cast

import msgspec

from cur_tui.domain.figures.dimensions import DIMENSIONS, NO, YES, Dimension, stretch_of
from cur_tui.domain.figures.sums import FIELDS, STORED, Measures
from cur_tui.domain.profile.profile import RankingPolicy
from cur_tui.domain.query.query import DateTerm, DayTerm, Field, Flag, FlagTerm, Term
from storage.database.schema import PK_BITS
from storage.figures.fact_conditions import MOMENTS, where_facts
from storage.figures.fact_sums import sum_of
from storage.figures.fact_times import EPOCH, stretch_sql
from storage.figures.facts import CODE_TABLE, FACT_TABLE
from storage.lists.asked import Asked
from storage.lists.conditions import is_never, span
from storage.lists.legs import PAST_THE_END
from storage.lists.tally import TALLY_TABLE
from storage.read_connections import Snapshot

Key = tuple[str | None, str | None]
_STRETCH: Final = 3_000
"""About how many facts are grouped at once: so many are sorted within the caches of the processor, in half of
the time that thirty thousand take."""
_WIDE: Final = 5
"""One part in so many of all time is quicker read in order than by the index of what is done."""
_PART: Final = 31
"""Bits of one part of a group's key."""
_SHIFT: Final = 1 << (_PART - 1)
"""What is added to a value there, so that 0 is left for none."""
_CODES: Final = f"SELECT id, code FROM {CODE_TABLE}"  # noqa: S608
# Each end in a query of its own: two at once read every row.
_FIRST_DONE: Final = f"SELECT min(done_at) FROM {FACT_TABLE} WHERE done_at IS NOT NULL"  # noqa: S608
_LAST_DONE: Final = f"SELECT max(done_at) FROM {FACT_TABLE} WHERE done_at IS NOT NULL"  # noqa: S608
_SPANS: Final = (
    f"SELECT (SELECT min(pk) FROM {FACT_TABLE})>>{PK_BITS}, (SELECT max(pk) FROM {FACT_TABLE})>>{PK_BITS}, "  # noqa: S608
    f"({_FIRST_DONE}), ({_LAST_DONE})"
)
_AMOUNT: Final = f"SELECT ifnull(sum(n), 0) FROM {TALLY_TABLE}"  # noqa: S608

_COLUMNS: Final = {
    **{name: name for name in ("block", "topic", "authority", "municipality", "source", "regime", "state")},
    **{name: name for name in ("priority", "worker", "tone", "outcome", "rating", "in_time", "complete")},
    "kind": "item_kind",
    "open": "is_open",
    "repeat": "is_repeat",
    "duplicate": "is_duplicate",
    "fast_track": "is_fast_track",
    "reworked": "reworks>0",
}
"""The expression of each dimension that is no time."""


class CellRequest(msgspec.Struct, frozen=True):
    """What is summed up: the appeals of ``terms`` by ``rows`` and ``columns``, of all sums those ``wanted``.

    ``now`` is in region time, ``policy`` says how quick an answer was.
    """

    rows: str
    columns: str | None
    terms: tuple[Term, ...]
    now: datetime
    me: str | None
    policy: RankingPolicy
    wanted: frozenset[str] = frozenset(FIELDS)


def read_cells(snapshot: Snapshot, request: CellRequest) -> dict[Key, Measures]:
    """The sums of every cell that has an appeal, exact at this moment."""
    if any(is_never(term, request.me) and not term.negated for term in request.terms):
        return {}
    terms = tuple(term for term in request.terms if not is_never(term, request.me))
    codes = {cast("int", number): str(code) for number, code in snapshot.all(_CODES)}
    groups = _Groups(request, codes)
    sums = [name for name in STORED if name in request.wanted or name == "count"]
    columns = [sum_of(name, request.policy, codes) for name in sums]
    found = _summed(snapshot, request, groups, columns, terms)
    cells = {key: Measures(**dict(zip(sums, numbers, strict=True))) for key, numbers in found.items()}
    if "overdue" in request.wanted:
        overdue = (*terms, FlagTerm(Flag.OVERDUE))
        for key, (number,) in _summed(snapshot, request, groups, ["count(*)"], overdue).items():
            cells[key] = msgspec.structs.replace(cells.get(key, Measures()), overdue=number)
    return cells


class _Groups:
    """What the rows are grouped by, and how the values of the groups are called.

    The values of a group are packed into one number: it sorts in two thirds of the time of two.
    """

    def __init__(self, request: CellRequest, codes: dict[int, str]) -> None:
        self._codes = codes
        names = (request.rows,) if request.columns is None else (request.rows, request.columns)
        self._dimensions = [DIMENSIONS[name] for name in names]
        self._named: list[dict[int, str | None]] = [{} for _ in names]

    def expression(self, zone: tzinfo | None, first: int, last: int) -> str:
        """The packed values of a fact registered or done between two seconds."""
        found = "0"
        for dimension in self._dimensions:
            if dimension.field in MOMENTS and dimension.stretch is not None:
                value = stretch_sql(MOMENTS[dimension.field], dimension.stretch, zone, first, last)
            else:
                value = _COLUMNS[dimension.code]
            found = f"({found}<<{_PART})+ifnull(({value})+{_SHIFT}, 0)"
        return found

    def key(self, packed: int) -> Key:
        """The names of a group."""
        if len(self._dimensions) == 1:
            return self._name(0, packed), None
        return self._name(0, packed >> _PART), self._name(1, packed & ((1 << _PART) - 1))

    def _name(self, at: int, part: int) -> str | None:
        known = self._named[at]
        if part not in known:
            known[part] = self._named_anew(self._dimensions[at], part - _SHIFT) if part else None
        return known[part]

    def _named_anew(self, dimension: Dimension, value: int) -> str:
        if dimension.stretch is not None:
            return stretch_of(dimension.stretch, EPOCH + timedelta(days=value))
        if dimension.kind == "truth":
            return YES if value else NO
        return str(value) if dimension.field is Field.RATING else self._codes[value]


def _summed(
    snapshot: Snapshot,
    request: CellRequest,
    groups: _Groups,
    sums: Sequence[str],
    terms: tuple[Term, ...],
) -> dict[Key, list[int]]:
    """The sums of every group of facts."""
    found: dict[int, list[int]] = {}
    for packed, *numbers in _grouped(snapshot, request, groups, sums, terms):
        known = found.get(packed)
        found[packed] = numbers if known is None else list(map(add, known, numbers))
    cells: dict[Key, list[int]] = {}
    for packed, numbers in found.items():
        cells[groups.key(packed)] = numbers
    return cells


def _grouped(
    snapshot: Snapshot,
    request: CellRequest,
    groups: _Groups,
    sums: Sequence[str],
    terms: tuple[Term, ...],
) -> Iterator[tuple[int, ...]]:
    """The packed values of groups with their sums; a group may come several times, since facts are read in
    parts.
    """
    asked = Asked(terms, request.now, request.me)
    where = where_facts(asked)
    spans = cast("tuple[int | None, ...]", snapshot.one(_SPANS))
    if spans[0] is None:
        return
    known = [end for end in spans if end is not None]
    group = groups.expression(request.now.tzinfo, min(known), max(known))
    if where.few:
        moment, low, high, step = "+pk", 0, PAST_THE_END, PAST_THE_END
    else:
        moment, low, high, step = _extent(snapshot, asked, spans, by_keys=where.by_keys)
    shift = PK_BITS if moment == "pk" else 0
    source = f"{FACT_TABLE} {'INDEXED BY fact_done' if moment == 'done_at' else 'NOT INDEXED'}"
    sql = (
        f"SELECT {', '.join((group, *sums))} FROM {source} "  # noqa: S608
        f"WHERE {moment}>=?1 AND {moment}<?2 AND {where.sql} GROUP BY 1"
    )
    for start in range(low, high, step):
        ends = (start << shift, min(start + step, high) << shift)
        yield from cast("list[tuple[int, ...]]", snapshot.all(sql, (*ends, *where.params)))


def _extent(
    snapshot: Snapshot, asked: Asked, spans: Sequence[int | None], *, by_keys: bool
) -> tuple[str, int, int, int]:
    """What the facts are walked by, from where, before where, and in how long parts, in seconds.

    ``spans``: the first and the last second at which anything was registered, and at which it was done.
    ``by_keys``: in any case by the keys.
    """
    done = [
        term
        for term in asked.terms
        if isinstance(term, DateTerm | DayTerm) and term.field is Field.DONE and not term.negated
    ]
    if done and not by_keys and not _is_wide(bounds := [span(term, asked.now) for term in done], spans):
        moment, (low, last) = "done_at", spans[2:]
    else:
        moment, (low, last) = "pk", spans[:2]
        keys = asked.keys()
        bounds = [(keys[0] >> PK_BITS, None if keys[1] >= PAST_THE_END else (keys[1] >> PK_BITS) + 1)]
    if low is None or last is None:
        return moment, 0, 0, 1
    high = last + 1
    (amount,) = cast("tuple[int]", snapshot.one(_AMOUNT))
    step = (high - low) * _STRETCH // max(amount, 1) + 1
    for begin, end in bounds:
        low, high = max(low, low if begin is None else begin), min(high, high if end is None else end)
    return moment, low, high, step


def _is_wide(bounds: Sequence[tuple[int | None, int | None]], spans: Sequence[int | None]) -> bool:
    """Whether so much was done between the bounds that reading every fact in order is quicker."""
    first, last = spans[2] or 0, spans[3] or 0
    begin = max(first if start is None else start for start, _ in bounds)
    end = min(last if stop is None else stop for _, stop in bounds)
    return (end - begin) * _WIDE > last - first
