"""A sign-in through the provider, from the code on the workstation's screen to a session.

Between two polls nothing is kept here: what a poll needs travels with the workstation, sealed under the
region's key, so that any server process may answer the next one. A provider gives the ID token for a code
once, and that makes a sealed handle work once as well.
"""

import base64
import binascii
import hashlib
import secrets
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from sqlalchemy import Connection, select

from cur_tui.contract.wire import Session, SsoPoll, SsoPolled, SsoStart, SsoStarted
from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre
from regional_api.clock import now, seconds
from regional_api.database.identifiers import is_device
from regional_api.database.tables import ACCOUNT
from regional_api.identity import attempts, events
from regional_api.identity.oidc.id_token import TokenError, claims_of
from regional_api.identity.oidc.provider import Provider, ProviderError, TokenRefused
from regional_api.identity.oidc.settings import OidcSettings, read_settings
from regional_api.identity.sessions import open_session, shown_device
from regional_api.log import log_event

LONGEST: Final = 600
"""Seconds that a sign-in may take, whatever the provider allows: a code that waits is a code to be abused."""
_PACE: Final = 5
"""Seconds between two polls when the provider names none (RFC 8628, 3.2)."""
_LONGEST_PACE: Final = 60
_NONCE: Final = 12


class _Handle(msgspec.Struct, frozen=True):
    device_code: str
    nonce: str
    device: str
    device_name: str
    until: int
    pace: int = _PACE


def start(centre: Centre, request: SsoStart, peer: str) -> SsoStarted:
    """Begin. Raises ``sso_off``, ``sso_unavailable``, ``too_many_attempts`` and ``malformed``."""
    if not is_device(request.device):
        raise Refused("malformed", reason="device: 1 to 64 printable characters")
    settings = _settings(centre)
    attempts.begin_elsewhere(centre, peer)
    nonce = secrets.token_urlsafe(24)
    try:
        with Provider(settings) as provider:
            code = provider.start(provider.discover(), nonce)
    except (ProviderError, TokenRefused) as error:
        raise _unavailable(error) from None
    lasts = min(code.expires_in, LONGEST)
    pace = min(max(code.interval, 1), _LONGEST_PACE)
    name = shown_device(request.device_name)
    handle = _Handle(code.device_code, nonce, request.device, name, seconds(now()) + lasts, pace)
    return SsoStarted(
        handle=_seal(centre, handle),
        user_code=code.user_code,
        verification_uri=code.verification_uri,
        verification_uri_complete=code.verification_uri_complete,
        expires_in=lasts,
        interval=pace,
    )


def poll(centre: Centre, request: SsoPoll, peer: str) -> SsoPolled:
    """A session once the person has agreed at the provider, who is asked no more often than it wants to be.

    Raises ``sso_expired``, ``sso_denied``, ``sso_no_account``, ``sso_off`` and ``sso_unavailable``.
    """
    settings = _settings(centre)
    handle = _opened(centre, request.handle)
    if handle is None or handle.device != request.device or handle.until <= seconds(now()):
        raise Refused("sso_expired")
    # A second less than agreed, since seconds are cut off here and requests do not all take the same time.
    if attempts.is_early(centre, handle.device_code, handle.pace - 1):
        return SsoPolled(slower=True)
    try:
        with Provider(settings) as provider:
            metadata = provider.discover()
            try:
                token = provider.poll(metadata, handle.device_code)
            except TokenRefused as refused:
                return _waiting(refused)
            keys = provider.keys(metadata)
        claims = claims_of(
            token,
            keys,
            issuer=settings.issuer,
            client_id=settings.client_id,
            nonce=handle.nonce,
            needs_nonce=settings.needs_nonce,
            now=now(),
        )
    except (ProviderError, TokenRefused, TokenError) as error:
        raise _unavailable(error) from None
    return SsoPolled(session=_session(centre, _named(settings, claims), handle, peer))


def _waiting(refused: TokenRefused) -> SsoPolled:
    match refused.code:
        case "authorization_pending":
            return SsoPolled()
        case "slow_down":
            return SsoPolled(slower=True)
        case "access_denied":
            raise Refused("sso_denied")
        case "expired_token" | "invalid_grant":
            raise Refused("sso_expired")
        case _:
            raise refused


def _named(settings: OidcSettings, claims: dict[str, object]) -> str | None:
    """What the provider calls the person; None when it does not vouch for it."""
    value = claims.get(settings.claim)
    if settings.claim == "email" and claims.get("email_verified") is not True:
        return None
    return value if isinstance(value, str) and value else None


def _session(centre: Centre, named: str | None, handle: _Handle, peer: str) -> Session:
    """A session of the account that is linked with the name. None is ever made for it."""
    account = None
    if named is not None:
        with centre.database.reading() as connection:
            account = _linked(connection, named)
    if named is None or account is None:
        events.sign_in_failed(centre, "", peer, handle.device_name, reason="sso")
        raise Refused("sso_no_account")

    def is_still_linked(connection: Connection) -> bool:
        return _linked(connection, named, lock=True) == account

    session = open_session(centre, account, handle.device, handle.device_name, still=is_still_linked)
    attempts.take_back(centre, attempts.elsewhere(centre, peer))
    return session


def _linked(connection: Connection, named: str, *, lock: bool = False) -> str | None:
    query = select(ACCOUNT.c.account).where(ACCOUNT.c.sso == named, ACCOUNT.c.blocked == 0)
    return connection.execute(query.with_for_update() if lock else query).scalar_one_or_none()


def _settings(centre: Centre) -> OidcSettings:
    with centre.database.reading() as connection:
        settings = read_settings(connection)
    if settings is None:
        raise Refused("sso_off")
    return settings


def _unavailable(error: Exception) -> Refused:
    log_event("sso_failed", type=type(error).__name__, reason=str(error))
    return Refused("sso_unavailable")


def _cipher(centre: Centre) -> ChaCha20Poly1305:
    key = hashlib.blake2b(key=centre.cursor_key, person=b"sso handle", digest_size=32).digest()
    return ChaCha20Poly1305(key)


def _seal(centre: Centre, handle: _Handle) -> str:
    nonce = secrets.token_bytes(_NONCE)
    sealed = nonce + _cipher(centre).encrypt(nonce, msgspec.json.encode(handle), None)
    return base64.urlsafe_b64encode(sealed).decode()


def _opened(centre: Centre, value: str) -> _Handle | None:
    try:
        sealed = base64.b64decode(value.encode("ascii"), altchars=b"-_", validate=True)
        data = _cipher(centre).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
    except (InvalidTag, ValueError, binascii.Error, UnicodeEncodeError):
        return None
    return msgspec.json.decode(data, type=_Handle)
