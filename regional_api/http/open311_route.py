"""Routes of Open311: whatever goes wrong is a document of that standard, in the form that was asked for."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response

from cur_tui.domain.refusal import Refused
from regional_api.http.strict import bad_parameter
from regional_api.log import log_failure
from regional_api.open311.documents import FORMATS, MEDIA_TYPES, Format
from regional_api.open311.errors import error_document, status_of
from regional_api.problems import refusal_of

_PREFIX = "#/components/schemas/"
_ALWAYS = ("malformed", "open311_off", "unknown_jurisdiction", "unknown_path", "busy", "internal")


class Open311Route(APIRoute):
    """A route whose refusals are error documents and no problems."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with an answer for each of its failures."""
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as error:
                refused = _refusal(error)
                if refused.code == "internal" or isinstance(error, SQLAlchemyError):
                    log_failure(refused.params.get("incident", ""), error)
                request.scope["refusal"] = refused.code
                return error_document(refused, _form(request), request.headers.get("accept-language"))

        return answered


def describe_documents(answer: type, *, is_list: bool, problems: tuple[str, ...]) -> dict[str, Any]:
    """What a route says about itself, for its decorator: its document, and the refusals it may give."""
    reference = {"$ref": _PREFIX + answer.__name__}
    schema = {"type": "array", "items": reference} if is_list else reference
    responses: dict[int | str, dict[str, Any]] = {200: _described(answer.__name__, schema)}
    errors = {"type": "array", "items": {"$ref": _PREFIX + "Open311Error"}}
    for code in dict.fromkeys((*problems, *_ALWAYS)):
        known = responses.setdefault(status_of(code), _described("", errors))
        known["description"] = ", ".join(filter(None, [known["description"], code]))
    return {"responses": responses, "response_model": None, "response_class": Response}


def _described(words: str, schema: dict[str, Any]) -> dict[str, Any]:
    # XML is described by the same members: there is no schema of it in the standard.
    content = {MEDIA_TYPES["json"]: {"schema": schema}, MEDIA_TYPES["xml"]: {"schema": {"type": "string"}}}
    return {"description": words, "content": content}


def _refusal(error: Exception) -> Refused:
    if not isinstance(error, RequestValidationError):
        return refusal_of(error)
    faults = error.errors()
    if any(fault.get("loc", ())[:1] == ("path",) for fault in faults):
        return Refused("unknown_path")
    return bad_parameter(faults)


def _form(request: Request) -> Format:
    """The form that the address asks for; XML, the one that the standard requires, where it asks for none."""
    suffix = request.url.path.rpartition(".")[2]
    return next((form for form in FORMATS if form == suffix), "xml")
