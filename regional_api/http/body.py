"""Request bodies: bounded, strict JSON, read into the contract's types; a field nobody knows is refused."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec
from starlette.requests import Request

from cur_tui.domain.refusal import Refused

MAX_JSON = 16 * 1_048_576
"""The largest JSON body in bytes: a hundred commands with the longest answers fit."""

T = TypeVar("T")


def json_body(shape: type[T]) -> Callable[[Request], Coroutine[Any, Any, T]]:
    """A dependency that reads the body as ``shape``."""

    async def read(request: Request) -> T:
        declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if declared != "application/json":
            raise Refused("malformed", reason="Content-Type: application/json is needed")
        return parse_json(await read_bytes(request, MAX_JSON), shape)

    return read


async def read_bytes(request: Request, limit: int) -> bytes:
    """The body, read no further than ``limit``. Raises ``too_large``."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise Refused("too_large", limit=str(limit))
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise Refused("too_large", limit=str(limit))
    return bytes(body)


def parse_json(body: bytes, shape: type[T]) -> T:
    """``body`` as ``shape``. Raises ``malformed`` with the path of the fault, never with a value."""
    try:
        values = msgspec.json.decode(body)
        _refuse_unknown(values, shape, "$")
        return msgspec.convert(values, shape)
    except msgspec.ValidationError as error:
        raise Refused("malformed", reason=str(error)[:200]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused("malformed", reason="not JSON") from None


def _refuse_unknown(values: object, shape: object, path: str) -> None:
    """The decoder ignores unknown fields; the contract does not."""
    if not (isinstance(values, dict) and isinstance(shape, type) and issubclass(shape, msgspec.Struct)):
        return
    hints = get_type_hints(shape)
    known = shape.__struct_fields__
    for name, value in values.items():
        if name not in known:
            raise Refused("malformed", reason=f"{path}: unknown field {name[:40]!r}")
        items = get_args(hints[name])
        if isinstance(value, list) and items:
            for index, item in enumerate(value):
                _refuse_unknown(item, items[0], f"{path}.{name}[{index}]")
