"""What belongs together, as a reader may see it: both of a pair are within the scope, or it is not there."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from cur_tui.contract.codec import decode_appeal
from cur_tui.contract.packing import unpack
from cur_tui.contract.related import (
    Incident,
    IncidentPage,
    IncidentSummary,
    Lookalike,
    Lookalikes,
    Member,
    Pair,
    PairPage,
)
from cur_tui.contract.row import COLUMNS, AppealRow
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.refusal import Refused
from cur_tui.domain.related.mass_incident import Verdict, verdict_on
from regional_api.clock import stamp
from regional_api.database.store import Place, row_columns
from regional_api.database.tables import APPEAL
from regional_api.identity.callers import Scope
from regional_api.related.bursts import DISMISSED, LED, OVER, PROPOSED, STATES
from regional_api.related.tables import LIKENESS_PAIR, MASS_INCIDENT

MAX_PAIRS: Final = 200
_LOOKALIKES: Final = 20
_INCIDENTS: Final = 200
_SHOWN: Final = 200
"""Members, and candidates, of one incident."""
_WIDTH: Final = len(COLUMNS)
_PAIR = LIKENESS_PAIR.c
_OF_PAIR = (_PAIR.n, _PAIR.likeness, _PAIR.kind, _PAIR.same_author, _PAIR.found_at)
_CURSOR_DIGITS: Final = 18


def read_lookalikes(connection: Connection, scope: Scope, id: str) -> Lookalikes:
    """What is probably the same as the appeal ``id``, which the reader sees."""
    pk = connection.execute(select(APPEAL.c.pk).where(APPEAL.c.id == id)).scalar_one()
    other = or_(
        and_(_PAIR.newer == pk, APPEAL.c.pk == _PAIR.older),
        and_(_PAIR.older == pk, APPEAL.c.pk == _PAIR.newer),
    )
    rows = connection.execute(
        select(*row_columns(scope.personal_data), *_OF_PAIR)
        .join_from(LIKENESS_PAIR, APPEAL, other)
        .where(or_(_PAIR.newer == pk, _PAIR.older == pk), _PAIR.state == PROPOSED, scope.where())
        .order_by(_PAIR.likeness.desc(), _PAIR.n)
        .limit(_LOOKALIKES)
    )
    return Lookalikes(tuple(_lookalike(row, scope) for row in rows))


def read_pairs(connection: Connection, scope: Scope, limit: int, after: str | None) -> PairPage:
    """A page of undecided pairs. Raises ``malformed`` for a cursor that was not given out."""
    newer, older = APPEAL.alias("newer"), APPEAL.alias("older")
    query = (
        select(_PAIR.n, newer.c.pk, older.c.pk)
        .join_from(LIKENESS_PAIR, newer, newer.c.pk == _PAIR.newer)
        .join(older, older.c.pk == _PAIR.older)
        .where(
            _PAIR.state == PROPOSED,
            or_(newer.c.is_open == 1, older.c.is_open == 1),
            scope.where(newer.c.block, newer.c.authority, newer.c.restricted),
            scope.where(older.c.block, older.c.authority, older.c.restricted),
        )
        .order_by(_PAIR.n.desc())
        .limit(limit)
    )
    if after is not None:
        if not (after.isascii() and after.isdigit() and len(after) <= _CURSOR_DIGITS):
            raise Refused("malformed", reason="after: not a cursor of this list")
        query = query.where(_PAIR.n < int(after))
    found = connection.execute(query).all()
    told = {row.n: row for row in _pairs(connection, [row[0] for row in found])}
    shown = _rows(connection, scope, {pk for _, *both in found for pk in both})
    items = tuple(_pair(told[n], shown[one], shown[other], scope) for n, one, other in found)
    return PairPage(items, str(found[-1][0]) if len(found) == limit else None)


def read_incidents(
    connection: Connection, scope: Scope, rulebook: Rulebook, state: str | None
) -> IncidentPage:
    """Incidents in one state, or those that ask for something. Raises ``invalid_value`` for another state."""
    if state is not None and state not in STATES:
        raise Refused("invalid_value", field="state", value=state[:40])
    wanted = (PROPOSED, LED) if state is None else (state,)
    rows = connection.execute(
        select(MASS_INCIDENT)
        .where(MASS_INCIDENT.c.state.in_(wanted))
        .order_by(MASS_INCIDENT.c.found_at.desc(), MASS_INCIDENT.c.id.desc())
        .limit(_INCIDENTS)
    ).all()
    summaries = (_summary(connection, scope, rulebook, row) for row in rows)
    return IncidentPage(tuple(summary for summary in summaries if summary is not None))


def read_incident(connection: Connection, scope: Scope, rulebook: Rulebook, id: str) -> Incident:
    """One incident. Raises ``not_found`` for what is not there and what may not be seen alike."""
    row = connection.execute(select(MASS_INCIDENT).where(MASS_INCIDENT.c.id == id)).one_or_none()
    summary = None if row is None else _summary(connection, scope, rulebook, row)
    if row is None or summary is None:
        raise Refused("not_found")
    columns = row_columns(scope.personal_data)
    candidates: tuple[AppealRow, ...] = ()
    if row.state in (PROPOSED, LED):
        found = select(*columns).where(_may_join(row), scope.where()).order_by(APPEAL.c.pk).limit(_SHOWN)
        candidates = tuple(AppealRow(*one) for one in connection.execute(found))
    return Incident(summary, candidates, _members(connection, scope, rulebook, row, columns))


def _summary(
    connection: Connection, scope: Scope, rulebook: Rulebook, row: Row[Any]
) -> IncidentSummary | None:
    """None for an incident that is none of the reader's: neither its head nor its whole topic is theirs."""
    block = rulebook.block_of_topic(row.topic) if row.topic in rulebook.topics else None
    heads = _rows(connection, scope, {row.head})
    all_of_it = row.topic is not None and scope.covers(Place(block, None, rulebook.is_restricted(row.topic)))
    if not all_of_it and (row.state not in (LED, OVER) or not heads):
        return None
    joined = select(func.count()).where(_belongs(row), scope.where())
    waiting = select(func.count()).where(_may_join(row), scope.where())
    return IncidentSummary(
        id=row.id,
        state=row.state,
        topic=row.topic,
        block=block,
        municipality=row.municipality,
        count=connection.execute(waiting).scalar_one() if row.state in (PROPOSED, LED, DISMISSED) else 0,
        members=connection.execute(joined).scalar_one(),
        usual=row.usual if all_of_it else 0.0,
        since=_moment(row.since),
        found_at=_moment(row.found_at),
        head=heads.get(row.head),
    )


