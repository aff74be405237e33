"""The sums of a cut from the narrow facts of the cache: SQL groups numbers, and the groups get their names.

What a query asks is asked of the facts where they tell it, and else by the keys of the appeals that meet it
(:mod:`storage.fact_conditions`), so a cut counts what the list behind the same query shows.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, cast

import msgspec

from cur_tui.domain.dimensions import DIMENSIONS, NO, YES, stretch_of
from cur_tui.domain.profile import RankingPolicy
from cur_tui.domain.query import DateTerm, DayTerm, Field, Flag, FlagTerm, Term
from cur_tui.domain.sums import FIELDS, STORED, Measures
from storage.asked import Asked
from storage.conditions import is_never, span
from storage.fact_conditions import MOMENTS, where_facts
from storage.fact_sums import sum_of
from storage.facts import CODE_TABLE, FACT_TABLE
from storage.legs import PAST_THE_END
from storage.read_connections import Snapshot
from storage.schema import PK_BITS

Key = tuple[str | None, str | None]
Value = int | None
_STRETCH: Final = 1_500
"""About how many facts are grouped at once: so many are sorted within the caches of the processor, in half of
the time that thirty thousand take."""
_DAY: Final = 86_400
_EPOCH: Final = date(1970, 1, 1)
_CODES: Final = f"SELECT id, code FROM {CODE_TABLE}"  # noqa: S608
_DONE_SPAN: Final = f"SELECT min(done_at), max(done_at)+1 FROM {FACT_TABLE} WHERE done_at IS NOT NULL"  # noqa: S608

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
    found: dict[Key, list[int]] = {}
    columns = [sum_of(name, request.policy, codes) for name in sums]
    for values, numbers in _grouped(snapshot, request, groups, columns, terms):
        cell = found.setdefault(groups.key(values), [0] * len(sums))
        for at, number in enumerate(numbers):
            cell[at] += number
    cells = {key: Measures(**dict(zip(sums, numbers, strict=True))) for key, numbers in found.items()}
    if "overdue" in request.wanted:
        overdue = (*terms, FlagTerm(Flag.OVERDUE))
        late: dict[Key, int] = {}
        for values, (number,) in _grouped(snapshot, request, groups, ["count(*)"], overdue):
            key = groups.key(values)
            late[key] = late.get(key, 0) + number
        cells |= {
            key: msgspec.structs.replace(cells.get(key, Measures()), overdue=number)
            for key, number in late.items()
        }
    return cells


class _Groups:
    """What the rows are grouped by, and how the values of the groups are called."""

    def __init__(self, request: CellRequest, codes: dict[int, str]) -> None:
        self._codes = codes
        self._zone = request.now.tzinfo
        names = (request.rows,) if request.columns is None else (request.rows, request.columns)
        self.dimensions = [DIMENSIONS[name] for name in names]
        self._named: list[dict[Value, str | None]] = [{} for _ in names]

    def expressions(self, zone: tzinfo | None, first: int, last: int) -> list[str]:
        """The expressions of the groups of facts registered or done between two seconds."""
        found = []
        for dimension in self.dimensions:
            if dimension.field in MOMENTS and dimension.kind == "time":
                found.append(_day_of(MOMENTS[dimension.field], zone, first, last))
            else:
                found.append(_COLUMNS[dimension.code])
        return found

    def key(self, values: Sequence[Value]) -> Key:
        """The names of a group."""
        names = [self._name(at, value) for at, value in enumerate(values)]
        return (names[0], names[1] if len(names) > 1 else None)

    def _name(self, at: int, value: Value) -> str | None:
        known = self._named[at]
        if value not in known:
            known[value] = self._named_anew(at, value)
        return known[value]

    def _named_anew(self, at: int, value: Value) -> str | None:
        dimension = self.dimensions[at]
        if value is None:
            return None
        if dimension.stretch is not None:
            return stretch_of(dimension.stretch, _EPOCH + timedelta(days=value))
        if dimension.kind == "truth":
            return YES if value else NO
        return str(value) if dimension.field is Field.RATING else self._codes[value]


def _grouped(
    snapshot: Snapshot,
    request: CellRequest,
    groups: _Groups,
    sums: Sequence[str],
    terms: tuple[Term, ...],
) -> Iterator[tuple[tuple[Value, ...], tuple[int, ...]]]:
    """The groups of facts with their sums; a group may come several times, since facts are read in parts."""
    asked = Asked(terms, request.now, request.me)
    where, params = where_facts(asked)
    moment, low, high, step = _extent(snapshot, asked)
    if low >= high:
        return
    shift = PK_BITS if moment == "pk" else 0
    first, last = _bounds(snapshot)
    expressions = groups.expressions(request.now.tzinfo, first, last)
    # By number of the place, since a bare NULL or number would be one itself.
    by = ", ".join(str(at) for at, _ in enumerate(expressions, 1))
    source = FACT_TABLE if moment == "pk" else f"{FACT_TABLE} INDEXED BY fact_done"
    sql = (
        f"SELECT {', '.join((*expressions, *sums))} FROM {source} "  # noqa: S608
        f"WHERE {moment}>=? AND {moment}<? AND {where} GROUP BY {by}"
    )
    width = len(expressions)
    for start in range(low, high, step):
        end = min(start + step, high)
        for row in snapshot.all(sql, (start << shift, end << shift, *params)):
            values = cast("tuple[int, ...]", row)
            yield values[:width], values[width:]


def _extent(snapshot: Snapshot, asked: Asked) -> tuple[str, int, int, int]:
    """What the facts are walked by, from where, before where, and in how long parts, in seconds."""
    done = [
        t
        for t in asked.terms
        if isinstance(t, DateTerm | DayTerm) and t.field is Field.DONE and not t.negated
    ]
    (amount,) = cast("tuple[int]", snapshot.one(f"SELECT count(*) FROM {FACT_TABLE}") or (0,))  # noqa: S608
    if done:
        ends = snapshot.one(_DONE_SPAN)
        low, high = cast("tuple[int | None, int | None]", ends or (None, None))
        spans = [span(term, asked.now) for term in done]
        moment = "done_at"
    else:
        ends = snapshot.one(f"SELECT min(pk), max(pk) FROM {FACT_TABLE}")  # noqa: S608
        first, last = cast("tuple[int | None, int | None]", ends or (None, None))
        low = None if first is None else first >> PK_BITS
        high = None if last is None else (last >> PK_BITS) + 1
        keys = asked.keys()
        spans = [(keys[0] >> PK_BITS, None if keys[1] >= PAST_THE_END else (keys[1] >> PK_BITS) + 1)]
        moment = "pk"
    if low is None or high is None:
        return moment, 0, 0, 1
    step = (high - low) * _STRETCH // max(amount, 1) + 1
    for begin, end in spans:
        low, high = max(low, low if begin is None else begin), min(high, high if end is None else end)
    return moment, low, high, step


def _bounds(snapshot: Snapshot) -> tuple[int, int]:
    """The first and the last second at which anything was registered or done."""
    sql = f"SELECT min(pk), max(pk), (SELECT max(done_at) FROM {FACT_TABLE}) FROM {FACT_TABLE}"  # noqa: S608
    first, last, done = cast("tuple[int | None, ...]", snapshot.one(sql) or (None, None, None))
    earliest = (first or 0) >> PK_BITS
    sql = f"SELECT min(done_at) FROM {FACT_TABLE} WHERE done_at IS NOT NULL"  # noqa: S608
    (done_first,) = cast("tuple[int | None]", snapshot.one(sql) or (None,))
    return min(earliest, done_first or earliest), max((last or 0) >> PK_BITS, done or 0)


def _day_of(column: str, zone: tzinfo | None, first: int, last: int) -> str:
    """The day of the region that a moment falls on, in days since 1970: the clocks of a region are moved
    seldom, and between two moves a day is a division.
    """
    offsets = _offsets(zone or UTC, first, last)
    shift = str(offsets[-1][1])
    for until, offset in reversed([(offsets[at + 1][0], offsets[at][1]) for at in range(len(offsets) - 1)]):
        shift = f"CASE WHEN {column}<{until} THEN {offset} ELSE {shift} END"
    return f"({column}+({shift}))/{_DAY}"


def _offsets(zone: tzinfo, first: int, last: int) -> list[tuple[int, int]]:
    """From which second on the region's clocks are how many seconds ahead of UTC."""

    def offset(second: int) -> int:
        ahead = datetime.fromtimestamp(second, zone).utcoffset()
        return 0 if ahead is None else int(ahead.total_seconds())

    found = [(first, offset(first))]
    second = first
    while second < last:
        following = min(second + _DAY, last)
        if offset(following) != found[-1][1]:
            low, high = second, following
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == found[-1][1] else (low, middle)
            found.append((high, offset(high)))
        second = following
    return found
