"""What flows up: commands, and the request for the next appeal."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from cur_tui.contract import API_PREFIX
from cur_tui.contract.wire import BatchResult, CommandBatch, NextRequest, NextResult
from regional_api.appeals.commands import apply_batch
from regional_api.appeals.next import claim_next
from regional_api.http.answers import json_answer
from regional_api.http.body import json_body
from regional_api.http.callers import CallerDep, CentreDep, LanguageDep
from regional_api.http.openapi import describe

router = APIRouter(prefix=API_PREFIX, tags=["commands"])


@router.post(
    "/commands",
    summary="Settle commands of one device, in their order, in one transaction",
    **describe(
        body=CommandBatch,
        answer=BatchResult,
        problems=("malformed", "order", "key_reused", "batch_too_large"),
    ),
)
def commands(
    centre: CentreDep,
    caller: CallerDep,
    language: LanguageDep,
    body: Annotated[CommandBatch, Depends(json_body(CommandBatch))],
) -> Response:
    """A result for each command: `applied`, `duplicate` (settled before) or `rejected`, with the record."""
    return json_answer(apply_batch(centre, caller, body, language))


@router.post(
    "/next",
    summary="Claim the most urgent appeal that nobody holds",
    **describe(
        body=NextRequest,
        answer=NextResult,
        problems=("malformed", "not_permitted", "invalid_value", "key_reused"),
    ),
)
def next_appeal(
    centre: CentreDep, caller: CallerDep, body: Annotated[NextRequest, Depends(json_body(NextRequest))]
) -> Response:
    """The appeal that is now the caller's, or null when nothing waits. The same id gives the same appeal."""
    return json_answer(claim_next(centre, caller, body))
