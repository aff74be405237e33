"""Request bodies: bounded, strict JSON, read into the contract's types; a field nobody knows is refused."""

from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar, get_args, get_type_hints

import msgspec
from starlette.requests import Request

from cur_tui.domain.refusal import Refused

MAX_JSON = 16 * 1_048_576
"""The largest JSON body in bytes: a hundred commands with the longest answers fit."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BodyReader(Generic[T]):
    """A dependency that reads the body as ``shape``."""

    shape: type[T]

    async def __call__(self, request: Request) -> T:
        """The body of ``request``. Raises ``malformed`` or ``too_large``."""
        declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if declared != "application/json":
            raise Refused("malformed", reason="Content-Type: application/json is needed")
        return parse_json(await read_bytes(request, MAX_JSON), self.shape)


def json_body(shape: type[T]) -> BodyReader[T]:
    """The reader of ``shape``, for the signature of an endpoint."""
    return BodyReader(shape)


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
    known = _fields(shape)
    for name, value in values.items():
        if name not in known:
            raise Refused("malformed", reason=f"{path}: unknown field {name[:40]!r}")
        items = known[name]
        if isinstance(value, list) and items is not None:
            for index, item in enumerate(value):
                _refuse_unknown(item, items, f"{path}.{name}[{index}]")


@cache
def _fields(shape: type[msgspec.Struct]) -> dict[str, object]:
    """The fields of ``shape``, and of what type the items of each are."""
    hints = get_type_hints(shape)
    return {name: next(iter(get_args(hints[name])), None) for name in shape.__struct_fields__}
