"""What flows down: the snapshot, the changes, and the poke that there are some."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from cur_tui.contract import API_PREFIX
from cur_tui.contract.wire import CursorLine
from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre
from regional_api.clock import now, stamp
from regional_api.feed.cursor import write_cursor
from regional_api.feed.pages import Page, has_news, lines, open_cursor
from regional_api.feed.snapshot import Part, pages, read_token
from regional_api.http.answers import ndjson_answer
from regional_api.http.callers import CallerDep, CentreDep, SettingsDep
from regional_api.http.openapi import describe
from regional_api.http.waiting import page_with_news
from regional_api.identity import sessions
from regional_api.identity.callers import Caller
from regional_api.unit_of_work import horizon

router = APIRouter(prefix=API_PREFIX, tags=["feed"])

Packed = Annotated[
    list[int] | None,
    Query(max_length=20, description="dictionaries that the caller has: documents may come packed with them"),
]

_EVENTS_ROUNDS = 300
"""A stream of pokes ends after so many rounds; the client comes again with a token that is still good."""


@router.get(
    "/snapshot",
    summary="Everything in scope, a page at a time",
    **describe(stream=True, problems=("malformed", "resync", "scope_changed")),
)
def snapshot(
    request: Request,
    centre: CentreDep,
    caller: CallerDep,
    after: Annotated[str | None, Query(max_length=200, description="`after` of the last checkpoint")] = None,
    limit: Annotated[int, Query(ge=1, le=20_000, description="rows in this page")] = 5_000,
    cursor: Annotated[
        str | None,
        Query(max_length=4_096, description="the cursor from before the first page, to be checked"),
    ] = None,
    scope: Annotated[
        list[str] | None, Query(max_length=100, description="only these keys of the caller's scope")
    ] = None,
    packed: Packed = None,
) -> Response:
    """Reference data on the first page, then open appeals, then the archive, each from the newest.

    The last line of a page is its checkpoint; `end` follows the checkpoint of the last page.
    """
    if cursor is not None:
        with centre.database.reading() as connection:
            open_cursor(connection, centre, caller, cursor)
    if after is not None:
        read_token(after)
    part = Part(caller.scope, tuple(scope or ()), tuple(packed or ()))
    return ndjson_answer(request, pages(centre, part, after, limit))


@router.get(
    "/changes",
    summary="What changed since a cursor",
    **describe(stream=True, problems=("malformed", "resync", "scope_changed")),
)
async def changes(
    request: Request,
    centre: CentreDep,
    caller: CallerDep,
    settings: SettingsDep,
    cursor: Annotated[str, Query(description="from `hello`, or from the last line of the page before")],
    limit: Annotated[int, Query(ge=1, le=10_000, description="lines after which a page ends")] = 2_000,
    wait: Annotated[float, Query(ge=0, le=60, description="seconds to wait for news")] = 0.0,
    packed: Packed = None,
) -> Response:
    """Lines in the order of the feed; the last one brings the next cursor. A page without it was cut off."""
    wait = min(wait, settings.max_wait)
    page = await page_with_news(centre, caller, cursor, limit, wait, settings.look_again)
    return ndjson_answer(request, _with_cursor(centre, page, tuple(packed or ())))


@router.get("/events", summary="A poke whenever something changed", **describe(binary="text/event-stream"))
async def events(centre: CentreDep, caller: CallerDep, settings: SettingsDep) -> Response:
    """Server-sent events that carry a number and never data; the first one comes at once, as a probe."""
    return StreamingResponse(
        _pokes(centre, caller, settings.look_again),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _with_cursor(centre: Centre, page: Page, dictionaries: tuple[int, ...]) -> Iterator[Sequence[object]]:
    yield from lines(centre, page, dictionaries)
    keys = page.scope.keys
    yield [CursorLine(write_cursor(centre, keys, page.upto), page.more, stamp(now()), keys)]


async def _pokes(centre: Centre, caller: Caller, look_again: float) -> AsyncIterator[bytes]:
    shown = None
    for _ in range(_EVENTS_ROUNDS):
        try:
            seq = await run_in_threadpool(_news, centre, caller, shown)
        except Refused:
            return  # whoever has lost the right to listen comes again, and is told so
        # A comment keeps proxies from closing a quiet connection.
        yield b":\n\n" if seq is None else b"data: " + msgspec.json.encode({"seq": seq}) + b"\n\n"
        shown = shown if seq is None else seq
        if centre.database.bell.stopped:
            return
        await centre.database.bell.wait(look_again)


def _news(centre: Centre, caller: Caller, shown: int | None) -> int | None:
    """The number of the last transaction; None when nothing that the caller may see now has changed since
    ``shown``. What happens elsewhere pokes nobody: how busy the others are is not the reader's to know.

    Raises :class:`Refused` when their session has ended.
    """
    scope = sessions.renew(centre, caller).scope
    with centre.database.reading() as connection:
        last = horizon(connection, centre.shard)
        if shown is None or has_news(connection, Page(scope, shown, last, more=False)):
            return last
    return None
