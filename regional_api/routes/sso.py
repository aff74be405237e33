"""Signing in through the region's identity provider, with a code that is shown on the workstation."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from cur_tui.contract import API_PREFIX
from cur_tui.contract.wire import SsoPoll, SsoPolled, SsoStart, SsoStarted
from regional_api.http.answers import json_answer
from regional_api.http.body import json_body
from regional_api.http.callers import CentreDep, ProviderThreadsDep, peer_of
from regional_api.http.openapi import describe
from regional_api.identity.oidc import flow

router = APIRouter(prefix=API_PREFIX, tags=["identity"])


@router.post(
    "/sso/start",
    summary="Begin a sign-in at the identity provider (RFC 8628)",
    **describe(
        body=SsoStart,
        answer=SsoStarted,
        problems=("malformed", "too_many_attempts", "sso_off", "sso_unavailable"),
        public=True,
    ),
)
async def start(
    request: Request,
    centre: CentreDep,
    threads: ProviderThreadsDep,
    body: Annotated[SsoStart, Depends(json_body(SsoStart))],
) -> Response:
    """A code to show, and where the person takes it."""
    return json_answer(await threads.do(partial(flow.start, centre, body, peer_of(request))))


@router.post(
    "/sso/poll",
    summary="Ask whether the person has agreed at the identity provider",
    **describe(
        body=SsoPoll,
        answer=SsoPolled,
        problems=("malformed", "sso_expired", "sso_denied", "sso_no_account", "sso_off", "sso_unavailable"),
        public=True,
    ),
)
async def poll(
    request: Request,
    centre: CentreDep,
    threads: ProviderThreadsDep,
    body: Annotated[SsoPoll, Depends(json_body(SsoPoll))],
) -> Response:
    """A session, or nothing yet."""
    return json_answer(await threads.do(partial(flow.poll, centre, body, peer_of(request))))
