"""``next``: claim the most urgent appeal that nobody holds, in one step.

Fifty operators who ask at once get fifty different appeals: on SQLite they take turns, on PostgreSQL each
skips the rows that another is claiming at this moment.
"""

from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, insert, or_, select

from cur_tui.contract.wire import NextRequest, NextResult, Put
from cur_tui.domain.commands import ClaimAppeal, Command
from cur_tui.domain.query.query import Flag, FlagTerm, Query
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission
from cur_tui.domain.vocabulary import State
from regional_api.appeals.commands import ERASED, apply_command, fingerprint, lock_device, settle_rows
from regional_api.appeals.visible import read_visible
from regional_api.centre import Centre
from regional_api.clock import seconds, stamp
from regional_api.database import indexes
from regional_api.database.connections import follow
from regional_api.database.identifiers import is_device, is_identifier
from regional_api.database.store import load
from regional_api.database.tables import APPEAL, SETTLED
from regional_api.identity.callers import Caller
from regional_api.lists.query_sql import Conditions, asks_for_state, read_query
from regional_api.lists.words import WordCondition
from regional_api.unit_of_work import UnitOfWork, unit_of_work

_WORK_OF: dict[Permission, tuple[State, ...]] = {
    Permission.TRIAGE: (State.DISTRIBUTION,),
    Permission.ANSWER: (State.ASSIGNED, State.IN_PROGRESS, State.REVISION_REQUIRED),
    Permission.APPROVE: (State.IN_REVIEW,),
}
"""What waits for somebody with a right, unless the query names the states itself."""


def claim_next(centre: Centre, caller: Caller, request: NextRequest) -> NextResult:
    """Claim for the caller; the same ``id`` gives the same appeal again.

    Raises :class:`Refused`: ``not_permitted``, ``malformed``, ``invalid_value`` (query) or ``key_reused``.
    """
    caller.must(Permission.CLAIM, "next")
    if not is_identifier(request.id) or not is_device(request.device):
        raise Refused("malformed", reason="id or device")
    query = read_query(request.query, centre.vocabulary)
    mark = fingerprint("next", "", 0, {"query": request.query})
    with unit_of_work(centre.database, centre.rulebook) as work:
        lock_device(work.connection, caller.actor.account, request.device)
        known = work.connection.execute(select(SETTLED).where(SETTLED.c.id == request.id)).one_or_none()
        if known is not None:
            if known.account != caller.actor.account or known.fingerprint not in (mark, ERASED):
                raise Refused("key_reused", command=request.id)
            found: str | None = known.appeal
        else:
            found = _claim(work, caller, query, request.id, mark)
    return NextResult(_record(centre, caller, found), stamp(work.now), caller.scope.keys)


def _claim(work: UnitOfWork, caller: Caller, query: Query, id: str, mark: str) -> str | None:
    appeal = _most_urgent(work, caller, query)
    if appeal is None:
        return None
    stored = load(work.connection, [appeal], lock=True)[appeal]
    command = Command(id, appeal, ClaimAppeal(), stored.appeal.version, work.now)
    after = apply_command(work, caller, stored, command).appeal
    row = (id, mark, appeal, "applied", after.version, None)
    work.connection.execute(insert(SETTLED), settle_rows(caller.actor.account, work.now, [row]))
    return after.id


def _most_urgent(work: UnitOfWork, caller: Caller, query: Query) -> str | None:
    conditions = _conditions(work, caller, query)
    found = _first(work, caller, conditions, skip_locked=True)
    if found is None and work.connection.dialect.name == "postgresql":
        # Something else may be happening to the last ones at this moment: that is waited for.
        found = _first(work, caller, conditions, skip_locked=False)
    return found


def _first(
    work: UnitOfWork, caller: Caller, conditions: list[ColumnElement[bool]], *, skip_locked: bool
) -> str | None:
    asked = {"asked_at": seconds(work.now), "asked_by": caller.actor.account}
    for dated, index in ((True, indexes.OPEN_DUE), (False, indexes.OPEN_UNDATED)):
        statement = (
            follow(select(APPEAL.c.id), APPEAL, index)
            .where(indexes.HAS_TERM if dated else indexes.OPEN_WITHOUT_TERM, *conditions)
            .order_by(APPEAL.c.control_due_at if dated else APPEAL.c.registered_at, APPEAL.c.pk)
            .limit(1)
            .with_for_update(skip_locked=skip_locked, of=APPEAL)
        )
        appeal = work.connection.execute(statement, asked).scalar_one_or_none()
        if appeal is not None:
            return str(appeal)
    return None


def _conditions(work: UnitOfWork, caller: Caller, query: Query) -> list[ColumnElement[bool]]:
    zone = ZoneInfo(caller.region.time_zone)
    # Only what is open waits for anybody, and the search need not look at anything else.
    terms = (*query.terms, FlagTerm(Flag.OPEN))
    words = WordCondition(work.connection.dialect.name == "sqlite", caller.scope, Query(terms))
    unheld = or_(
        APPEAL.c.claim_holder.is_(None),
        APPEAL.c.claim_until <= seconds(work.now),
    )
    conditions = [
        caller.scope.where(),
        unheld,
        Conditions(work.now.astimezone(zone).date(), zone, words).all_of(terms),
    ]
    if not asks_for_state(query):
        states = [s.value for right, group in _WORK_OF.items() if right in caller.permissions for s in group]
        conditions.append(APPEAL.c.state.in_(states))
    return conditions


def _record(centre: Centre, caller: Caller, appeal: str | None) -> Put | None:
    if appeal is None:
        return None
    with centre.database.reading() as connection:
        put = read_visible(connection, caller.scope, appeal)
    if put is not None:
        centre.mark.raise_to(put.seq)  # shown, as by a cursor behind it
    return put
