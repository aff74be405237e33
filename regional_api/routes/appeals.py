"""Lists of appeals and single ones, for integrators and for evidence."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from starlette.responses import Response

from cur_tui.contract import API_PREFIX
from cur_tui.contract.wire import AppealPage, Disclosure, Put
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission
from regional_api.appeals.visible import read_visible
from regional_api.centre import Centre
from regional_api.clock import now
from regional_api.database.identifiers import is_identifier
from regional_api.http.answers import json_answer
from regional_api.http.body import json_body
from regional_api.http.callers import CallerDep, CentreDep
from regional_api.http.openapi import describe
from regional_api.identity.callers import Caller
from regional_api.lists.listing import MAX_COUNT, MAX_PAGE, ListRequest, read_page
from regional_api.record.disclosing import disclose, read_original

router = APIRouter(prefix=f"{API_PREFIX}/appeals", tags=["appeals"])


@router.get(
    "",
    summary="A page of a list or of a search",
    **describe(answer=AppealPage, problems=("malformed", "invalid_value")),
)
def appeals(
    centre: CentreDep,
    caller: CallerDep,
    query: Annotated[
        str,
        Query(max_length=2_000, description="the language of the filter line, words of the text included"),
    ] = "",
    sort: Annotated[
        str | None,
        Query(max_length=40, description="due, registered, priority, rating or number; a minus reverses it"),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="rows in this page")] = 50,
    after: Annotated[str | None, Query(max_length=400, description="`next` of the page before")] = None,
    count: Annotated[
        int, Query(ge=0, le=1, description=f"1: tell how long the list is, up to {MAX_COUNT}")
    ] = 0,
) -> Response:
    """Rows as lists show them, without personal data. Open work by term comes first, then the archive, the
    newest first; found by words, the newest first.
    """
    page = read_page(centre, caller, ListRequest(query, sort, limit, after, bool(count)), now())
    return json_answer(page, headers={"Cache-Control": "private, no-cache"})


@router.get(
    "/{id}", summary="One appeal as it now is", **describe(answer=Put, tagged=True, problems=("not_found",))
)
def appeal(
    id: str,
    centre: CentreDep,
    caller: CallerDep,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """A line of the feed, with the version as its ETag."""
    put = _visible(centre, caller, id)
    # The applicant is part of the answer for some readers only, so it is part of the tag too.
    tag = f'"{put.row.version}{"p" if put.applicant is not None else ""}"'
    if if_none_match is not None and tag in (part.strip() for part in if_none_match.split(",")):
        return Response(status_code=304, headers={"ETag": tag})
    return json_answer(put, headers={"ETag": tag, "Cache-Control": "private, no-cache"})


@router.get(
    "/{id}/original",
    summary="The message exactly as it was received",
    **describe(binary="application/octet-stream", problems=("not_found", "not_permitted", "malformed")),
)
def original(id: str, centre: CentreDep, caller: CallerDep) -> Response:
    """Evidence: never altered, and never shown without the right to see who wrote. The journal keeps who read
    it and when.
    """
    put = _visible(centre, caller, id)
    caller.must(Permission.SEE_PERSONAL_DATA, "original")
    row = read_original(centre, caller, id)
    headers = {
        "Content-Disposition": f'attachment; filename="{put.row.number}.bin"',
        "X-Content-SHA256": row.sha256,
        "Cache-Control": "no-store",
    }
    # The declared type stays in the record: whatever it says, nothing should open these bytes by itself.
    return Response(bytes(row.data), media_type="application/octet-stream", headers=headers)


@router.post(
    "/{id}/disclosure",
    summary="The appeal with its personal data, for a reason that the journal keeps",
    **describe(
        body=Disclosure,
        answer=Put,
        problems=("not_found", "not_permitted", "malformed", "empty_field", "too_long"),
    ),
)
def disclosure(
    id: str,
    centre: CentreDep,
    caller: CallerDep,
    body: Annotated[Disclosure, Depends(json_body(Disclosure))],
) -> Response:
    """For roles that see personal data by need (`disclose_personal_data`), and for those that see them
    anyway. Every answer is one line of the journal: who, when, which appeal, why.
    """
    _visible(centre, caller, id)
    put = disclose(centre, caller, id, body.reason)
    return json_answer(put, headers={"Cache-Control": "no-store"})


def _visible(centre: Centre, caller: Caller, id: str) -> Put:
    """The appeal. What is not there and what may not be seen are one answer, given by one statement."""
    if is_identifier(id):
        with centre.database.reading() as connection:
            put = read_visible(connection, caller.scope, id)
        if put is not None:
            return put
    raise Refused("not_found")
