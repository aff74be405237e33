"""What a client asks for: the parameters of the list of requests, read as the standard means them.

An empty parameter is one that was not given. A wrong one is refused and never ignored: the answer would
look complete and be about something else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cur_tui.domain.refusal import Refused

SPAN: Final = timedelta(days=90)
MAX_PAGE: Final = 1_000
MAX_IDS: Final = 1_000
"""Ids or codes of one parameter."""
REACH: Final = 10_000
"""How deep pages reach into one period. A page is found by counting through those before it; a client that
has more to read asks for the next period, which is found by its date."""
_MAX_ID: Final = 100
_LARGEST: Final = 999_999_999
_SHOWN: Final = 40
_STATUSES: Final = frozenset({"open", "closed"})
_W3C: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which requests are wanted. ``ids`` override everything else; empty sets mean all."""

    ids: tuple[str, ...]
    services: frozenset[str]
    statuses: frozenset[str]
    start: datetime
    end: datetime
    page: int
    page_size: int


def read_filter(given: Mapping[str, str], now: datetime) -> Filter:
    """The filter that these parameters make. Raises ``invalid_value`` for the first that does not fit, and
    ``page_out_of_reach``.
    """
    start, end = _range(_moment(given, "start_date"), _moment(given, "end_date"), now)
    statuses = frozenset(_words(given, "status"))
    if not statuses <= _STATUSES:
        raise _refused("status", given["status"])
    page = _number(given, "page", 1, _LARGEST)
    page_size = _number(given, "page_size", MAX_PAGE, MAX_PAGE)
    if page * page_size > REACH:
        raise Refused("page_out_of_reach", limit=str(REACH))
    return Filter(
        ids=_words(given, "service_request_id"),
        services=frozenset(_words(given, "service_code")),
        statuses=statuses,
        start=start,
        end=end,
        page=page,
        page_size=page_size,
    )


def _range(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """One end of a range brings the other, 90 days away; none means the last 90 days."""
    try:
        if start is None:
            end = end or now
            return end - SPAN, end
        end = end or start + SPAN
    except OverflowError:
        raise _refused("start_date", "") from None
    if end < start or end - start > SPAN:
        raise _refused("end_date", end.isoformat())
    return start, end


def _moment(given: Mapping[str, str], name: str) -> datetime | None:
    value = given.get(name, "").strip()
    if not value:
        return None
    # A plus that was not escaped in an address arrives as a blank.
    value = value.replace(" ", "+")
    if not _W3C.fullmatch(value):
        raise _refused(name, value)
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _refused(name, value) from None


def _words(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Values parted by commas, each once."""
    words = tuple(dict.fromkeys(filter(None, (word.strip() for word in given.get(name, "").split(",")))))
    if len(words) > MAX_IDS or any(len(word) > _MAX_ID for word in words):
        raise _refused(name, given[name])
    return words


def _number(given: Mapping[str, str], name: str, default: int, most: int) -> int:
    value = given.get(name, "").strip()
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and len(value) < 10 and 1 <= int(value) <= most):
        raise _refused(name, value)
    return int(value)


def _refused(name: str, value: str) -> Refused:
    return Refused("invalid_value", field=name, value=value[:_SHOWN])
