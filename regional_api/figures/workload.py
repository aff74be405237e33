"""The workload in the reader's scope: what is open, what came and what left, by block and worker."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Index, Row, Select, and_, bindparam, case, func, select

from cur_tui.domain.figures.workload import Colleague, FlowCell, OpenCell, Workload
from cur_tui.domain.figures.workload_reckoning import Span, span_of, workload_of
from cur_tui.domain.rights import Permission
from cur_tui.domain.vocabulary import Role
from regional_api.centre import Centre
from regional_api.clock import seconds
from regional_api.database.connections import follow
from regional_api.database.indexes import DONE, IS_OPEN, OPEN_REGISTERED, REGISTERED
from regional_api.database.tables import ACCOUNT, APPEAL, LARGE
from regional_api.identity.callers import Caller, Scope

_PLACE: Final = (APPEAL.c.block, APPEAL.c.worker)
_FROM: Final[ColumnElement[int]] = bindparam("first", type_=LARGE)
_UNTIL: Final[ColumnElement[int]] = bindparam("until", type_=LARGE)
_BEFORE: Final[ColumnElement[int]] = bindparam("before", type_=LARGE)


def read_workload(centre: Centre, caller: Caller, now: datetime) -> Workload:
    """The load at ``now``. Raises ``not_permitted`` without the right to supervise."""
    caller.must(Permission.SUPERVISE, "workload")
    span = span_of(now, caller.region.time_zone)
    with centre.database.snapshot() as connection:
        return workload_of(
            span,
            _opened(connection, caller.scope, span),
            _flow(connection, span, _came(caller.scope)),
            _flow(connection, span, _left(caller.scope)),
            region=caller.region,
            clock=centre.rulebook.time,
            colleagues=_colleagues(connection),
        )


def _opened(connection: Connection, scope: Scope, span: Span) -> list[OpenCell]:
    due = APPEAL.c.control_due_at
    statement: Select[Any] = (
        select(
            *_PLACE,
            func.count(),
            func.sum(case((due < _FROM, 1), else_=0)),
            func.sum(case((and_(due >= _FROM, due < _UNTIL), 1), else_=0)),
            func.sum(_FROM - APPEAL.c.registered_at),
            func.sum(case((and_(due < _FROM, APPEAL.c.registered_at < _BEFORE), 1), else_=0)),
        )
        .where(IS_OPEN, scope.where())
        .group_by(*_PLACE)
    )
    moments = {
        "first": seconds(span.now),
        "until": seconds(span.week_end),
        "before": span.bounds()[0][1],
    }
    rows = connection.execute(follow(statement, APPEAL, OPEN_REGISTERED), moments)
    return [OpenCell(*_names(row), *_numbers(row)) for row in rows]


def _came(scope: Scope) -> Select[Any]:
    return _passed(scope, APPEAL.c.registered_at, REGISTERED)


def _left(scope: Scope) -> Select[Any]:
    worked = func.sum(APPEAL.c.done_at - APPEAL.c.registered_at)
    return _passed(scope, APPEAL.c.done_at, DONE).add_columns(worked)


def _passed(scope: Scope, moment: ColumnElement[Any], index: Index) -> Select[Any]:
    counted: Select[Any] = select(*_PLACE, func.count())
    within = and_(moment >= _FROM, moment < _UNTIL)
    return follow(counted.where(within, scope.where()).group_by(*_PLACE), APPEAL, index)


def _flow(connection: Connection, span: Span, statement: Select[Any]) -> list[FlowCell]:
    """A day at a time: each is a stretch of an index, whatever the region does with its clocks."""
    return [
        FlowCell(day, *_names(row), *_numbers(row))
        for day, first, until in span.bounds()
        for row in connection.execute(statement, {"first": first, "until": until})
    ]


def _names(row: Row[Any]) -> tuple[str | None, str | None]:
    block, worker = row[: len(_PLACE)]
    return block, worker


def _numbers(row: Row[Any]) -> list[int]:
    return [int(number) for number in row[len(_PLACE) :]]


def _colleagues(connection: Connection) -> list[Colleague]:
    columns = (ACCOUNT.c.account, ACCOUNT.c.role, ACCOUNT.c.blocks)
    rows = connection.execute(select(*columns).where(ACCOUNT.c.blocked == 0))
    return [Colleague(row.account, Role(row.role), tuple(row.blocks.split())) for row in rows]
