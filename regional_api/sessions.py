"""Sessions: opaque tokens, kept only as hashes.

An access token lives a quarter of an hour. A refresh token works once and brings the next one; a refresh
token that comes a second time was stolen from somebody, so the whole session ends. One exception: within a
minute it is taken once more, because a client may die between receiving its new tokens and storing them.
"""

import hashlib
import secrets
import threading
import time
from dataclasses import dataclass

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from cur_tui.contract.wire import Refresh, Session, SignIn
from cur_tui.domain.refusal import Refused
from regional_api.accounts import MAX_PASSWORD, password_fits
from regional_api.centre import Centre
from regional_api.clock import now, seconds
from regional_api.identifiers import is_device
from regional_api.identity import ACTOR_COLUMNS, Caller, actor_of, find_actor
from regional_api.problems import RefusedWith
from regional_api.tables import ACCOUNT, SESSION, TOKEN

ACCESS_SECONDS = 15 * 60
REFRESH_SECONDS = 30 * 86_400
GRACE_SECONDS = 60
KEEP_SECONDS = 86_400
"""How long a token is remembered after its end, to say «ended» and not «unknown»."""

_CALLER = (
    select(TOKEN.c.session, TOKEN.c.expires_at, SESSION.c.revoked_at, ACCOUNT.c.blocked, *ACTOR_COLUMNS)
    .join_from(TOKEN, SESSION, SESSION.c.id == TOKEN.c.session)
    .join(ACCOUNT, ACCOUNT.c.account == SESSION.c.account)
    .where(TOKEN.c.hash == bindparam("value"), TOKEN.c.kind == "access")
)


@dataclass(slots=True)
class _Failures:
    count: int
    until: float


class Throttle:
    """Slows down who guesses passwords: after a few failures each further one costs a longer wait.

    Counted by name and peer, so that nobody can lock a colleague out from elsewhere; kept in memory, bounded.
    """

    FREE = 5
    WINDOW = 300.0
    MAX_KEYS = 10_000

    def __init__(self) -> None:
        self._failures: dict[tuple[str, str], _Failures] = {}
        self._lock = threading.Lock()

    def check(self, name: str, peer: str) -> None:
        """Raises ``too_many_attempts`` while the pair must wait."""
        with self._lock:
            known = self._failures.get((name, peer))
            wait = 0.0 if known is None or known.count < self.FREE else known.until - time.monotonic()
        if wait > 0:
            shown = str(int(wait) + 1)
            raise RefusedWith("too_many_attempts", headers={"Retry-After": shown}, seconds=shown)

    def failed(self, name: str, peer: str) -> None:
        """Count a failure."""
        instant = time.monotonic()
        with self._lock:
            if len(self._failures) >= self.MAX_KEYS:
                self._failures = {k: f for k, f in self._failures.items() if f.until > instant}
            if len(self._failures) >= self.MAX_KEYS:
                self._failures.clear()
            known = self._failures.get((name, peer))
            if known is None or known.until + self.WINDOW < instant:
                known = self._failures[(name, peer)] = _Failures(0, instant)
            known.count += 1
            known.until = instant + min(2.0 ** max(known.count - self.FREE, 0), 60.0)

    def passed(self, name: str, peer: str) -> None:
        """Forget the failures of a pair that signed in."""
        with self._lock:
            self._failures.pop((name, peer), None)


def sign_in(centre: Centre, throttle: Throttle, request: SignIn, peer: str) -> Session:
    """A new session for a name and password.

    Raises ``sign_in_failed`` alike for every reason that lies in them, and ``malformed`` for anything that
    can be neither a name nor a device.
    """
    name = request.name.strip()[:MAX_PASSWORD]
    if not name.isprintable() or not is_device(request.device):
        raise Refused("malformed", reason="name or device: not printable, or too long")
    throttle.check(name, peer)
    with centre.database.reading() as connection:
        fits = password_fits(connection, name, request.password[:MAX_PASSWORD])
    if not fits:
        throttle.failed(name, peer)
        raise Refused("sign_in_failed")
    throttle.passed(name, peer)
    session = secrets.token_hex(16)
    with centre.database.writing() as connection:
        connection.execute(
            insert(SESSION).values(
                id=session,
                account=name,
                device=request.device,
                device_name="".join(char for char in request.device_name[:80] if char.isprintable()),
                created_at=seconds(now()),
            )
        )
        return _issue(centre, connection, session, name)


