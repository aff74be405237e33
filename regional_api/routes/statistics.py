"""Numbers for those who supervise."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from cur_tui.contract import API_PREFIX
from cur_tui.contract.wire import Statistics
from cur_tui.domain.figures.sums import FIELDS
from regional_api.clock import now
from regional_api.figures.dimensions import DIMENSIONS
from regional_api.figures.statistics import StatisticsRequest, read_statistics
from regional_api.http.answers import json_answer
from regional_api.http.callers import CallerDep, CentreDep, CountedDep
from regional_api.http.openapi import describe

router = APIRouter(prefix=API_PREFIX, tags=["statistics"])
_NAMES = ", ".join(DIMENSIONS)
_SUMS = ", ".join(FIELDS)


@router.get(
    "/statistics",
    summary="A table of numbers over appeals by any two dimensions",
    **describe(
        answer=Statistics, problems=("malformed", "invalid_value", "table_too_large", "not_permitted")
    ),
)
def statistics(
    centre: CentreDep,
    caller: CallerDep,
    counted: CountedDep,
    rows: Annotated[str, Query(max_length=40, description=f"one of: {_NAMES}")],
    columns: Annotated[str | None, Query(max_length=40, description="another one, or none")] = None,
    query: Annotated[str, Query(max_length=2_000, description="which appeals: the language of lists")] = "",
    sums: Annotated[
        str, Query(max_length=200, description=f"which sums, by commas: {_SUMS}; empty: all")
    ] = "",
) -> Response:
    """Exact at this moment, within the caller's scope. Needs `supervise`. Sums not asked for are 0."""
    wanted = frozenset(name.strip() for name in sums.split(",")) if sums else frozenset(FIELDS)
    request = StatisticsRequest(rows, columns, query, wanted)
    table = read_statistics(centre, counted, caller, request, now())
    return json_answer(table, headers={"Cache-Control": "private, no-cache"})
