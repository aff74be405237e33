"""Imports from the workstation: the file, the job, and the rows that could not be taken."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from cur_tui.contract import API_PREFIX
from cur_tui.contract.importing import (
    MAX_IMPORT,
    MAX_PIECE,
    ImportFile,
    ImportJob,
    ImportJobs,
    ImportOptions,
    QuarantineAct,
    QuarantineOutcome,
    QuarantinePage,
    QuarantineRow,
)
from cur_tui.domain.refusal import Refused
from regional_api.attachments.uploads import parse_piece
from regional_api.http.answers import json_answer
from regional_api.http.body import json_body, read_bytes
from regional_api.http.callers import CallerDep, CentreDep, ImportsDep, LanguageDep
from regional_api.http.openapi import describe
from regional_api.importing import jobs, quarantine

router = APIRouter(prefix=API_PREFIX, tags=["imports"])

_OF_JOB = ("not_permitted", "import_not_found")


@router.post(
    "/imports",
    summary="Announce a file to be imported",
    **describe(
        body=ImportFile,
        answer=ImportJob,
        problems=("not_permitted", "malformed", "file_empty", "too_large", "key_reused"),
    ),
)
def announce(
    centre: CentreDep,
    caller: CallerDep,
    language: LanguageDep,
    body: Annotated[ImportFile, Depends(json_body(ImportFile))],
) -> Response:
    """The job of the file. The same file of the same person is the same job until it is done, so that one
    which was broken off goes on where it was.
    """
    return json_answer(jobs.begin(centre, caller, body, language))


@router.get(
    "/imports",
    summary="The caller's latest imports",
    **describe(answer=ImportJobs, problems=("not_permitted",)),
)
def latest(centre: CentreDep, caller: CallerDep, language: LanguageDep) -> Response:
    """Newest first, without their reports."""
    return json_answer(jobs.latest(centre, caller, language))


@router.get("/imports/{id}", summary="Where an import stands", **describe(answer=ImportJob, problems=_OF_JOB))
def look(id: str, centre: CentreDep, caller: CallerDep, language: LanguageDep) -> Response:
    """To be asked again and again while it is `queued` or `running`."""
    return json_answer(jobs.look(centre, caller, id, language))


@router.put(
    "/imports/{id}/file",
    summary="Send a piece of the file",
    **describe(raw_body=True, answer=ImportJob, problems=(*_OF_JOB, "malformed")),
)
async def put_piece(
    id: str,
    request: Request,
    centre: CentreDep,
    caller: CallerDep,
    language: LanguageDep,
    content_range: Annotated[str | None, Header()] = None,
) -> Response:
    """`Content-Range: bytes START-END/TOTAL` says which. A piece that begins elsewhere than where the server
    stands changes nothing; the answer says where that is (`received`).
    """
    data = await read_bytes(request, MAX_PIECE)
    piece = parse_piece(content_range or "", MAX_IMPORT)
    return json_answer(await run_in_threadpool(jobs.take_piece, centre, caller, id, piece, data, language))


@router.post(
    "/imports/{id}/run",
    summary="Look at the file, or import it",
    **describe(
        body=ImportOptions,
        answer=ImportJob,
        problems=(*_OF_JOB, "malformed", "invalid_value", "import_incomplete"),
    ),
)
def run(
    id: str,
    centre: CentreDep,
    caller: CallerDep,
    language: LanguageDep,
    imports: ImportsDep,
    body: Annotated[ImportOptions, Depends(json_body(ImportOptions))],
) -> Response:
    """Returns at once; what is under way or done stays as it is. After a dry run the file may be imported."""
    job = jobs.run(centre, caller, id, body, language)
    imports.look()
    return json_answer(job)


@router.delete(
    "/imports/{id}",
    summary="Stop an import, or drop its file",
    **describe(answer=ImportJob, problems=_OF_JOB),
)
def cancel(id: str, centre: CentreDep, caller: CallerDep, language: LanguageDep) -> Response:
    """What runs ends between two transactions, and what was stored stays. What stands still is dropped."""
    return json_answer(jobs.cancel(centre, caller, id, language))


@router.get(
    "/imports/{id}/quarantine",
    summary="The open rows of an import, as a file to be mended",
    **describe(binary="text/csv", problems=_OF_JOB),
)
def rows_of_import(id: str, centre: CentreDep, caller: CallerDep) -> Response:
    """CSV with the columns of the source. Mended in a spreadsheet it is imported like the first file."""
    rows = quarantine.written_rows(centre, caller, id)
    return StreamingResponse(
        rows,
        media_type="text/csv",
        headers={
            "Content-Disposition": 'attachment; filename="quarantine.csv"',
            "Cache-Control": "no-store",
        },
    )


@router.get(
    "/quarantine",
    summary="Rows that no import could take",
    **describe(answer=QuarantinePage, problems=("not_permitted", "malformed", "invalid_value")),
)
def rows(
    centre: CentreDep,
    caller: CallerDep,
    language: LanguageDep,
    state: Annotated[str, Query(max_length=20, description="open, mended or set_aside")] = "open",
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Response:
    """Each with its reason, the column to blame and what to do; `next` asks for what follows."""
    return json_answer(quarantine.read_rows(centre, caller, state, after, limit, language))


@router.get(
    "/quarantine/{n}",
    summary="One of them with its cells",
    **describe(answer=QuarantineRow, problems=("not_permitted", "import_not_found")),
)
def row(n: str, centre: CentreDep, caller: CallerDep, language: LanguageDep) -> Response:
    """The cells stand under the names of their columns."""
    return json_answer(quarantine.read_row(centre, caller, _number(n), language))


@router.post(
    "/quarantine/{n}",
    summary="Mend a row and import it, or set it aside",
    **describe(
        body=QuarantineAct,
        answer=QuarantineOutcome,
        problems=(
            *("not_permitted", "import_not_found", "malformed", "row_settled", "empty_field", "too_long"),
            "invalid_value",
        ),
    ),
)
def settle_row(
    n: str,
    centre: CentreDep,
    caller: CallerDep,
    language: LanguageDep,
    body: Annotated[QuarantineAct, Depends(json_body(QuarantineAct))],
) -> Response:
    """A row that is still wrong stays open, with what was mended in it."""
    return json_answer(quarantine.act_on(centre, caller, _number(n), body, language))


def _number(n: str) -> int:
    """The number of a row. Raises ``import_not_found`` for what cannot be one."""
    if not (n.isascii() and n.isdigit() and len(n) <= 15):
        raise Refused("import_not_found")
    return int(n)
