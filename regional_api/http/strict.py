"""Query parameters: one that no route knows is refused, instead of being ignored."""

from fastapi.routing import APIRoute
from starlette.requests import Request

from cur_tui.domain.refusal import Refused


async def refuse_unknown_parameters(request: Request) -> None:
    """A dependency of every route."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    known = {parameter.alias for parameter in route.dependant.query_params}
    for name in request.query_params:
        if name not in known:
            raise Refused("malformed", reason=f"unknown parameter {name[:40]!r}")
