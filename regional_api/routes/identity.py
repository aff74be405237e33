"""Signing in and out, and the handshake of a sync session."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from cur_tui.contract import API_PREFIX, SCHEMA
from cur_tui.contract.wire import Account, Hello, PasswordChange, Refresh, Session, SignIn, Welcome
from cur_tui.domain.refusal import Refused
from regional_api.appeals.commands import last_dseq
from regional_api.clock import now, stamp
from regional_api.database.identifiers import is_device
from regional_api.feed.cursor import write_cursor
from regional_api.http.answers import json_answer
from regional_api.http.body import json_body
from regional_api.http.callers import CallerDep, CentreDep, PasswordThreadsDep, peer_of
from regional_api.http.openapi import describe
from regional_api.identity import account_changes, sessions
from regional_api.unit_of_work import horizon

router = APIRouter(prefix=API_PREFIX, tags=["identity"])


@router.post(
    "/sign-in",
    summary="Sign in with a password",
    **describe(
        body=SignIn,
        answer=Session,
        problems=("malformed", "sign_in_failed", "too_many_attempts"),
        public=True,
    ),
)
async def sign_in(
    request: Request,
    centre: CentreDep,
    threads: PasswordThreadsDep,
    body: Annotated[SignIn, Depends(json_body(SignIn))],
) -> Response:
    """A fresh pair of tokens."""
    return json_answer(await threads.do(partial(sessions.sign_in, centre, body, peer_of(request))))


@router.post(
    "/password",
    summary="Change one's own password; all other sessions end",
    **describe(
        body=PasswordChange,
        status=204,
        problems=("malformed", "password_wrong", "password_length", "too_many_attempts"),
    ),
)
async def change_password(
    request: Request,
    centre: CentreDep,
    threads: PasswordThreadsDep,
    caller: CallerDep,
    body: Annotated[PasswordChange, Depends(json_body(PasswordChange))],
) -> Response:
    """This session goes on."""
    change = partial(account_changes.change_password, centre, caller, body.old, body.new)
    await threads.do(partial(change, peer_of(request)))
    return Response(status_code=204)


@router.post(
    "/refresh",
    summary="Exchange a refresh token; it works once",
    **describe(
        body=Refresh, answer=Session, problems=("malformed", "token_invalid", "access_ended"), public=True
    ),
)
def refresh(centre: CentreDep, body: Annotated[Refresh, Depends(json_body(Refresh))]) -> Response:
    """The next pair of tokens."""
    return json_answer(sessions.refresh(centre, body))


@router.post("/sign-out", summary="End this device's session", **describe(status=204))
def sign_out(centre: CentreDep, caller: CallerDep) -> Response:
    """All tokens of the session end."""
    sessions.sign_out(centre, caller)
    return Response(status_code=204)


@router.get("/me", summary="Who is signed in, and their rights", **describe(answer=Account))
def me(caller: CallerDep) -> Response:
    """The caller's own entry."""
    return json_answer(caller.account)


@router.post(
    "/hello",
    summary="Begin a sync session",
    **describe(body=Hello, answer=Welcome, problems=("malformed", "schema_too_old")),
)
def hello(
    centre: CentreDep, caller: CallerDep, body: Annotated[Hello, Depends(json_body(Hello))]
) -> Response:
    """The epoch, the caller's scope and the cursor to remember *before* a first snapshot."""
    if not is_device(body.device):
        raise Refused("malformed", reason="device: 1 to 64 printable characters")
    if body.schema < SCHEMA:
        raise Refused("schema_too_old", client=str(body.schema), server=str(SCHEMA))
    with centre.database.reading() as connection:
        settled = last_dseq(connection, caller.actor.account, body.device)
        seq = horizon(connection, centre.shard)
    keys = caller.scope.keys
    return json_answer(
        Welcome(
            epoch=centre.epoch,
            region=centre.region.code,
            scopes=keys,
            schema=SCHEMA,
            last_dseq=settled,
            server_time=stamp(now()),
            cursor=write_cursor(centre, keys, seq),
            account=caller.account,
        )
    )
