"""Tables of numbers over appeals: any two dimensions, any query, always exact and only within one's scope.

A table that was counted once is carried on. What a transaction changes is remembered as it was before
(:class:`~regional_api.database.tables.Former`), so the numbers at a later position of the feed are the
numbers at the earlier one, less the former rows that counted then, plus the rows that changed since.
Writers do nothing but insert those rows and never wait for each other or for a reader.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Connection,
    Index,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    func,
    select,
    true,
)

from cur_tui.contract.wire import Cell, Statistics
from cur_tui.domain.figures.ranking import policy_in_force
from cur_tui.domain.figures.sums import FIELDS, STORED, Measures
from cur_tui.domain.profile.profile import RankingPolicy
from cur_tui.domain.query.openness import openness
from cur_tui.domain.query.query import (
    DateTerm,
    DayTerm,
    Field,
    FieldTerm,
    Flag,
    FlagTerm,
    Query,
    RelativeTerm,
    Term,
    TextTerm,
)
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission
from regional_api.centre import Centre
from regional_api.clock import seconds
from regional_api.database import indexes
from regional_api.database.connections import follow
from regional_api.database.schema import write_meta
from regional_api.database.tables import APPEAL, FORMER, LARGE, META
from regional_api.figures.dimensions import Columns, Dimension, Value, dimension, measures
from regional_api.identity.callers import MASKED, PERSONAL_DATA, Caller, Scope
from regional_api.lists.query_sql import ASKED_AT, Conditions, read_query
from regional_api.lists.words import WordCondition
from regional_api.unit_of_work import horizon

MAX_CELLS: Final = 10_000
KEEP_FORMER: Final = 500_000
"""Former rows that are kept."""
_PIECE: Final = 10_000
"""Former rows that are dropped at once, so that no writer waits long."""
_FLOOR: Final = "former_floor"
"""Meta: the last transaction whose former rows may have been dropped; no table is carried on from before."""
_CARRY: Final = 20_000
"""Transactions over which a table is carried on; behind more of them it is counted anew."""
_TABLES: Final = 64
"""Counted tables that are kept, the least used go first."""
_CELLS: Final = 100_000
"""Cells that the kept tables have together; all tables at their largest would be too much to hold."""
_FROM: Final = bindparam("from_second", type_=LARGE)
_BEFORE: Final = bindparam("before_second", type_=LARGE)
"""The bounds of a stretch: parameters, so that its statement is written once."""
_STRETCH: Final = 5_000
"""About how many appeals SQLite groups at once: so many it sorts in its cache, a million it does not."""

Key = tuple[Value, Value]
Sums = list[int]
_MOVING_FLAGS: Final = frozenset({Flag.OVERDUE, Flag.CLAIMED})


@dataclass(frozen=True, slots=True)
class StatisticsRequest:
    """``rows`` and ``columns`` name dimensions; without columns there is one number for each row.

    Of all sums only those ``wanted`` are counted, the others are 0: a million rows take a second for all.
    """

    rows: str
    columns: str | None = None
    query: str = ""
    wanted: frozenset[str] = frozenset(FIELDS)

    @property
    def sums(self) -> tuple[str, ...]:
        """The sums that are counted of rows. How many there are is among them: a cell of none is no cell."""
        return tuple(name for name in STORED if name in self.wanted or name == "count")


@dataclass(slots=True)
class _Counted:
    """A table as it was at a position of the feed; None: not counted yet."""

    seq: int | None = None
    cells: dict[Key, Sums] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Counted:
    """The tables of this process that were counted before."""

    def __init__(self) -> None:
        self._tables: OrderedDict[tuple[object, ...], _Counted] = OrderedDict()
        self._lock = threading.Lock()

    def table(self, key: tuple[object, ...]) -> _Counted:
        """The table under ``key``, counted or not."""
        with self._lock:
            known = self._tables.setdefault(key, _Counted())
            self._tables.move_to_end(key)
            if len(self._tables) > _TABLES:
                self._tables.popitem(last=False)
            return known

    def shrink(self) -> None:
        """Let the least used tables go until the others fit together."""
        with self._lock:
            cells = sum(len(table.cells) for table in self._tables.values())
            while cells > _CELLS and len(self._tables) > 1:
                _, gone = self._tables.popitem(last=False)
                cells -= len(gone.cells)


@dataclass(frozen=True, slots=True)
class _Cut:
    """One table for one reader: its dimensions, and which rows it is about."""

    dimensions: tuple[Dimension, ...]
    scope: Scope
    terms: tuple[Term, ...]
    conditions: Conditions
    asked: dict[str, object]
    """The moment and the account, which the conditions are about."""
    policy: RankingPolicy
    """What says how quick an answer was, and who is satisfied."""
    wanted: tuple[str, ...] = STORED
    """The sums that are counted; how many there are comes first."""

    @property
    def is_of_done(self) -> bool:
        """Whether the table is about what was done in some time, and never about anything else."""
        return any(
            isinstance(term, DateTerm | DayTerm) and term.field is Field.DONE and not term.negated
            for term in self.terms
        )

    def where(self, columns: Columns) -> ColumnElement[bool]:
        """The condition on appeals or on their former states."""
        inside = self.scope.where(columns["block"], columns["authority"], columns["restricted"])
        return and_(inside, self.conditions.on(columns).all_of(self.terms))

    def groups(self, columns: Columns) -> list[ColumnElement[Any]]:
        """The columns that name a cell."""
        return [dimension.of(columns) for dimension in self.dimensions]


def read_statistics(
    centre: Centre, counted: Counted, caller: Caller, request: StatisticsRequest, instant: datetime
) -> Statistics:
    """The table that is asked for, at ``instant``.

    Raises :class:`Refused`: ``not_permitted``, ``invalid_value`` or ``table_too_large``.
    """
    caller.must(Permission.SUPERVISE, "statistics")
    if unknown := sorted(request.wanted - set(FIELDS)):
        raise Refused("invalid_value", field="sums", value=unknown[0][:80])
    cut, query = _cut_of(centre, caller, request, instant)
    today = cut.conditions.today
    with centre.database.snapshot() as connection:
        if _moves_with_time(query):
            cells = _count(connection, cut)
        else:
            day = today if any(isinstance(term, DayTerm) for term in query.terms) else None
            me = caller.actor.account if _asks_for_me(query) else None
            asked = (request.rows, request.columns, query.terms, request.sums)
            known = counted.table((*asked, _key(caller.scope), day, me))
            with known.lock:
                cells = _carried_on(connection, centre, cut, known)
            counted.shrink()
        overdue = _overdue(connection, cut) if "overdue" in request.wanted else {}
    return _answer(request, cut.dimensions, cells, overdue)


def _cut_of(
    centre: Centre, caller: Caller, request: StatisticsRequest, instant: datetime
) -> tuple[_Cut, Query]:
    names = [("rows", request.rows), *([("columns", request.columns)] if request.columns else [])]
    if request.rows == request.columns:
        raise Refused("invalid_value", field="columns", value=request.rows[:80])
    dimensions = tuple(dimension(parameter, name) for parameter, name in names)
    query = read_query(request.query, centre.vocabulary)
    zone = ZoneInfo(caller.region.time_zone)
    today = instant.astimezone(zone).date()
    conditions = Conditions(today, zone, WordCondition(centre.database.is_sqlite, caller.scope, query))
    asked: dict[str, object] = {"asked_at": seconds(instant), "asked_by": caller.actor.account}
    policy = policy_in_force(caller.region)
    return _Cut(dimensions, caller.scope, query.terms, conditions, asked, policy, request.sums), query


def read_overdue(
    centre: Centre, caller: Caller, request: StatisticsRequest, instant: datetime
) -> dict[str | None, int]:
    """How many appeals are overdue by the rows of ``request``; it must have no columns. Refuses alike."""
    caller.must(Permission.SUPERVISE, "statistics")
    cut, _ = _cut_of(centre, caller, request, instant)
    with centre.database.reading() as connection:
        found = _overdue(connection, cut)
    shown = cut.dimensions[0].shown
    return {shown(row): number for (row, _), number in found.items()}


def forget_former(centre: Centre) -> None:
    """Drop the oldest former rows, all but :data:`KEEP_FORMER`."""
    with centre.database.writing() as connection:
        oldest = select(FORMER.c.seq).order_by(FORMER.c.seq.desc()).offset(KEEP_FORMER).limit(1)
        floor = connection.execute(oldest).scalar_one_or_none()
        if floor is None:
            return
        # Before the first row goes: no reader may miss one and not know it.
        write_meta(connection, _FLOOR, str(floor))
    piece = select(FORMER.c.n).where(FORMER.c.seq <= floor).limit(_PIECE)
    dropped = _PIECE
    while dropped == _PIECE:
        with centre.database.writing() as connection:
            dropped = connection.execute(delete(FORMER).where(FORMER.c.n.in_(piece))).rowcount


def _floor(connection: Connection) -> int:
    return int(connection.execute(select(META.c.value).where(META.c.key == _FLOOR)).scalar_one_or_none() or 0)


def _moves_with_time(query: Query) -> bool:
    """Whether rows enter or leave the table without being changed. Words are not in the former rows."""
    return any(
        isinstance(term, RelativeTerm | TextTerm)
        or (isinstance(term, FlagTerm) and term.flag in _MOVING_FLAGS)
        for term in query.terms
    )


def _asks_for_me(query: Query) -> bool:
    return any(
        (isinstance(term, FlagTerm) and term.flag is Flag.MINE)
        or (isinstance(term, FieldTerm) and term.field is Field.ASSIGNEE)
        for term in query.terms
    )


def _key(scope: Scope) -> tuple[str, ...]:
    return tuple(key for key in scope.keys if key not in (PERSONAL_DATA, MASKED))


def _carried_on(connection: Connection, centre: Centre, cut: _Cut, known: _Counted) -> dict[Key, Sums]:
    last = horizon(connection, centre.shard)
    if known.seq is None or known.seq < _floor(connection) or not 0 <= last - known.seq <= _CARRY:
        cells = _count(connection, cut)
    else:
        cells = {key: list(sums) for key, sums in known.cells.items()}
        if last > known.seq:
            was = and_(FORMER.c.seq > known.seq, FORMER.c.was <= known.seq)
            _add(cells, _grouped(connection, cut, FORMER, was), -1, len(cut.wanted))
            _add(cells, _grouped(connection, cut, APPEAL, APPEAL.c.seq > known.seq), 1, len(cut.wanted))
            cells = {key: sums for key, sums in cells.items() if sums[0]}
    if len(cells) > MAX_CELLS:
        raise _too_large()
    known.seq, known.cells = last, cells
    return cells


def _count(connection: Connection, cut: _Cut) -> dict[Key, Sums]:
    cells: dict[Key, Sums] = {}
    moment, index = ("done_at", indexes.DONE) if cut.is_of_done else ("registered_at", indexes.REGISTERED)
    # Of a million a twentieth is open: it has an index of its own.
    is_open = openness(cut.terms) is True
    index = indexes.OPEN_REGISTERED if is_open else index
    moment = "registered_at" if is_open else moment
    stretches = list(_stretches(connection, cut, moment, index))
    which = and_(APPEAL.c[moment] >= _FROM, APPEAL.c[moment] < _BEFORE) if stretches else true()
    which = and_(indexes.IS_OPEN, which) if is_open else which
    statement = _grouping(cut, APPEAL, which, index)
    for start, end in stretches or [(0, 0)]:
        rows = connection.execute(statement, {**cut.asked, _FROM.key: start, _BEFORE.key: end}).all()
        _add(cells, rows, 1, len(cut.wanted))
        if len(cells) > MAX_CELLS:
            raise _too_large()
    return cells


def _stretches(connection: Connection, cut: _Cut, moment: str, index: Index) -> Iterator[tuple[int, int]]:
    """The seconds between which what is asked for lies, in parts that are quick to group; nothing where the
    whole is not to be parted.
    """
    # PostgreSQL groups by hashing and needs no parts; a search would be made again for each of them.
    if connection.dialect.name != "sqlite" or any(isinstance(term, TextTerm) for term in cut.terms):
        return
    column = APPEAL.c[moment]
    # Led to its end of the index: SQLite sees by itself neither that the index has all that counts here nor,
    # where it holds a part of the appeals, that it may be used at all, and would look at every appeal.
    is_open = index is indexes.OPEN_REGISTERED
    known = and_(column.is_not(None), indexes.IS_OPEN) if is_open else column.is_not(None)
    ends = [
        *(follow(select(end).where(known), APPEAL, index) for end in (func.min(column), func.max(column))),
        select(func.max(APPEAL.c.pk)),
    ]
    first, last, amount = (connection.execute(end).scalar_one() or 0 for end in ends)
    step = (last - first) * _STRETCH // max(amount, 1) + 1
    field = Field.DONE if moment == "done_at" else Field.REGISTERED
    asked_first, asked_last = cut.conditions.span(field, cut.terms)
    begin = first if asked_first is None else max(first, asked_first)
    end = last if asked_last is None else min(last, asked_last)
    for start in range(begin, end + 1, step):
        yield start, min(start + step, end + 1)
    if begin > end:
        yield begin, begin


def _grouping(
    cut: _Cut, table: Table, which: ColumnElement[bool], index: Index | None = None
) -> Select[tuple[Any, ...]]:
    groups = cut.groups(table.c)
    sums = measures(table.c, cut.policy, cut.wanted)
    statement = select(*groups, *sums).where(which, cut.where(table.c)).group_by(*groups)
    return follow(statement, table, index)


def _grouped(
    connection: Connection, cut: _Cut, table: Table, which: ColumnElement[bool]
) -> Sequence[Sequence[Any]]:
    return connection.execute(_grouping(cut, table, which), cut.asked).all()


def _add(cells: dict[Key, Sums], rows: Sequence[Sequence[Any]], sign: int, width: int) -> None:
    """Add the last ``width`` numbers of each row to the cell that the others name."""
    for row in rows:
        *names, last = row[:-width]
        key: Key = (*names, last) if names else (last, None)
        sums = cells.setdefault(key, [0] * width)
        for n, value in enumerate(row[-width:]):
            sums[n] += sign * int(value)


def _overdue(connection: Connection, cut: _Cut) -> dict[Key, int]:
    groups = cut.groups(APPEAL.c)
    late = and_(indexes.HAS_TERM, APPEAL.c.control_due_at < ASKED_AT)
    statement: Select[Any] = select(*groups, func.count()).where(late, cut.where(APPEAL.c)).group_by(*groups)
    rows = connection.execute(follow(statement, APPEAL, indexes.OPEN_DUE), cut.asked).all()
    return {(row[0], row[1] if len(row) == 3 else None): row[-1] for row in rows}


def _answer(
    request: StatisticsRequest,
    dimensions: Sequence[Dimension],
    cells: dict[Key, Sums],
    overdue: dict[Key, int],
) -> Statistics:
    def shown(key: Key) -> tuple[str | None, str | None]:
        row = dimensions[0].shown(key[0])
        return row, dimensions[1].shown(key[1]) if len(dimensions) == 2 else None

    def of(sums: Sums, late: int) -> Measures:
        return Measures(overdue=late, **dict(zip(request.sums, sums, strict=True)))

    listed = sorted(cells, key=lambda key: tuple((part is None, part or 0) for part in key))
    return Statistics(
        rows=request.rows,
        columns=request.columns,
        cells=tuple(Cell(*shown(key), of(cells[key], overdue.get(key, 0))) for key in listed),
        total=of(
            [sum(column) for column in zip(*cells.values(), strict=True)] or [0] * len(request.sums),
            sum(overdue.values()),
        ),
    )


def _too_large() -> Refused:
    return Refused("table_too_large", limit=str(MAX_CELLS))
