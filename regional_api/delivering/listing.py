"""Where deliveries stand, for those who see their appeals."""

from typing import Any, Final

from sqlalchemy import Row, and_, func, or_, select

from cur_tui.contract.delivering import DeliveryEntry, DeliveryPage
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission
from regional_api.centre import Centre
from regional_api.database.tables import APPEAL
from regional_api.delivering.tables import CONFIRMED, DELIVERY, STATES, WITHDRAWN
from regional_api.identity.callers import Caller

MAX_PAGE: Final = 200
_OVER: Final = (CONFIRMED, WITHDRAWN)


def read_deliveries(
    centre: Centre, caller: Caller | None, state: str | None, limit: int, after: str | None
) -> DeliveryPage:
    """A page, the last changed first; ``state`` None: those that are not over. ``caller`` None: the office,
    which sees the whole region.

    Raises ``not_permitted``, ``invalid_value`` and ``malformed``.
    """
    if caller is not None:
        caller.must(Permission.DELIVER, "deliveries")
    if state is not None and state not in STATES:
        raise Refused("invalid_value", field="state", value=state[:40])
    tables = DELIVERY.join(APPEAL, APPEAL.c.id == DELIVERY.c.appeal)
    scope = and_(True) if caller is None else caller.scope.where()
    wanted = DELIVERY.c.state.not_in(_OVER) if state is None else DELIVERY.c.state == state
    query = (
        select(DELIVERY, APPEAL.c.number)
        .select_from(tables)
        .where(scope, wanted)
        .order_by(DELIVERY.c.changed_at.desc(), DELIVERY.c.id)
        .limit(limit + 1)
    )
    if after is not None:
        at, id = _place(after)
        query = query.where(
            or_(DELIVERY.c.changed_at < at, and_(DELIVERY.c.changed_at == at, DELIVERY.c.id > id))
        )
    counting = (
        select(DELIVERY.c.state, func.count())
        .select_from(tables)
        .where(scope, DELIVERY.c.state.not_in(_OVER))
        .group_by(DELIVERY.c.state)
    )
    with centre.database.reading() as connection:
        rows = connection.execute(query).all()
        counts = {row[0]: row[1] for row in connection.execute(counting)}
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    return DeliveryPage(
        tuple(map(_entry, shown)), None if last is None else f"{last.changed_at}:{last.id}", counts
    )


def _entry(row: Row[Any]) -> DeliveryEntry:
    return DeliveryEntry(
        id=row.id,
        appeal=row.appeal,
        number=row.number,
        answer=row.answer,
        kind=row.kind,
        state=row.state,
        channel=row.channel,
        tries=row.tries,
        next_at=row.next_at,
        reason=row.reason,
        changed_at=row.changed_at,
        exports=row.exports,
        exported_at=row.exported_at,
    )


def _place(after: str) -> tuple[int, str]:
    at, _, id = after.partition(":")
    if not (at.isascii() and at.isdigit() and len(at) <= 12 and id):
        raise Refused("malformed", reason="after: not a place of this list")
    return int(at), id
