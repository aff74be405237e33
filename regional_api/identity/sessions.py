"""Sessions: opaque tokens, kept only as hashes.

An access token lives a quarter of an hour. A refresh token works once and brings the next one; a refresh
token that comes a second time was stolen from somebody, so the whole session ends. One exception: within a
minute it is taken once more, because a client may die between receiving its new tokens and storing them.
Of the two tokens that it has brought then, the first to be used spends the other: a session goes on in one
place only, so that a thief within that minute is found out by the next exchange.
"""

import hashlib
import secrets
from collections.abc import Callable

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from cur_tui.contract.wire import Refresh, Session, SignIn
from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre
from regional_api.clock import now, seconds
from regional_api.database.identifiers import is_device
from regional_api.database.tables import ACCOUNT, SESSION, TOKEN
from regional_api.edition import EDITION
from regional_api.identity import attempts, events
from regional_api.identity.accounts import MAX_PASSWORD, find_password, password_fits
from regional_api.identity.callers import ACTOR_COLUMNS, Caller, actor_of, find_actor
from regional_api.identity.sealing import public_key
from regional_api.problems import RefusedWith

ACCESS_SECONDS = 15 * 60
REFRESH_SECONDS = 30 * 86_400
GRACE_SECONDS = 60
KEEP_SECONDS = 86_400
"""How long a token is remembered after its end, to say «ended» and not «unknown»."""
MAX_DEVICE_NAME = 80

_CALLER = (
    select(
        TOKEN.c.session,
        TOKEN.c.expires_at,
        SESSION.c.revoked_at,
        SESSION.c.by_office,
        SESSION.c.wipe,
        ACCOUNT.c.blocked,
        EDITION.scalar_subquery().label("edition"),
        *ACTOR_COLUMNS,
    )
    .join_from(TOKEN, SESSION, SESSION.c.id == TOKEN.c.session)
    .join(ACCOUNT, ACCOUNT.c.account == SESSION.c.account)
    .where(TOKEN.c.hash == bindparam("value"), TOKEN.c.kind == "access")
)

_REFRESH = (
    select(
        TOKEN.c.hash,
        TOKEN.c.session,
        TOKEN.c.expires_at,
        TOKEN.c.used_at,
        TOKEN.c.repeated,
        SESSION.c.account,
        SESSION.c.device,
        SESSION.c.revoked_at,
        SESSION.c.by_office,
        SESSION.c.wipe,
        ACCOUNT.c.blocked,
    )
    .join_from(TOKEN, SESSION, SESSION.c.id == TOKEN.c.session)
    .join(ACCOUNT, ACCOUNT.c.account == SESSION.c.account)
    .where(TOKEN.c.hash == bindparam("value"), TOKEN.c.kind == "refresh")
    .with_for_update(of=(TOKEN, SESSION))
)


def sign_in(centre: Centre, request: SignIn, peer: str) -> Session:
    """A new session for a name and password.

    Raises ``sign_in_failed`` alike for every reason that lies in them, ``too_many_attempts`` while one has
    to wait, and ``malformed`` for anything that can be neither a name nor a device.
    """
    name = request.name.strip()[:MAX_PASSWORD]
    if not name.isprintable() or not is_device(request.device):
        raise Refused("malformed", reason="name or device: not printable, or too long")
    attempt = attempts.begin(centre, name, request.device, peer)
    with centre.database.reading() as connection:
        known = find_password(connection, name)
    if not password_fits(known, request.password[:MAX_PASSWORD]):
        events.sign_in_failed(centre, name, peer, request.device_name)
        raise Refused("sign_in_failed")
    attempts.take_back(centre, attempt)

    def is_still_theirs(connection: Connection) -> bool:
        return find_password(connection, name, lock=True) == known

    return open_session(centre, name, request.device, request.device_name, still=is_still_theirs)


def open_session(
    centre: Centre, account: str, device: str, device_name: str, *, still: Callable[[Connection], bool]
) -> Session:
    """A session for an account that has proved who it is; ``still`` says, in the same transaction, whether
    the proof holds: passwords change and accounts close while one is checked. Raises ``sign_in_failed``.
    """
    session = secrets.token_hex(16)
    with centre.database.writing() as connection:
        if not still(connection):
            raise Refused("sign_in_failed")
        connection.execute(
            insert(SESSION).values(
                id=session,
                account=account,
                device=device,
                device_name=shown_device(device_name),
                created_at=seconds(now()),
            )
        )
        return _issue(centre, connection, session, account)


