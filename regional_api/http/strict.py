"""Parameters: one that no route knows, or that does not fit, is refused instead of being ignored."""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request

from cur_tui.domain.refusal import Refused


async def refuse_unknown_parameters(request: Request) -> None:
    """A dependency of every route."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    refuse_unknown(request.query_params, {parameter.alias for parameter in route.dependant.query_params})


def refuse_unknown(names: Iterable[str], known: Container[str]) -> None:
    """Raises ``malformed`` for the first of ``names`` that is not ``known``."""
    for name in names:
        if name not in known:
            raise Refused("malformed", reason=f"unknown parameter {name[:40]!r}")


def bad_parameter(faults: Sequence[Mapping[str, Any]]) -> Refused:
    """The refusal for what the framework found wrong with the parameters; values are not repeated."""
    fault = faults[0] if faults else {}
    where = ".".join(str(part) for part in fault.get("loc", ())[1:]) or "parameter"
    return Refused("malformed", reason=f"{where[:40]}: {fault.get('type', 'invalid')}")
