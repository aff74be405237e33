"""The ranking, and the cuts that those who supervise keep for one another."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from cur_tui.contract import API_PREFIX
from cur_tui.domain.figures.cuts import SavedCut
from cur_tui.domain.figures.ranking import RankingTable
from cur_tui.domain.refusal import Refused
from regional_api.clock import now
from regional_api.figures.cuts import remove_cut, save_cut
from regional_api.figures.ranking import RankingRequest, read_ranking
from regional_api.http.answers import json_answer
from regional_api.http.body import json_body
from regional_api.http.callers import CallerDep, CentreDep, CountedDep
from regional_api.http.openapi import describe

router = APIRouter(prefix=API_PREFIX, tags=["statistics"])


@router.get(
    "/ranking",
    summary="Authorities or municipalities by speed, quality and completeness of what they did",
    **describe(
        answer=RankingTable, problems=("malformed", "invalid_value", "table_too_large", "not_permitted")
    ),
)
def ranking(
    centre: CentreDep,
    caller: CallerDep,
    counted: CountedDep,
    by: Annotated[Literal["authority", "municipality"], Query(description="whom to rank")] = "authority",
    period: Annotated[
        str,
        Query(max_length=40, description="`month`, `last:cur_week`, `2026-Q3`, `2026-11-01..2026-11-15` …"),
    ] = "month",
    query: Annotated[str, Query(max_length=2_000, description="among which appeals")] = "",
    compare: Annotated[int, Query(ge=0, le=1, description="1: with the period before")] = 1,
) -> Response:
    """Exact at this moment, within the caller's scope. Needs `supervise`."""
    request = RankingRequest(by, period, query, bool(compare))
    table = read_ranking(centre, counted, caller, request, now())
    return json_answer(table, headers={"Cache-Control": "private, no-cache"})


@router.put(
    "/cuts/{id}",
    summary="Keep a cut for everybody",
    **describe(
        body=SavedCut,
        answer=SavedCut,
        problems=("invalid_value", "empty_field", "too_long", "not_permitted"),
    ),
)
def put_cut(
    id: str, centre: CentreDep, caller: CallerDep, body: Annotated[SavedCut, Depends(json_body(SavedCut))]
) -> Response:
    """Idempotent. It comes to everybody as reference data `cut`; only its owner may change it.

    `owner` and `removed` are the server's: what the body says of them is not heeded.
    """
    if body.id != id:
        raise Refused("invalid_value", field="id", value=body.id[:80])
    return json_answer(save_cut(centre, caller, body))


@router.delete(
    "/cuts/{id}",
    summary="Take a cut away from everybody",
    **describe(status=204, problems=("not_found", "not_permitted")),
)
def delete_cut(id: str, centre: CentreDep, caller: CallerDep) -> Response:
    """Its owner may, and whoever manages the accounts."""
    remove_cut(centre, caller, id)
    return Response(status_code=204)
