"""The application: the routes of contract v1 around one centre."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from cur_tui.contract import API_VERSION
from cur_tui.domain.refusal import Refused
from regional_api.centre import open_centre
from regional_api.database.connections import Database
from regional_api.delivering.worker import DeliveryWorker
from regional_api.escalating.rounds import keep_escalating
from regional_api.figures.statistics import Counted
from regional_api.figures.warming import keep_warm
from regional_api.http import openapi
from regional_api.http.apart import Apart
from regional_api.http.callers import get_centre, get_counted, get_imports, get_settings
from regional_api.http.direct import THREADS, Direct
from regional_api.http.guard import Guard
from regional_api.http.strict import bad_parameter, refuse_unknown_parameters
from regional_api.importing.runner import LOOK_SECONDS, Runner
from regional_api.problems import problem_response
from regional_api.process.upkeep import keep_tidy
from regional_api.profiles.keeper import keep_editions
from regional_api.related.keeper import keep_related
from regional_api.reporting.rounds import keep_reporting
from regional_api.routes import (
    appeals,
    blobs,
    commands,
    deliveries,
    feed,
    identity,
    imports,
    journal,
    oversight,
    ranking,
    reference,
    related,
    sso,
    statistics,
)
from regional_api.routes import open311 as open311_routes
from regional_api.settings import Settings

_DESCRIPTION = """
The regional API of a regional management centre, contract v1. Bodies are strict JSON; streams are NDJSON.
Every refusal is an RFC 9457 problem with a stable `code` and its sentence in Russian and English.
"""
_AREAS = (
    identity,
    sso,
    feed,
    commands,
    appeals,
    statistics,
    oversight,
    ranking,
    journal,
    blobs,
    reference,
    imports,
    related,
    deliveries,
)


def create_app(settings: Settings) -> FastAPI:
    """The application on the database that ``settings`` name.

    Raises :class:`~regional_api.setup_error.SetupError` when it holds no region of this version.
    """
    database = Database(settings.database)
    centre = open_centre(database)
    password_threads, provider_threads = Apart("passwords", 4), Apart("provider", 4)
    threads = ThreadPoolExecutor(THREADS, "request")
    runner = Runner(centre)
    standing = [keep_editions(centre), keep_warm(centre), keep_related(centre), keep_tidy(centre)]
    if settings.escalate_every is not None:
        standing.append(keep_escalating(centre, settings.escalate_every))
    if settings.report_every is not None:
        standing.append(keep_reporting(centre, settings.report_every))

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        looker = asyncio.create_task(_look_for_imports(runner))
        courier = DeliveryWorker(centre)
        courier.start()
        for work in standing:
            work.start()
        yield
        await asyncio.gather(*(work.stop() for work in standing))
        await run_in_threadpool(courier.stop)
        looker.cancel()
        runner.close()
        password_threads.close()
        provider_threads.close()
        database.bell.stop()
        threads.shutdown(wait=True, cancel_futures=True)
        database.close()

    app = FastAPI(
        title="Regional API",
        version=f"{API_VERSION}.0",
        description=_DESCRIPTION,
        lifespan=lifespan,
        dependencies=[Depends(refuse_unknown_parameters)],
        docs_url=None,
        redoc_url=None,
    )
    app.state.centre = centre
    app.state.settings = settings
    app.state.counted = Counted()
    app.state.imports = runner
    app.state.password_threads, app.state.provider_threads = password_threads, provider_threads
    for area in _AREAS:
        app.include_router(area.router)
    app.include_router(open311_routes.router)
    app.add_exception_handler(RequestValidationError, _bad_parameter)
    app.add_exception_handler(HTTPException, _no_such_address)
    app.add_middleware(
        Direct,
        routes=[route for area in _AREAS for route in area.router.routes],
        centre=centre,
        shared={
            get_centre: centre,
            get_settings: settings,
            get_counted: app.state.counted,
            get_imports: runner,
        },
        threads=threads,
    )
    app.add_middleware(Guard)
    openapi.install(app)
    return app


async def _look_for_imports(runner: Runner) -> None:
    """Begin with what an earlier process has left, and take over what another one leaves."""
    while True:
        runner.look()
        await asyncio.sleep(LOOK_SECONDS)


async def _bad_parameter(request: Request, error: Exception) -> Response:
    refused = bad_parameter(error.errors() if isinstance(error, RequestValidationError) else ())
    return problem_response(refused, request.headers.get("accept-language"))


async def _no_such_address(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    refused = Refused("method_not_allowed" if status == 405 else "unknown_path")
    return problem_response(refused, request.headers.get("accept-language"))
