"""The short way to an endpoint: what FastAPI works out for every request, worked out once at the start.

FastAPI tries the routes one after another and resolves each dependency in its own turn, the plain functions
among them in a thread each; together that costs several times what a page of a list does. Here the address
is looked up, the framework's own fields read the parameters, and all that waits for the database (who asks,
then the answer) happens in one turn of one thread; only whose body it is has to be known before it is read.
What is not bound here, streams above all, goes on to FastAPI, which describes every endpoint either way.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, Final, Protocol, Self, get_args, get_origin
from urllib.parse import parse_qsl

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from regional_api.centre import Centre
from regional_api.http.body import BodyReader
from regional_api.http.callers import caller_of, get_caller, get_language
from regional_api.http.strict import bad_parameter, refuse_unknown
from regional_api.problems import preferred_language

THREADS: Final = 16
"""Requests that are worked on at once; the others wait for their turn."""

Provider = Callable[..., Any]


class _Field(Protocol):
    """What the framework has made of a parameter of an endpoint."""

    name: str
    field_info: Any

    @property
    def alias(self) -> str: ...

    @property
    def default(self) -> Any: ...

    def validate(self, value: Any, *, loc: tuple[str, ...]) -> tuple[Any, list[Any]]: ...


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """A plain function, and where its arguments come from, by their names."""

    route: APIRoute
    call: Callable[..., Response]
    fixed: Mapping[str, object]
    """What belongs to the process."""
    query: Mapping[str, _Field]
    """By what a request calls them."""
    headers: Mapping[str, bytes]
    """Header by argument."""
    caller: str | None
    language: str | None
    body: tuple[str, BodyReader[Any]] | None
    request: str | None

    @classmethod
    def of(cls, route: APIRoute, shared: Mapping[Provider, object]) -> Self | None:
        """The endpoint of ``route``; None when it needs what only FastAPI gives."""
        needs = route.dependant
        if needs.call is None or iscoroutinefunction(needs.call) or any(map(_is_list, needs.query_params)):
            return None
        if needs.cookie_params or needs.body_params or not all(map(_is_text, needs.path_params)):
            return None
        fixed: dict[str, object] = {}
        special: dict[Provider, str] = {}
        body = None
        for need in needs.dependencies:
            if need.name is None or need.call is None:
                # It gives nothing, so it is there to refuse: whatever it asks, it must not be left out.
                return None
            if need.call in shared:
                fixed[need.name] = shared[need.call]
            elif isinstance(need.call, BodyReader):
                body = (need.name, need.call)
            elif need.call in (get_caller, get_language):
                special[need.call] = need.name
            else:
                return None
        return cls(
            route=route,
            call=needs.call,
            fixed=fixed,
            query={field.alias: field for field in needs.query_params},
            headers={field.name: field.alias.encode() for field in needs.header_params},
            caller=special.get(get_caller),
            language=special.get(get_language),
            body=body,
            request=needs.request_param_name,
        )

    async def arguments(self, scope: Scope, receive: Receive) -> dict[str, object]:
        """What needs no database: texts of the request, and its body."""
        given = dict(self.fixed)
        for name, header in self.headers.items():
            given[name] = _header(scope, header)
        if self.language is not None:
            given[self.language] = preferred_language(_header(scope, b"accept-language"))
        if self.request is not None:
            given[self.request] = Request(scope, receive)
        if self.body is not None:
            name, read = self.body
            given[name] = await read(Request(scope, receive))
        return given

    def parameters(self, asked: Mapping[str, str]) -> dict[str, object]:
        """The parameters of the address. Raises ``malformed`` for the first that does not fit."""
        given: dict[str, object] = {}
        for alias, field in self.query.items():
            if alias in asked:
                given[field.name], errors = field.validate(asked[alias], loc=("query", alias))
                if errors:
                    raise bad_parameter(errors)
            elif field.field_info.is_required():
                raise bad_parameter([{"type": "missing", "loc": ("query", alias)}])
            else:
                given[field.name] = field.default
        return given

    def answer(
        self, centre: Centre, authorization: str | None, asked: Mapping[str, str], given: dict[str, object]
    ) -> Response:
        """Who asks, then what they get."""
        if self.caller is not None:
            given[self.caller] = caller_of(centre, authorization)
        return self.call(**given, **self.parameters(asked))


class Direct:
    """Answers at the addresses of plain endpoints, and passes everything else on to ``app``.

    ``shared`` is what the providers of this process give; the endpoints run in ``threads``.
    """

    def __init__(
        self,
        app: ASGIApp,
        routes: Iterable[object],
        centre: Centre,
        shared: Mapping[Provider, object],
        threads: Executor,
    ) -> None:
        self._app = app
        self._centre = centre
        self._threads = threads
        self._exact: dict[tuple[str, str], _Endpoint] = {}
        self._patterns: list[tuple[str, _Endpoint]] = []
        for route in routes:
            endpoint = _Endpoint.of(route, shared) if isinstance(route, APIRoute) else None
            if endpoint is None:
                continue
            for method in endpoint.route.methods or ():
                if endpoint.route.param_convertors:
                    self._patterns.append((method, endpoint))
                else:
                    self._exact[method, endpoint.route.path] = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        endpoint, named = self._find(scope) if scope["type"] == "http" else (None, {})
        if endpoint is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = endpoint.route
        asked = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        refuse_unknown(asked, endpoint.query)
        authorization, loop = _header(scope, b"authorization"), asyncio.get_running_loop()
        if endpoint.body is not None and endpoint.caller is not None:
            # Asked again with the answer: a body may come slowly, and rights end meanwhile.
            await loop.run_in_executor(self._threads, caller_of, self._centre, authorization)
        given = {**named, **await endpoint.arguments(scope, receive)}
        work = partial(endpoint.answer, self._centre, authorization, asked, given)
        response = await loop.run_in_executor(self._threads, work)
        await response(scope, receive, send)

    def _find(self, scope: Scope) -> tuple[_Endpoint | None, dict[str, str]]:
        method, path = scope["method"], scope["path"]
        endpoint = self._exact.get((method, path))
        if endpoint is not None:
            return endpoint, {}
        for own, one in self._patterns:
            if own == method and (match := one.route.path_regex.match(path)):
                return one, match.groupdict()
        return None, {}


def _header(scope: Scope, name: bytes) -> str | None:
    for known, value in scope["headers"]:
        if known == name:
            return str(value.decode("latin-1"))
    return None


def _is_text(field: _Field) -> bool:
    return field.field_info.annotation is str and not field.field_info.metadata


def _is_list(field: _Field) -> bool:
    annotation = field.field_info.annotation
    return any(get_origin(choice) is list for choice in (annotation, *get_args(annotation)))
