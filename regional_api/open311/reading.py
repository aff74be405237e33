"""Requests as everybody may read them: what was asked for, where about, and what became of it.

Only what came in through Open311 is read here, and of that only the classification: no description, since
names of third persons cannot be recognised in a text, no exact place, no link, no answer. What belongs to a
restricted topic now, whatever it was submitted as, is not there.
"""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, select

from cur_tui.domain.vocabulary import ClockKind, Outcome, State
from cur_tui.i18n import Translator
from regional_api.centre import Centre
from regional_api.clock import seconds
from regional_api.database.tables import APPEAL
from regional_api.open311.filters import Filter
from regional_api.open311.notices import status_notes
from regional_api.open311.services import services_of
from regional_api.open311.tables import OPEN311_REQUEST
from regional_api.open311.wire import Open311Request, Open311Token

_REQUEST = OPEN311_REQUEST.c
_COLUMNS: Final = (
    *(APPEAL.c[name] for name in ("number", "state", "outcome", "authority", "municipality")),
    *(APPEAL.c[name] for name in ("updated_at", "answered_at", "legal_due_at", "due_clock")),
    *(_REQUEST[name] for name in ("service", "at", "lat", "long")),
)
_FINAL: Final = (ClockKind.FINAL, ClockKind.FINAL_AFTER_INTERIM)
_THOUSAND: Final = 1_000


def read_requests(
    centre: Centre, services: frozenset[str], wanted: Filter, words: Translator
) -> list[Open311Request]:
    """The requests that ``wanted`` finds, the newest first. ``services``: only these may be read, or all."""
    numbers = filter(str.isprintable, wanted.ids)
    chosen = APPEAL.c.number.in_(list(numbers)) if wanted.ids else _matches(wanted)
    page = (
        _visible(centre, services)
        .where(chosen)
        .order_by(_REQUEST.at.desc(), _REQUEST.appeal.desc())
        .limit(wanted.page_size)
        .offset((wanted.page - 1) * wanted.page_size)
    )
    with centre.database.reading() as connection:
        rows = connection.execute(page).all()
    return [_request_of(row, centre, words) for row in rows]


def read_request(
    centre: Centre, services: frozenset[str], number: str, words: Translator
) -> Open311Request | None:
    """One request; None when it is not there or may not be read, which is the same to whoever asks."""
    # PostgreSQL takes no NUL, not even to look for it.
    if not number.isprintable():
        return None
    with centre.database.reading() as connection:
        row = connection.execute(_visible(centre, services).where(APPEAL.c.number == number)).one_or_none()
    return None if row is None else _request_of(row, centre, words)


def read_token(centre: Centre, token: str) -> Open311Token | None:
    """The request behind ``token``, which nobody can guess."""
    if not token.isprintable():
        return None
    query = select(APPEAL.c.number).join(OPEN311_REQUEST, _REQUEST.appeal == APPEAL.c.id)
    with centre.database.reading() as connection:
        number = connection.execute(query.where(_REQUEST.token == token)).scalar_one_or_none()
    return None if number is None else Open311Token(number, token)


def _visible(centre: Centre, services: frozenset[str]) -> Select[tuple[Any, ...]]:
    offered = {service.code for service in services_of(centre.rulebook).all}
    return (
        select(*_COLUMNS)
        .join(APPEAL, APPEAL.c.id == _REQUEST.appeal)
        .where(APPEAL.c.restricted == 0, _REQUEST.service.in_(offered & services if services else offered))
    )


def _matches(wanted: Filter) -> ColumnElement[bool]:
    parts = [_REQUEST.at >= seconds(wanted.start), _REQUEST.at <= seconds(wanted.end)]
    if wanted.services:
        parts.append(_REQUEST.service.in_(wanted.services))
    if len(wanted.statuses) == 1:
        # As a sum it is no way into the index of all open appeals of the region: the period is shorter.
        parts.append(APPEAL.c.is_open + 0 == int("open" in wanted.statuses))
    return and_(*parts)


def _request_of(row: Row[Any], centre: Centre, words: Translator) -> Open311Request:
    rulebook = centre.rulebook
    state = State(row.state)
    service = services_of(rulebook).get(row.service)
    body, town = rulebook.authorities.get(row.authority), rulebook.municipalities.get(row.municipality)
    # The other clocks are for those who work on it: when somebody is to distribute it, for example.
    due = row.legal_due_at if row.due_clock in _FINAL else None
    changed = row.updated_at if state.is_open else row.answered_at or row.updated_at
    return Open311Request(
        service_request_id=row.number,
        status="open" if state.is_open else "closed",
        status_notes=status_notes(state, Outcome(row.outcome) if row.outcome else None, words),
        service_name=service.name if service else row.service,
        service_code=row.service,
        agency_responsible=body.name if body else None,
        requested_datetime=_w3c(row.at),
        updated_datetime=_w3c(changed),
        expected_datetime=None if due is None else _w3c(due),
        address=town.name if town else None,
        lat=None if row.lat is None else row.lat / _THOUSAND,
        long=None if row.long is None else row.long / _THOUSAND,
    )


def _w3c(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
