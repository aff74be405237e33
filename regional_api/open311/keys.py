"""Keys of applications: issued, listed, revoked, and found by what a call brings along.

A key is 256 random bits, shown once and kept as its SHA-256: there is nothing to guess, and the table gives
none away. Revoking counts from the next call on.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update
from uuid6 import uuid7

from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre
from regional_api.clock import seconds
from regional_api.identity import events
from regional_api.open311.services import Services, services_of
from regional_api.open311.tables import OPEN311_KEY
from regional_api.unit_of_work import unit_of_work

SUBMIT: Final = "submit"
READ: Final = "read"
SCOPES: Final = (SUBMIT, READ)
MAX_NAME: Final = 80
MAX_LIMIT: Final = 1_000_000
_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """What an application may do. No ``services`` means all that the region offers.

    ``per_minute`` counts calls, ``per_day`` requests that are submitted. ``identified``: the platform
    identifies its users (ЕСИА) and is an information system of the body, so that what it submits with a
    surname and an address for the answer is a statutory appeal (59-ФЗ art. 7 part 3).
    """

    name: str
    scopes: frozenset[str] = frozenset({SUBMIT})
    services: frozenset[str] = frozenset()
    identified: bool = False
    per_minute: int = 60
    per_day: int = 1_000

    def check(self, offered: Services) -> None:
        """Raises ``invalid_value`` or ``unknown_reference``, naming the field."""
        if not 0 < len(self.name) <= MAX_NAME or not self.name.isprintable():
            raise Refused("invalid_value", field="name", value=self.name[:MAX_NAME])
        _check_known("scope", self.scopes, SCOPES)
        if not self.scopes:
            raise Refused("empty_field", field="scope")
        _check_known("service", self.services, [service.code for service in offered.all])
        for field in ("per_minute", "per_day"):
            if not 0 < getattr(self, field) <= MAX_LIMIT:
                raise Refused("invalid_value", field=field, value=str(getattr(self, field)))


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that is known here, without its secret."""

    id: str
    terms: KeyTerms
    created_at: int
    revoked_at: int | None

    def must(self, scope: str, service: str | None = None) -> None:
        """Raises ``api_key_scope`` unless the application may do this, with this service."""
        terms = self.terms
        if scope not in terms.scopes or (service and terms.services and service not in terms.services):
            raise Refused("api_key_scope")


def issue(centre: Centre, terms: KeyTerms) -> tuple[str, str]:
    """A new key: its id and its secret, which nobody can be shown again.

    Raises ``invalid_value``, ``unknown_reference`` or ``api_key_exists`` when the name is taken.
    """
    terms.check(services_of(centre.rulebook))
    id, secret = str(uuid7()), secrets.token_urlsafe(_BYTES)
    with unit_of_work(centre.database, centre.rulebook) as work:
        taken = select(OPEN311_KEY.c.id).where(OPEN311_KEY.c.name == terms.name)
        if work.connection.execute(taken).first() is not None:
            raise Refused("api_key_exists", name=terms.name)
        told: dict[str, Any] = {
            "name": terms.name,
            "scopes": " ".join(sorted(terms.scopes)),
            "services": " ".join(sorted(terms.services)),
            "identified": int(terms.identified),
            "per_minute": terms.per_minute,
            "per_day": terms.per_day,
        }
        row = {"id": id, "hash": _hashed(secret), "created_at": seconds(work.now), **told}
        work.connection.execute(insert(OPEN311_KEY), row)
        events.act(work, "issue_api_key", {"id": id, **told})
    return id, secret


def revoke(centre: Centre, id: str) -> ApiKey:
    """End a key for good. Raises ``unknown_api_key`` if there is none, or it has been revoked before."""
    with unit_of_work(centre.database, centre.rulebook) as work:
        here = OPEN311_KEY.c.id == id
        ended = update(OPEN311_KEY).where(here, OPEN311_KEY.c.revoked_at.is_(None))
        if work.connection.execute(ended.values(revoked_at=seconds(work.now))).rowcount == 0:
            raise Refused("unknown_api_key", id=id)
        events.act(work, "revoke_api_key", {"id": id})
        return _key_of(work.connection.execute(select(OPEN311_KEY).where(here)).one())


def list_keys(connection: Connection) -> list[ApiKey]:
    """All keys, those that were revoked too, in the order in which they were issued."""
    rows = connection.execute(select(OPEN311_KEY).order_by(OPEN311_KEY.c.created_at, OPEN311_KEY.c.id))
    return [_key_of(row) for row in rows]


def find_key(connection: Connection, secret: str) -> ApiKey:
    """The key that a call brings along. Raises ``api_key_invalid`` for an unknown or revoked one."""
    query = select(OPEN311_KEY).where(OPEN311_KEY.c.hash == _hashed(secret))
    row = connection.execute(query.where(OPEN311_KEY.c.revoked_at.is_(None))).one_or_none()
    if row is None:
        raise Refused("api_key_invalid")
    return _key_of(row)


def hold_key(connection: Connection, id: str) -> None:
    """Keep a key until the transaction ends: what it submits comes in one by one, so that a repeat finds
    what it repeats. Raises ``api_key_invalid`` when it was revoked meanwhile.
    """
    query = select(OPEN311_KEY.c.id).where(OPEN311_KEY.c.id == id, OPEN311_KEY.c.revoked_at.is_(None))
    if connection.execute(query.with_for_update()).first() is None:
        raise Refused("api_key_invalid")


def _key_of(row: Row[Any]) -> ApiKey:
    terms = KeyTerms(
        name=row.name,
        scopes=frozenset(row.scopes.split()),
        services=frozenset(row.services.split()),
        identified=bool(row.identified),
        per_minute=row.per_minute,
        per_day=row.per_day,
    )
    return ApiKey(row.id, terms, row.created_at, row.revoked_at)


def _check_known(field: str, given: Iterable[str], known: Iterable[str]) -> None:
    unknown = set(given) - set(known)
    if unknown:
        raise Refused("unknown_reference", field=field, value=min(unknown)[:MAX_NAME])


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
