"""The journal, for those who may read it."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from sqlalchemy import ColumnElement, or_, select
from starlette.responses import Response

from cur_tui.contract import API_PREFIX
from cur_tui.domain.rights import Permission
from regional_api.appeals.intake import IMPORT
from regional_api.database.tables import APPEAL, JOURNAL, JOURNAL_PAYLOAD
from regional_api.http.answers import json_answer
from regional_api.http.callers import CallerDep, CentreDep
from regional_api.http.openapi import describe
from regional_api.identity.callers import Caller
from regional_api.record import journal

_MAX_PAYLOADS = 2**22
"""Bytes of payloads after which a page ends, shorter than asked: a line on an import has up to 100 kB."""

router = APIRouter(prefix=f"{API_PREFIX}/journal", tags=["journal"])


@router.get("", summary="Lines of the journal", **describe(problems=("malformed", "not_permitted")))
def lines(
    centre: CentreDep,
    caller: CallerDep,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Lines after number `after`, except those on appeals that the caller may not see.

    What was typed into an appeal may name its author: without the right to see who wrote it is left out.
    """
    caller.must(Permission.VIEW_JOURNAL, "journal")
    may_read = Permission.SEE_PERSONAL_DATA in caller.permissions
    seen = select(APPEAL.c.id).where(APPEAL.c.id == JOURNAL.c.appeal, caller.scope.where()).exists()
    with centre.database.reading() as connection:
        rows = connection.execute(
            select(JOURNAL, JOURNAL_PAYLOAD.c.data)
            .join_from(JOURNAL, JOURNAL_PAYLOAD, JOURNAL_PAYLOAD.c.n == JOURNAL.c.n, isouter=True)
            .where(JOURNAL.c.n > after, or_(_of_nobody(caller), seen))
            .order_by(JOURNAL.c.n)
            .limit(limit)
        ).all()
    items: list[dict[str, object]] = []
    size = 0
    for row in rows:
        line = dict(row._mapping)
        payload = line.pop("data")
        size += len(payload or b"")
        if items and size > _MAX_PAYLOADS:
            break
        shown = payload is not None and (may_read or row.appeal is None)
        items.append({**line, "payload": msgspec.Raw(bytes(payload)) if shown else None})
    is_more = len(items) < len(rows) or len(rows) == limit
    return json_answer({"items": items, "next": items[-1]["n"] if is_more else None})


@router.get("/verify", summary="Walk the chain", **describe(problems=("not_permitted",)))
def verify(centre: CentreDep, caller: CallerDep) -> Response:
    """Whether every line vouches for the one before it; else the first that does not, and how."""
    caller.must(Permission.VIEW_JOURNAL, "journal")
    verdict = journal.verify(centre.database, centre.shard)
    return json_answer(
        {
            "ok": verdict.ok,
            "entries": verdict.entries,
            "head": verdict.head,
            "bad": verdict.bad,
            "reason": verdict.reason,
        }
    )


def _of_nobody(caller: Caller) -> ColumnElement[bool]:
    """Lines about no appeal in particular. Those on imports count appeals: only for who sees all."""
    whole = caller.scope.everything and caller.scope.restricted
    condition = JOURNAL.c.appeal.is_(None)
    return condition if whole else condition & (JOURNAL.c.type != IMPORT)
