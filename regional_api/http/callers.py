"""Dependencies of the routes: the centre that is served, who asks, and in which language."""

from typing import Annotated

from fastapi import Depends, Header
from starlette.requests import Request

from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre
from regional_api.figures.statistics import Counted
from regional_api.http.apart import Apart
from regional_api.identity import sessions
from regional_api.identity.callers import Caller
from regional_api.importing.runner import Runner
from regional_api.problems import preferred_language
from regional_api.settings import Settings


async def get_centre(request: Request) -> Centre:
    """The centre of this process."""
    centre: Centre = request.app.state.centre
    return centre


async def get_settings(request: Request) -> Settings:
    """The settings of this process."""
    settings: Settings = request.app.state.settings
    return settings


async def get_counted(request: Request) -> Counted:
    """The tables that this process has counted."""
    counted: Counted = request.app.state.counted
    return counted


async def get_imports(request: Request) -> Runner:
    """What works on imports in this process."""
    runner: Runner = request.app.state.imports
    return runner


async def get_password_threads(request: Request) -> Apart:
    """Where passwords are looked at."""
    threads: Apart = request.app.state.password_threads
    return threads


async def get_provider_threads(request: Request) -> Apart:
    """Where the identity provider is spoken to."""
    threads: Apart = request.app.state.provider_threads
    return threads


def peer_of(request: Request) -> str:
    """The address that a request came from: behind a proxy the one that the proxy names."""
    return request.client.host if request.client else ""


async def get_language(accept_language: Annotated[str | None, Header(include_in_schema=False)] = None) -> str:
    """The language that the client asks for."""
    return preferred_language(accept_language)


def get_caller(
    centre: Annotated[Centre, Depends(get_centre)],
    authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Caller:
    """The signed-in account. Raises ``token_invalid`` or ``token_expired``."""
    return caller_of(centre, authorization)


def caller_of(centre: Centre, authorization: str | None) -> Caller:
    """The account that the header ``Authorization`` proves. Raises ``token_invalid`` or ``token_expired``."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refused("token_invalid")
    return sessions.authenticate(centre, token.strip())


CentreDep = Annotated[Centre, Depends(get_centre)]
SettingsDep = Annotated[Settings, Depends(get_settings)]
ImportsDep = Annotated[Runner, Depends(get_imports)]
CountedDep = Annotated[Counted, Depends(get_counted)]
PasswordThreadsDep = Annotated[Apart, Depends(get_password_threads)]
ProviderThreadsDep = Annotated[Apart, Depends(get_provider_threads)]
CallerDep = Annotated[Caller, Depends(get_caller)]
LanguageDep = Annotated[str, Depends(get_language)]
