"""Attachments by the hash of their content."""

import re
from typing import Annotated

from fastapi import APIRouter, Header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cur_tui.contract import API_PREFIX, MAX_ATTACHMENT
from cur_tui.contract.attachments import ALLOWED_TYPES
from cur_tui.contract.wire import BlobState
from regional_api.attachments.blobs import read_blob, store_blob
from regional_api.attachments.uploads import parse_piece, take_piece
from regional_api.http.answers import json_answer
from regional_api.http.body import read_bytes
from regional_api.http.callers import CallerDep, CentreDep
from regional_api.http.openapi import describe

router = APIRouter(prefix=f"{API_PREFIX}/blobs", tags=["attachments"])

_FROM = re.compile(r"bytes=(\d{1,10})-")


@router.put(
    "/{sha256}",
    summary="Upload a file, or a piece of it, under the SHA-256 of its bytes",
    **describe(
        raw_body=True,
        answer=BlobState,
        problems=("not_permitted", "hash_mismatch", "type_not_allowed", "file_empty"),
    ),
)
async def put_blob(
    sha256: str,
    request: Request,
    centre: CentreDep,
    caller: CallerDep,
    content_range: Annotated[str | None, Header()] = None,
) -> Response:
    """Idempotent. The answer names the size and the type that the bytes have: what `attach` must say.

    With `Content-Range: bytes START-END/TOTAL` the body is that piece of the file, and the answer says how
    much the server has `received` as long as something is missing. A piece that begins elsewhere changes
    nothing.
    `Content-Range: bytes */TOTAL` with an empty body only asks.
    """
    data = await read_bytes(request, MAX_ATTACHMENT)
    if content_range is not None:
        piece = parse_piece(content_range)
        return json_answer(await run_in_threadpool(take_piece, centre, caller, sha256, piece, data))
    media_type = await run_in_threadpool(store_blob, centre, caller, sha256, data)
    return json_answer(BlobState(sha256, len(data), media_type=media_type))


@router.get(
    "/{sha256}",
    summary="A file that belongs to an appeal in scope",
    **describe(binary=sorted(ALLOWED_TYPES), in_parts=True, problems=("not_found", "not_permitted")),
)
def get_blob(
    sha256: str, centre: CentreDep, caller: CallerDep, range: Annotated[str | None, Header()] = None
) -> Response:
    """The bytes, always to be saved and never to be opened by the reader's program.

    `Range: bytes=START-` gives them from there on (206); a range of any other form is not heeded.
    """
    data, media_type = read_blob(centre, caller, sha256)
    headers = {
        "Content-Disposition": f'attachment; filename="{sha256}.bin"',
        "Cache-Control": "no-store",  # it may show who wrote, and rights to see that end
        "ETag": f'"{sha256}"',
        "Accept-Ranges": "bytes",
    }
    wanted = _FROM.fullmatch(range or "")
    start = int(wanted[1]) if wanted else 0
    if not 0 < start < len(data):
        return Response(data, media_type=media_type, headers=headers)
    headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
    return Response(data[start:], 206, media_type=media_type, headers=headers)
