"""Deliveries: where they stand, the sheet for those who post by hand, and what comes back of them."""

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cur_tui.contract import API_PREFIX
from cur_tui.contract.delivering import MAX_SHEET, DeliveryPage, DeliverySheet, ReceiptReport, SheetRequest
from regional_api.delivering.callback import take_receipt
from regional_api.delivering.exporting import export
from regional_api.delivering.listing import MAX_PAGE, read_deliveries
from regional_api.delivering.receipts import take_receipts
from regional_api.delivering.webhook import MAX_ANSWER, Receipt
from regional_api.http.answers import json_answer
from regional_api.http.body import json_body, read_bytes
from regional_api.http.callers import CallerDep, CentreDep, LanguageDep
from regional_api.http.openapi import describe

router = APIRouter(prefix=f"{API_PREFIX}/deliveries", tags=["deliveries"])


@router.get(
    "",
    summary="Texts on their way, the last changed first",
    **describe(answer=DeliveryPage, problems=("not_permitted", "invalid_value", "malformed")),
)
def deliveries(
    centre: CentreDep,
    caller: CallerDep,
    state: str | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    after: str | None = None,
) -> Response:
    """Those that are not over, or those in one `state`: `waiting`, `in_flight`, `sent`, `confirmed`,
    `failed`, `withdrawn`. `next` is the `after` of the following page.
    """
    return json_answer(read_deliveries(centre, caller, state, limit, after))


@router.post(
    "/sheet",
    summary="What is to be posted by hand",
    **describe(body=SheetRequest, answer=DeliverySheet, problems=("not_permitted", "malformed")),
)
def sheet(
    centre: CentreDep, caller: CallerDep, body: Annotated[SheetRequest, Depends(json_body(SheetRequest))]
) -> Response:
    """Each row says whether an earlier sheet held it; each is a line of the journal. Files are read by their
    hashes from `/v1/blobs`. Asked for again under the `id` of the client, a sheet is the same as far as it
    still waits.
    """
    return json_answer(export(centre, caller, only_new=body.only_new, sheet_id=body.id))


@router.put(
    "/receipts",
    summary="The sheet filled in, or letters that came back",
    **describe(
        raw_body=True,
        answer=ReceiptReport,
        problems=("not_permitted", "file_unreadable", "no_delivery_sheet"),
    ),
)
async def receipts(request: Request, centre: CentreDep, caller: CallerDep, language: LanguageDep) -> Response:
    """A workbook or a table of text, known by its columns; or a letter or a mailbox, of which the delivery
    reports (RFC 3464) are read. Sent again it changes nothing.
    """
    data = await read_bytes(request, MAX_SHEET)

    def take() -> ReceiptReport:
        with tempfile.TemporaryDirectory(prefix="receipts-") as folder:
            path = Path(folder, "sheet")
            path.write_bytes(data)
            return take_receipts(centre, caller, path, language)

    return json_answer(await run_in_threadpool(take))


@router.post(
    "/{id}/receipt",
    summary="A receiver says what became of a text",
    **describe(
        body=Receipt,
        status=204,
        public=True,
        problems=("signature_invalid", "malformed", "not_deliverable", "transition_not_allowed"),
    ),
)
async def receipt(id: str, request: Request, centre: CentreDep) -> Response:
    """Signed like the webhook that brought the text: `webhook-id`, `webhook-timestamp`, `webhook-signature`.
    The body is `{"status": "delivered" | "accepted" | "failed", "external_ref": "…", "reason": "…"}`.
    """
    body = await read_bytes(request, MAX_ANSWER)
    await run_in_threadpool(take_receipt, centre, id, request.headers, body)
    return Response(status_code=204)
