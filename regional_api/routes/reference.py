"""The region's profile, and whether the server is alive."""

from fastapi import APIRouter
from sqlalchemy import select
from starlette.responses import Response

from cur_tui.contract import API_PREFIX, API_VERSION, SCHEMA
from regional_api.clock import now, stamp
from regional_api.database.tables import REFERENCE
from regional_api.http.answers import json_answer
from regional_api.http.callers import CallerDep, CentreDep
from regional_api.http.openapi import describe
from regional_api.unit_of_work import horizon

router = APIRouter(prefix=API_PREFIX, tags=["reference"])


@router.get("/profile", summary="The region profile in force", **describe())
def profile(centre: CentreDep, caller: CallerDep) -> Response:
    """The document that both sides decide by."""
    with centre.database.reading() as connection:
        document = connection.execute(
            select(REFERENCE.c.doc).where(REFERENCE.c.kind == "profile", REFERENCE.c.id == centre.shard)
        ).scalar_one()
    return Response(bytes(document), media_type="application/json")


@router.get("/health", summary="Whether the server can read its database", **describe(public=True))
def health(centre: CentreDep) -> Response:
    """Says nothing about anybody's data."""
    with centre.database.reading() as connection:
        horizon(connection, centre.shard)
    return json_answer(
        {
            "status": "ok",
            "api": API_VERSION,
            "schema": SCHEMA,
            "region": centre.shard,
            "server_time": stamp(now()),
        }
    )
