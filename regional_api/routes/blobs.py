"""Attachments by the hash of their content."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cur_tui.contract import API_PREFIX, MAX_ATTACHMENT
from regional_api.blobs import ALLOWED_TYPES, read_blob, store_blob
from regional_api.http.answers import json_answer
from regional_api.http.body import read_bytes
from regional_api.http.callers import CallerDep, CentreDep
from regional_api.http.openapi import describe

router = APIRouter(prefix=f"{API_PREFIX}/blobs", tags=["attachments"])


@router.put(
    "/{sha256}",
    summary="Upload a file under the SHA-256 of its bytes",
    **describe(raw_body=True, problems=("not_permitted", "hash_mismatch", "type_not_allowed")),
)
async def put_blob(sha256: str, request: Request, centre: CentreDep, caller: CallerDep) -> Response:
    """Idempotent. The answer names the size and the type that the bytes have: what `attach` must say."""
    data = await read_bytes(request, MAX_ATTACHMENT)
    media_type = await run_in_threadpool(store_blob, centre, caller, sha256, data)
    return json_answer({"sha256": sha256, "size": len(data), "media_type": media_type})


@router.get(
    "/{sha256}",
    summary="A file that belongs to an appeal in scope",
    **describe(binary=sorted(ALLOWED_TYPES), problems=("not_found", "not_permitted")),
)
def get_blob(sha256: str, centre: CentreDep, caller: CallerDep) -> Response:
    """The bytes, always to be saved and never to be opened by the reader's program."""
    data, media_type = read_blob(centre, caller, sha256)
    headers = {
        "Content-Disposition": f'attachment; filename="{sha256}.bin"',
        "Cache-Control": "private, max-age=31536000, immutable",
        "ETag": f'"{sha256}"',
    }
    return Response(data, media_type=media_type, headers=headers)
