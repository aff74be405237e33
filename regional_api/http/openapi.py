"""The description that the server gives of itself: the contract's types, with an example for each body."""

from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response

from cur_tui.contract.delivering import DeliveryPage, DeliverySheet, ReceiptReport, SheetRequest
from cur_tui.contract.importing import (
    ImportFile,
    ImportJob,
    ImportJobs,
    ImportOptions,
    QuarantineAct,
    QuarantineOutcome,
    QuarantinePage,
    QuarantineRow,
)
from cur_tui.contract.oversight import SatisfactionAnswer, WorkloadAnswer
from cur_tui.contract.problems import PROBLEMS
from cur_tui.contract.related import Incident, IncidentDismissal, IncidentPage, Lookalikes, PairPage
from cur_tui.contract.wire import (
    Account,
    AppealPage,
    BatchResult,
    BlobState,
    CommandBatch,
    Disclosure,
    Hello,
    NextRequest,
    NextResult,
    PasswordChange,
    Problem,
    Put,
    Refresh,
    Session,
    SignIn,
    SsoPoll,
    SsoPolled,
    SsoStart,
    SsoStarted,
    Statistics,
    StreamLine,
    Welcome,
)
from cur_tui.domain.commands import EVERY_COMMAND
from cur_tui.domain.figures.cuts import SavedCut
from cur_tui.domain.figures.ranking import RankingTable
from cur_tui.domain.model import Appeal, Applicant
from regional_api.delivering.webhook import Receipt
from regional_api.http.answers import NDJSON
from regional_api.http.examples import EXAMPLES
from regional_api.open311 import wire as open311
from regional_api.problems import MEDIA_TYPE

_PREFIX = "#/components/schemas/"
_TYPES: tuple[Any, ...] = (
    Account,
    AppealPage,
    BatchResult,
    BlobState,
    CommandBatch,
    Disclosure,
    Hello,
    ImportFile,
    ImportJob,
    ImportJobs,
    ImportOptions,
    Incident,
    IncidentDismissal,
    IncidentPage,
    Lookalikes,
    NextRequest,
    NextResult,
    PairPage,
    PasswordChange,
    Problem,
    Put,
    QuarantineAct,
    QuarantineOutcome,
    QuarantinePage,
    QuarantineRow,
    Refresh,
    Session,
    SignIn,
    SsoPoll,
    SsoPolled,
    SsoStart,
    SsoStarted,
    RankingTable,
    SatisfactionAnswer,
    SavedCut,
    Statistics,
    Welcome,
    WorkloadAnswer,
    DeliveryPage,
    DeliverySheet,
    Receipt,
    ReceiptReport,
    SheetRequest,
)
_OPEN311_TYPES = (
    open311.Open311Created,
    open311.Open311Definition,
    open311.Open311Discovery,
    open311.Open311Error,
    open311.Open311Request,
    open311.Open311Service,
    open311.Open311Token,
)
_ALWAYS = ("malformed", "internal", "busy")
"""An unknown parameter is malformed at every address."""
_WITH_BODY = ("too_large", "storage_full")
_BYTES = {"schema": {"type": "string", "format": "binary"}}


def describe(
    *,
    body: type | None = None,
    raw_body: bool = False,
    answer: type | None = None,
    stream: bool = False,
    binary: str | Sequence[str] = (),
    status: int = 200,
    tagged: bool = False,
    in_parts: bool = False,
    problems: Sequence[str] = (),
    public: bool = False,
) -> dict[str, Any]:
    """What a route says about itself, for its decorator: body, answer and the problems it may give.

    ``binary``: the types of the bytes that it answers with; ``tagged``: the answer has an ETag;
    ``in_parts``: it may be asked for from a byte on.
    """
    codes = (
        *problems,
        *(() if public else ("token_invalid", "token_expired", "access_ended")),
        *(_WITH_BODY if body is not None or raw_body else ()),
        *_ALWAYS,
    )
    types = (binary,) if isinstance(binary, str) else tuple(binary)
    responses: dict[int | str, dict[str, Any]] = {status: _success(answer, stream, types, status)}
    if tagged:
        responses[304] = {"description": "Not changed"}
    if in_parts:
        responses[206] = _success(answer, stream, types, status)
    for code in dict.fromkeys(codes):
        _add_problem(responses, PROBLEMS[code].status, code)
    extra: dict[str, Any] = {} if public else {"security": [{"bearer": []}]}
    if body is not None:
        content = {"schema": _reference(body), "examples": EXAMPLES.get(body.__name__, {})}
        extra["requestBody"] = {"required": True, "content": {"application/json": content}}
    elif raw_body:
        extra["requestBody"] = {"required": True, "content": {"application/octet-stream": _BYTES}}
    return {
        "responses": responses,
        "openapi_extra": extra,
        "status_code": status,
        "response_model": None,
        # Else the framework announces JSON beside whatever an answer really is.
        "response_class": Response,
    }


