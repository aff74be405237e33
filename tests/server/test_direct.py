"""The short way to an endpoint takes nobody past what FastAPI would have asked."""

from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import pytest
from fastapi import APIRouter, Cookie, Depends, Path
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from regional_api.centre import Centre, open_centre
from regional_api.database.connections import Database
from regional_api.http.direct import Direct

router = APIRouter()


def refuse() -> None:
    """What a route may ask of everybody."""


@router.get("/plain/{id}")
def plain(id: str) -> Response:
    return Response(id)


@router.get("/guarded", dependencies=[Depends(refuse)])
def guarded() -> Response:
    return Response()


@router.get("/number/{n}")
def number(n: int) -> Response:
    return Response(str(n))


@router.get("/short/{id}")
def short(id: Annotated[str, Path(max_length=3)]) -> Response:
    return Response(id)


@router.get("/cookie")
def cookie(name: Annotated[str | None, Cookie()] = None) -> Response:
    return Response(name)


@pytest.fixture
def centre(address: str) -> Centre:
    return open_centre(Database(address))


@pytest.mark.parametrize(
    ("path", "is_direct"),
    [
        ("/plain/a", True),
        ("/guarded", False),
        ("/number/x", False),
        ("/short/long", False),
        ("/cookie", False),
    ],
)
def test_endpoint_that_needs_more_is_left_to_the_framework(
    centre: Centre, path: str, is_direct: bool
) -> None:
    async def framework(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("not asked here")

    with ThreadPoolExecutor(1) as threads:
        direct = Direct(framework, router.routes, centre, {}, threads)
        found, _ = direct._find({"type": "http", "method": "GET", "path": path})
    assert (found is not None) is is_direct
    centre.database.close()