def refresh(centre: Centre, request: Refresh) -> Session:
    """The next pair of tokens. Raises ``token_invalid``, which means: sign in again."""
    instant = seconds(now())
    with centre.database.writing() as connection:
        token = _find(connection, request.refresh_token, "refresh", lock=True)
        valid = (
            token is not None
            and token.revoked_at is None
            and token.expires_at > instant
            and token.device == request.device
        )
        if valid and token is not None:
            repeat = token.used_at is not None
            if not repeat or (not token.repeated and token.used_at + GRACE_SECONDS >= instant):
                connection.execute(
                    update(TOKEN)
                    .where(TOKEN.c.hash == token.hash)
                    .values(used_at=token.used_at or instant, repeated=int(repeat))
                )
                return _issue(centre, connection, token.session, token.account)
            _revoke(connection, token.session)
    raise Refused("token_invalid")


def sign_out(centre: Centre, caller: Caller) -> None:
    """End the caller's session on this device."""
    with centre.database.writing() as connection:
        _revoke(connection, caller.session)


def authenticate(centre: Centre, value: str) -> Caller:
    """Whose access token this is. Raises ``token_invalid``, or ``token_expired`` for an old one.

    Asked of the database at every request, in one statement: what was revoked a moment ago, by whichever
    process, opens nothing any more.
    """
    with centre.database.reading() as connection:
        row = connection.execute(_CALLER, {"value": _hash(value)}).one_or_none()
    if row is None or row.revoked_at is not None:
        raise Refused("token_invalid")
    if row.expires_at <= seconds(now()):
        raise Refused("token_expired")
    if row.blocked:
        raise Refused("token_invalid")
    return Caller(actor_of(row, centre.region), centre.region, row.session)


def renew(centre: Centre, caller: Caller) -> Caller:
    """The caller as they are now: rights may have changed, or ended, while a request waited."""
    with centre.database.reading() as connection:
        ended = select(SESSION.c.id).where(SESSION.c.id == caller.session, SESSION.c.revoked_at.is_not(None))
        if connection.execute(ended).first() is not None:
            raise Refused("token_invalid")
        return _caller(centre, connection, caller.actor.account, caller.session)


def _caller(centre: Centre, connection: Connection, account: str, session: str) -> Caller:
    actor = find_actor(connection, account, centre.region)
    if actor is None:
        raise Refused("token_invalid")
    return Caller(actor, centre.region, session)


def _issue(centre: Centre, connection: Connection, session: str, account: str) -> Session:
    caller = _caller(centre, connection, account, session)
    instant = seconds(now())
    connection.execute(
        delete(TOKEN).where(TOKEN.c.session == session, TOKEN.c.expires_at < instant - KEEP_SECONDS)
    )
    access, fresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    connection.execute(
        insert(TOKEN),
        [
            _row(access, session, "access", instant + ACCESS_SECONDS),
            _row(fresh, session, "refresh", instant + REFRESH_SECONDS),
        ],
    )
    return Session(access, fresh, ACCESS_SECONDS, caller.account)


def _row(value: str, session: str, kind: str, expires_at: int) -> dict[str, object]:
    return {"hash": _hash(value), "session": session, "kind": kind, "expires_at": expires_at, "repeated": 0}


def _find(
    connection: Connection, value: str, kind: str, *, lock: bool = False
) -> Row[str, str, int, int | None, int, str, str, int | None] | None:
    query = (
        select(
            TOKEN.c.hash,
            TOKEN.c.session,
            TOKEN.c.expires_at,
            TOKEN.c.used_at,
            TOKEN.c.repeated,
            SESSION.c.account,
            SESSION.c.device,
            SESSION.c.revoked_at,
        )
        .join_from(TOKEN, SESSION, SESSION.c.id == TOKEN.c.session)
        .where(TOKEN.c.hash == _hash(value), TOKEN.c.kind == kind)
    )
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def _revoke(connection: Connection, session: str) -> None:
    connection.execute(update(SESSION).where(SESSION.c.id == session).values(revoked_at=seconds(now())))
    connection.execute(delete(TOKEN).where(TOKEN.c.session == session, TOKEN.c.kind == "access"))


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()