def _add_problem(responses: dict[Any, dict[str, Any]], status: Any, code: str) -> None:
    known = responses.setdefault(status, {"description": "", "content": _problem_content()})
    known["description"] = ", ".join(filter(None, [known["description"], code]))


def install(app: FastAPI) -> None:
    """Make ``app`` serve the description with the contract's schemas in it."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            components = document.setdefault("components", {})
            components.setdefault("schemas", {}).update(_schemas())
            _drop_framework_answers(document)
            _tell_of_other_addresses(document)
            components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _drop_framework_answers(document: dict[str, Any]) -> None:
    """The framework announces its own 422 for bad parameters; ours is a problem of status 400."""
    for operations in document["paths"].values():
        for operation in operations.values():
            if "application/json" in operation["responses"].get("422", {}).get("content", {}):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)


def _tell_of_other_addresses(document: dict[str, Any]) -> None:
    """A part of an address may make it another one: `/v1/appeals/a%2Fb` is none of ours."""
    for path, operations in document["paths"].items():
        for operation in operations.values() if "{" in path else ():
            _add_problem(operation["responses"], "404", "unknown_path")
            _add_problem(operation["responses"], "405", "method_not_allowed")


def _schemas() -> dict[str, Any]:
    """The contract's types. What travels undecoded is described by the type that it encodes."""
    _, schemas = msgspec.json.schema_components(
        (*_TYPES, *_OPEN311_TYPES, StreamLine, Appeal, Applicant, *EVERY_COMMAND.values()),
        schema_hook=lambda _: {"description": "any JSON value"},
        ref_template=_PREFIX + "{name}",
    )
    arguments = [{"title": name, **_reference(shape)} for name, shape in EVERY_COMMAND.items()]
    schemas["CommandEnvelope"]["properties"]["arguments"] = {"anyOf": arguments}
    schemas["Put"]["properties"]["doc"] = _reference(Appeal)
    schemas["Put"]["properties"]["applicant"] = {"anyOf": [_reference(Applicant), {"type": "null"}]}
    return schemas


def _success(answer: type | None, stream: bool, binary: Sequence[str], status: int) -> dict[str, Any]:
    if stream:
        line = {"description": "One JSON value a line, told apart by its member «_»."}
        return {"description": "A stream of lines", "content": {NDJSON: {"schema": line}}}
    if binary:
        return {"description": "The bytes", "content": {type_: _bytes_of(type_) for type_ in binary}}
    if status == 204:
        return {"description": "Done"}
    schema = {"type": "object"} if answer is None else _reference(answer)
    name = "A JSON object" if answer is None else answer.__name__
    return {"description": name, "content": {"application/json": {"schema": schema}}}


def _bytes_of(media_type: str) -> dict[str, Any]:
    is_stream = media_type == "text/event-stream"
    return {"schema": {"description": "Events as they happen."}} if is_stream else _BYTES


def _problem_content() -> dict[str, Any]:
    return {MEDIA_TYPE: {"schema": _reference(Problem), "examples": EXAMPLES["Problem"]}}


def _reference(shape: type) -> dict[str, str]:
    return {"$ref": _PREFIX + shape.__name__}
