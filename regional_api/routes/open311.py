"""Open311 GeoReport v2: discovery, services, requests and tokens, each as XML or JSON by its suffix."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from cur_tui.domain.refusal import Refused
from cur_tui.i18n import translator
from regional_api.clock import now
from regional_api.http.body import read_bytes
from regional_api.http.callers import CentreDep, LanguageDep, peer_of
from regional_api.http.open311_route import Open311Route, describe_documents
from regional_api.open311.access import (
    Visitor,
    count_address,
    counted_key,
    offered,
    readable_services,
)
from regional_api.open311.documents import FORMATS, MEDIA_TYPES, Format, document
from regional_api.open311.examples import FORM_DESCRIBED
from regional_api.open311.filters import read_filter
from regional_api.open311.form import MAX_BODY, Form, check_content_type, read_form
from regional_api.open311.keys import SUBMIT
from regional_api.open311.reading import read_request, read_requests, read_token
from regional_api.open311.services import defined, listed, services_of
from regional_api.open311.submission import submission_of
from regional_api.open311.submitting import submit
from regional_api.open311.wire import (
    Open311Created,
    Open311Definition,
    Open311Discovery,
    Open311Endpoint,
    Open311Request,
    Open311Service,
    Open311Token,
)

SPECIFICATION: Final = "http://wiki.open311.org/GeoReport_v2"
_MAX_REPEAT_KEY: Final = 200

router = APIRouter(prefix="/open311", tags=["open311"], route_class=Open311Route)

FormatDep = Annotated[Format, Path(description="the form of the answer")]
Jurisdiction = Annotated[str, Query(max_length=500, description="may be left out: there is only one here")]
ApiKeyParameter = Annotated[str, Query(max_length=500, description="the key of the application")]
Unneeded = Annotated[str, Query(max_length=500, description="taken, as many send it always; not needed")]
Words = Annotated[list[str], Query(max_length=1_000)]


@router.get(
    "/discovery.{format}",
    summary="Where the endpoints of Open311 are",
    **describe_documents(Open311Discovery, is_list=False, problems=()),
)
def discovery(
    format: FormatDep, centre: CentreDep, jurisdiction_id: Jurisdiction = "", api_key: Unneeded = ""
) -> Response:
    """The service discovery of Open311. Its changeset is when the administrator last changed the offer."""
    settings = offered(centre, jurisdiction_id.strip())
    endpoint = Open311Endpoint(
        specification=SPECIFICATION,
        url=settings.url,
        changeset=settings.changed_at,
        type="production",
        formats=tuple(MEDIA_TYPES[known] for known in FORMATS),
    )
    content = Open311Discovery(settings.changed_at, settings.contact, settings.key_service, (endpoint,))
    return document("discovery", content, format)


@router.get(
    "/v2/services.{format}",
    summary="What can be requested",
    **describe_documents(Open311Service, is_list=True, problems=()),
)
def service_list(
    format: FormatDep, centre: CentreDep, jurisdiction_id: Jurisdiction = "", api_key: Unneeded = ""
) -> Response:
    """The topics of the region that anybody may report on."""
    settings = offered(centre, jurisdiction_id.strip())
    return document("services", listed(services_of(centre.rulebook), settings.answers), format)


@router.get(
    "/v2/services/{service_code}.{format}",
    summary="What may be told along with a request",
    **describe_documents(Open311Definition, is_list=False, problems=("service_not_found",)),
)
def service_definition(
    service_code: str,
    format: FormatDep,
    centre: CentreDep,
    language: LanguageDep,
    jurisdiction_id: Jurisdiction = "",
    api_key: Unneeded = "",
) -> Response:
    """The questions of a service; none of them must be answered."""
    offered(centre, jurisdiction_id.strip())
    service = services_of(centre.rulebook).get(service_code)
    if service is None:
        raise Refused("service_not_found", value=service_code[:40])
    return document("service_definition", defined(service, translator(language)), format)


async def submitted_form(request: Request) -> Form:
    """The form in the body of ``request``."""
    check_content_type(request.headers.get("content-type", ""))
    return read_form(await read_bytes(request, MAX_BODY))


@router.post(
    "/v2/requests.{format}",
    summary="Submit a request",
    openapi_extra={"requestBody": FORM_DESCRIBED},
    **describe_documents(
        Open311Created,
        is_list=True,
        problems=(
            *(
                "api_key_missing",
                "api_key_invalid",
                "api_key_scope",
                "too_many_attempts",
                "service_not_found",
            ),
            *("parameter_missing", "invalid_value", "too_long", "too_large", "repeat_key_reused"),
            "storage_full",
        ),
    ),
)
def submit_request(
    request: Request,
    format: FormatDep,
    centre: CentreDep,
    language: LanguageDep,
    form: Annotated[Form, Depends(submitted_form)],
    jurisdiction_id: Jurisdiction = "",
    api_key: ApiKeyParameter = "",
    idempotency_key: Annotated[
        str | None, Header(description="what the client calls this request: it never makes a second one")
    ] = None,
) -> Response:
    """The request becomes an appeal of the region in one transaction. The same content again within 24 hours,
    or the same `Idempotency-Key` whenever, is the same request and has the same answer.
    """
    settings = offered(centre, form.get("jurisdiction_id") or jurisdiction_id.strip())
    visitor = Visitor(peer_of(request), form.get("api_key") or api_key.strip())
    key = counted_key(centre, visitor)
    key.must(SUBMIT, form.get("service_code"))
    if idempotency_key is not None and not 0 < len(idempotency_key) <= _MAX_REPEAT_KEY:
        raise Refused("too_long", field="Idempotency-Key", limit=str(_MAX_REPEAT_KEY))
    submission = submission_of(form, services_of(centre.rulebook))
    created = submit(centre, settings, key, submission, translator(language), idempotency_key)
    return document("service_requests", [created], format)


@router.get(
    "/v2/requests.{format}",
    summary="What became of requests",
    **describe_documents(
        Open311Request,
        is_list=True,
        problems=(
            "api_key_missing",
            "api_key_invalid",
            "api_key_scope",
            "too_many_attempts",
            "invalid_value",
            "page_out_of_reach",
        ),
    ),
)
def request_list(
    request: Request,
    format: FormatDep,
    centre: CentreDep,
    language: LanguageDep,
    jurisdiction_id: Jurisdiction = "",
    api_key: ApiKeyParameter = "",
    service_request_id: Words = [],  # noqa: B006 - read, never changed
    service_code: Words = [],  # noqa: B006
    status: Words = [],  # noqa: B006
    start_date: Annotated[str, Query(max_length=100, description="with its zone")] = "",
    end_date: Annotated[str, Query(max_length=100, description="with its zone")] = "",
    page: Annotated[str, Query(max_length=100)] = "",
    page_size: Annotated[str, Query(max_length=100, description="1,000 at most")] = "",
) -> Response:
    """The newest first, without anything that could tell of a person: the last 90 days, or 90 days from one
    given end, or ids.
    """
    settings = offered(centre, jurisdiction_id.strip())
    services = readable_services(centre, settings, Visitor(peer_of(request), api_key.strip()))
    given = {
        "service_request_id": ",".join(service_request_id),
        "service_code": ",".join(service_code),
        "status": ",".join(status),
        "start_date": start_date,
        "end_date": end_date,
        "page": page,
        "page_size": page_size,
    }
    found = read_requests(centre, services, read_filter(given, now()), translator(language))
    return document("service_requests", found, format)


@router.get(
    "/v2/requests/{service_request_id}.{format}",
    summary="What became of a request",
    **describe_documents(
        Open311Request,
        is_list=True,
        problems=("api_key_missing", "api_key_invalid", "api_key_scope", "too_many_attempts", "not_found"),
    ),
)
def request_status(
    service_request_id: str,
    request: Request,
    format: FormatDep,
    centre: CentreDep,
    language: LanguageDep,
    jurisdiction_id: Jurisdiction = "",
    api_key: ApiKeyParameter = "",
) -> Response:
    """A list of one. What may not be read and what does not exist have the same answer."""
    settings = offered(centre, jurisdiction_id.strip())
    services = readable_services(centre, settings, Visitor(peer_of(request), api_key.strip()))
    found = read_request(centre, services, service_request_id, translator(language))
    if found is None:
        raise Refused("not_found")
    return document("service_requests", [found], format)


@router.get(
    "/v2/tokens/{token}.{format}",
    summary="The id of the request behind a token",
    **describe_documents(
        Open311Token, is_list=True, problems=("token_not_found", "api_key_invalid", "too_many_attempts")
    ),
)
def token_status(
    token: str,
    request: Request,
    format: FormatDep,
    centre: CentreDep,
    jurisdiction_id: Jurisdiction = "",
    api_key: ApiKeyParameter = "",
) -> Response:
    """Nobody can guess a token, so that no key is asked for. With one the call is counted by it."""
    offered(centre, jurisdiction_id.strip())
    visitor = Visitor(peer_of(request), api_key.strip())
    if visitor.api_key:
        counted_key(centre, visitor)
    else:
        count_address(centre, visitor)
    found = read_token(centre, token)
    if found is None:
        raise Refused("token_not_found")
    return document("service_requests", [found], format)
