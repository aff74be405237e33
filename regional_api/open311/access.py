"""Who calls, and whether they may: settings, jurisdiction, key and limits, in this order."""

from dataclasses import dataclass

from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre
from regional_api.clock import now
from regional_api.open311.keys import READ, ApiKey, find_key
from regional_api.open311.limits import OF_ADDRESS, subject_of, take_call
from regional_api.open311.settings import Open311Settings, read_settings

_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Visitor:
    """One call: what it says of itself, and where it comes from."""

    peer: str
    api_key: str = ""
    jurisdiction: str = ""


def offered(centre: Centre, jurisdiction: str = "") -> Open311Settings:
    """How Open311 is offered. Raises ``open311_off``, or ``unknown_jurisdiction`` for another one.

    There is one jurisdiction here, so that it need not be named (GeoReport v2, definition of
    ``jurisdiction_id``).
    """
    with centre.database.reading() as connection:
        settings = read_settings(connection)
    if settings is None:
        raise Refused("open311_off")
    if jurisdiction and jurisdiction != settings.jurisdiction:
        raise Refused("unknown_jurisdiction", value=jurisdiction[:_SHOWN])
    return settings


def counted_key(centre: Centre, visitor: Visitor) -> ApiKey:
    """The key of a call, which is counted. Raises ``api_key_missing``, ``api_key_invalid`` or
    ``too_many_attempts``; without a good key the address is counted.
    """
    try:
        if not visitor.api_key:
            raise Refused("api_key_missing")
        with centre.database.reading() as connection:
            key = find_key(connection, visitor.api_key)
    except Refused:
        count_address(centre, visitor)
        raise
    take_call(centre, key.id, key.terms.per_minute, now())
    return key


def readable_services(centre: Centre, settings: Open311Settings, visitor: Visitor) -> frozenset[str]:
    """What a call may read: these services, or all of them when there are none. Raises as
    :func:`counted_key`, and ``api_key_scope``.
    """
    if not visitor.api_key and settings.public_reading:
        count_address(centre, visitor)
        return frozenset()
    key = counted_key(centre, visitor)
    key.must(READ)
    return key.terms.services


def count_address(centre: Centre, visitor: Visitor) -> None:
    """Count a call without a key. Raises ``too_many_attempts``."""
    take_call(centre, subject_of(centre, visitor.peer), OF_ADDRESS, now())