def _members(
    connection: Connection,
    scope: Scope,
    rulebook: Rulebook,
    row: Row[Any],
    columns: Sequence[ColumnElement[Any]],
) -> tuple[Member, ...]:
    found = connection.execute(
        select(*columns, APPEAL.c.doc, APPEAL.c.applicant)
        .where(_belongs(row), scope.where())
        .order_by(APPEAL.c.pk)
        .limit(_SHOWN)
    ).all()
    if not found:
        return ()
    head = connection.execute(
        select(APPEAL.c.doc, APPEAL.c.applicant).where(APPEAL.c.pk == row.head)
    ).one_or_none()
    leader = None if head is None else decode_appeal(unpack(bytes(head.doc)), bytes(head.applicant))
    members = []
    for one in found:
        member = decode_appeal(unpack(bytes(one[_WIDTH])), bytes(one[_WIDTH + 1]))
        verdict = Verdict.WAITING if leader is None else verdict_on(leader, member, rulebook)
        members.append(Member(AppealRow(*one[:_WIDTH]), verdict.value))
    return tuple(members)


def _belongs(row: Row[Any]) -> ColumnElement[bool]:
    head = APPEAL.alias("head")
    number = select(head.c.number).where(head.c.pk == row.head)
    return APPEAL.c.mass_incident == number.scalar_subquery()


def _may_join(row: Row[Any]) -> ColumnElement[bool]:
    """Open appeals of the topic and place since the window began, of no incident yet; never the head."""
    return and_(
        APPEAL.c.topic == row.topic,
        APPEAL.c.municipality == row.municipality,
        APPEAL.c.registered_at >= row.since,
        APPEAL.c.is_open == 1,
        APPEAL.c.mass_incident.is_(None),
        *([APPEAL.c.pk != row.head] if row.state == LED else []),
    )


def _rows(connection: Connection, scope: Scope, pks: set[int]) -> dict[int, AppealRow]:
    """The visible ones of these appeals, by their keys."""
    if not pks:
        return {}
    query: Select[Any] = select(APPEAL.c.pk, *row_columns(scope.personal_data)).where(
        APPEAL.c.pk.in_(sorted(pks)), scope.where()
    )
    return {row[0]: AppealRow(*row[1:]) for row in connection.execute(query)}


def _pairs(connection: Connection, numbers: Sequence[int]) -> Sequence[Row[*tuple[Any, ...]]]:
    query: Select[Any] = select(*_OF_PAIR).where(_PAIR.n.in_(numbers))
    return connection.execute(query).all() if numbers else ()


def _lookalike(row: Row[*tuple[Any, ...]], scope: Scope) -> Lookalike:
    return Lookalike(AppealRow(*row[:_WIDTH]), *_judged(row, scope))


def _pair(row: Row[*tuple[Any, ...]], newer: AppealRow, older: AppealRow, scope: Scope) -> Pair:
    return Pair(newer, older, *_judged(row, scope))


def _judged(row: Row[*tuple[Any, ...]], scope: Scope) -> tuple[float, bool, str, bool | None, str]:
    same = None if row.same_author is None or not scope.personal_data else bool(row.same_author)
    return row.likeness, row.likeness >= 1, row.kind, same, _moment(row.found_at)


def _moment(seconds: int) -> str:
    return stamp(datetime.fromtimestamp(seconds, UTC))
