"""The outermost layer: every failure becomes a problem, every request one line of the log."""

import time

from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from regional_api.log import log_event, log_failure
from regional_api.problems import problem_response, refusal_of

_HEADERS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and answer for whatever goes wrong with it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), *_HEADERS]
            await send(message)

        code = None
        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            refused = refusal_of(error)
            code = refused.code
            if code == "internal" or isinstance(error, SQLAlchemyError):
                log_failure(refused.params.get("incident", ""), error)
            if status:
                # The stream has begun: it ends without its last line, so the client knows it was cut off.
                raise _BrokenStream from None
            language = Headers(scope=scope).get("accept-language")
            await problem_response(refused, language)(scope, receive, watched)
        finally:
            route = scope.get("route")
            log_event(
                "request",
                method=scope["method"],
                route=getattr(route, "path", None),
                status=status,
                code=code or scope.get("refusal"),
                ms=round((time.monotonic() - began) * 1000, 1),
            )


class _BrokenStream(Exception):
    """Makes the server close the connection without finishing the answer; quotes nothing."""
