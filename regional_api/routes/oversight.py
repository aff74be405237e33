"""The load of blocks and operators, and how applicants rated the answers."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from cur_tui.contract import API_PREFIX
from cur_tui.contract.oversight import (
    SatisfactionAnswer,
    WorkloadAnswer,
    satisfaction_answer,
    workload_answer,
)
from cur_tui.domain.refusal import Refused
from regional_api.clock import now
from regional_api.figures.satisfaction import read_satisfaction
from regional_api.figures.workload import read_workload
from regional_api.http.answers import json_answer
from regional_api.http.callers import CallerDep, CentreDep
from regional_api.http.openapi import describe

router = APIRouter(prefix=API_PREFIX, tags=["statistics"])
_PRIVATE = {"Cache-Control": "private, no-cache"}
Day = Annotated[str, Query(max_length=10, description="a day in region time, as 2026-11-01")]


@router.get(
    "/workload",
    summary="What lies on blocks and operators, the forecast for the week, the people that it needs",
    **describe(answer=WorkloadAnswer, problems=("malformed", "not_permitted")),
)
def workload(centre: CentreDep, caller: CallerDep) -> Response:
    """Exact at this moment, within the caller's scope. Needs `supervise`."""
    return json_answer(workload_answer(read_workload(centre, caller, now())), headers=_PRIVATE)


@router.get(
    "/satisfaction",
    summary="Ratings of delivered answers by channel",
    **describe(answer=SatisfactionAnswer, problems=("malformed", "invalid_value", "not_permitted")),
)
def satisfaction(centre: CentreDep, caller: CallerDep, first: Day, last: Day) -> Response:
    """Of the answers delivered from `first` to `last`, within the caller's scope. Needs `supervise`."""
    known = read_satisfaction(centre, caller, _day("first", first), _day("last", last))
    return json_answer(satisfaction_answer(known, first, last), headers=_PRIVATE)


def _day(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("invalid_value", field=field, value=text) from None