def shown_device(name: str) -> str:
    """A device's own name for itself, as lists may show it."""
    return "".join(char for char in name[:MAX_DEVICE_NAME] if char.isprintable())


def refresh(centre: Centre, request: Refresh) -> Session:
    """The next pair of tokens. Raises ``token_invalid``, which means: sign in again, and ``access_ended``."""
    instant = seconds(now())
    with centre.database.writing() as connection:
        token = _find(connection, request.refresh_token)
        if token is not None and (token.blocked or token.by_office):
            raise access_ended(connection, wipe=bool(token.wipe))
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
                if not repeat:
                    _spend_others(connection, token.session, token.hash)
                return _issue(centre, connection, token.session, token.account)
            _revoke(connection, token.session)
    if valid and token is not None:
        events.token_reused(centre, token.account, token.session)
    raise Refused("token_invalid")


def sign_out(centre: Centre, caller: Caller) -> None:
    """End the caller's session on this device."""
    with centre.database.writing() as connection:
        _revoke(connection, caller.session)


def authenticate(centre: Centre, value: str) -> Caller:
    """Whose access token this is. Raises ``token_invalid``, ``token_expired`` for an old one, and
    ``access_ended`` when the administrator took it away.

    Asked of the database at every request, in one statement: what was revoked a moment ago, by whichever
    process, opens nothing any more. A new edition of the profile is noticed here too, before it is asked
    what anybody may do.
    """
    with centre.database.reading() as connection:
        row = connection.execute(_CALLER, {"value": _hash(value)}).one_or_none()
        if row is not None and (row.blocked or row.by_office):
            raise access_ended(connection, wipe=bool(row.wipe))
    if row is None or row.revoked_at is not None:
        raise Refused("token_invalid")
    if row.expires_at <= seconds(now()):
        raise Refused("token_expired")
    centre.follow_edition(row.edition)
    return Caller(actor_of(row, centre.region), centre.region, row.session)


def renew(centre: Centre, caller: Caller) -> Caller:
    """The caller as they are now: rights may have changed, or ended, while a request waited."""
    centre.follow_edition()
    with centre.database.reading() as connection:
        ended = select(SESSION.c.id).where(SESSION.c.id == caller.session, SESSION.c.revoked_at.is_not(None))
        if connection.execute(ended).first() is not None:
            raise Refused("token_invalid")
        return _caller(centre, connection, caller.actor.account, caller.session)


def access_ended(connection: Connection, *, wipe: bool) -> Refused:
    """The refusal for whoever shows a token that the administrator has ended.

    With ``wipe`` it carries the key to seal the unsent work with before everything else is destroyed.
    """
    if not wipe:
        return RefusedWith("access_ended", extra={"wipe": False})
    return RefusedWith("access_ended", extra={"wipe": True, "seal": public_key(connection)})


def forget_tokens(centre: Centre) -> None:
    """Drop tokens that ended long ago, but not those of devices that are still to be told to wipe."""
    gone = select(SESSION.c.id).where(SESSION.c.wipe == 0)
    with centre.database.writing() as connection:
        connection.execute(
            delete(TOKEN).where(TOKEN.c.expires_at < seconds(now()) - KEEP_SECONDS, TOKEN.c.session.in_(gone))
        )


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
    connection: Connection, value: str
) -> Row[str, str, int, int | None, int, str, str, int | None, int, int, int] | None:
    """A refresh token with its session and account, held until the transaction ends."""
    return connection.execute(_REFRESH, {"value": _hash(value)}).one_or_none()


def _spend_others(connection: Connection, session: str, used: str) -> None:
    """Take what was never used beside the token ``used`` for used up, long ago: it does not come twice."""
    others = (TOKEN.c.session == session) & (TOKEN.c.kind == "refresh") & (TOKEN.c.hash != used)
    connection.execute(update(TOKEN).where(others, TOKEN.c.used_at.is_(None)).values(used_at=0, repeated=1))


def _revoke(connection: Connection, session: str) -> None:
    connection.execute(update(SESSION).where(SESSION.c.id == session).values(revoked_at=seconds(now())))
    connection.execute(delete(TOKEN).where(TOKEN.c.session == session, TOKEN.c.kind == "access"))


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()
