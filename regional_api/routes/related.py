"""What belongs together: probable duplicates and mass incidents. Linking and leading are commands."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from cur_tui.contract import API_PREFIX
from cur_tui.contract.related import Incident, IncidentDismissal, IncidentPage, Lookalikes, PairPage
from cur_tui.domain.refusal import Refused
from regional_api.appeals.visible import read_visible
from regional_api.database.identifiers import is_identifier
from regional_api.http.answers import json_answer
from regional_api.http.body import json_body
from regional_api.http.callers import CallerDep, CentreDep
from regional_api.http.openapi import describe
from regional_api.related.dismissing import dismiss
from regional_api.related.reading import (
    MAX_PAIRS,
    read_incident,
    read_incidents,
    read_lookalikes,
    read_pairs,
)

router = APIRouter(prefix=API_PREFIX, tags=["related"])
_FRESH = {"Cache-Control": "private, no-cache"}


@router.get(
    "/appeals/{id}/lookalikes",
    summary="Appeals that probably say the same",
    **describe(answer=Lookalikes, problems=("not_found",)),
)
def lookalikes(id: str, centre: CentreDep, caller: CallerDep) -> Response:
    """Those that nobody has decided about. `link` joins two of them, `keep_apart` has them forgotten."""
    with centre.database.reading() as connection:
        if not is_identifier(id) or read_visible(connection, caller.scope, id) is None:
            raise Refused("not_found")
        found = read_lookalikes(connection, caller.scope, id)
    return json_answer(found, headers=_FRESH)


@router.get(
    "/lookalikes",
    summary="A page of pairs that probably say the same",
    **describe(answer=PairPage, problems=("malformed",)),
)
def pairs(
    centre: CentreDep,
    caller: CallerDep,
    limit: Annotated[int, Query(ge=1, le=MAX_PAIRS, description="pairs in this page")] = 50,
    after: Annotated[str | None, Query(max_length=40, description="`next` of the page before")] = None,
) -> Response:
    """Pairs that nobody has decided about and of which one is open at least, the last found first."""
    with centre.database.reading() as connection:
        page = read_pairs(connection, caller.scope, limit, after)
    return json_answer(page, headers=_FRESH)


@router.get(
    "/incidents",
    summary="Mass incidents: proposed and led",
    **describe(answer=IncidentPage, problems=("malformed", "invalid_value")),
)
def incidents(
    centre: CentreDep,
    caller: CallerDep,
    state: Annotated[
        str | None, Query(max_length=40, description="proposed, led, dismissed or over; none: the first two")
    ] = None,
) -> Response:
    """A proposal is shown to those whose is its whole topic, an incident also to those who see its head."""
    with centre.database.reading() as connection:
        page = read_incidents(connection, caller.scope, centre.rulebook, state)
    return json_answer(page, headers=_FRESH)


@router.get(
    "/incidents/{id}",
    summary="One mass incident with its members and who might join",
    **describe(answer=Incident, problems=("not_found",)),
)
def incident(id: str, centre: CentreDep, caller: CallerDep) -> Response:
    """Members with what each gets of the head's answer; up to 200 of each."""
    if not is_identifier(id):
        raise Refused("not_found")
    with centre.database.reading() as connection:
        found = read_incident(connection, caller.scope, centre.rulebook, id)
    return json_answer(found, headers=_FRESH)


@router.post(
    "/incidents/{id}/dismissal",
    summary="A proposal is no mass incident",
    **describe(
        body=IncidentDismissal,
        status=204,
        problems=("not_found", "not_permitted", "malformed", "empty_field", "too_long"),
    ),
)
def dismissal(
    id: str,
    centre: CentreDep,
    caller: CallerDep,
    body: Annotated[IncidentDismissal, Depends(json_body(IncidentDismissal))],
) -> Response:
    """Needs `triage`. The journal keeps who and why; a repeat changes nothing. What comes in later may be
    proposed anew.
    """
    dismiss(centre, caller, id, body.reason)
    return Response(status_code=204)
