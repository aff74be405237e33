"""What is asked of the identity provider, and what is taken for an answer.

Nothing of the environment is trusted, no redirect is followed, an answer is short and JSON, and every address
that the provider names is encrypted unless it is on this computer.
"""

import base64
import ssl
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from cur_tui.tls import is_safe_address, tls_context
from regional_api.identity.oidc.settings import OidcSettings

T = TypeVar("T")

MAX_ANSWER: Final = 256 * 1024
TIMEOUT: Final = 10.0
"""Seconds that each step of a request may take."""
GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"


class ProviderError(Exception):
    """The provider cannot be used; the text is a code for the log and quotes nothing of its answer."""


class TokenRefused(Exception):
    """The provider's no to a poll; ``code`` is one of RFC 8628 or RFC 6749."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Metadata(msgspec.Struct, frozen=True):
    """What the provider says of itself (OpenID Connect Discovery)."""

    issuer: str
    device_authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class DeviceCode(msgspec.Struct, frozen=True):
    """A device sign-in that has begun (RFC 8628, section 3.2)."""

    device_code: str
    user_code: str
    verification_uri: str
    expires_in: int
    verification_uri_complete: str | None = None
    interval: int = 5


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str


class Provider(AbstractContextManager["Provider"]):
    """A conversation with the provider. Methods raise :class:`ProviderError`."""

    def __init__(self, settings: OidcSettings) -> None:
        # Here and not above: it brings a terminal library along, and most regions have no provider.
        import httpx

        self._settings = settings
        ca_file = Path(settings.ca_file) if settings.ca_file else None
        try:
            # A provider on this computer needs no roots: then nobody is trusted.
            is_local = settings.issuer.startswith("http:")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if is_local else tls_context(ca_file)
        except OSError:
            raise ProviderError("ca_file") from None
        self._faults = httpx.HTTPError
        self._client = httpx.Client(
            verify=context,
            trust_env=False,
            follow_redirects=False,
            timeout=TIMEOUT,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def discover(self) -> Metadata:
        """What it says of itself; it must be the one that was asked."""
        address = self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
        metadata = self._read(self._ask("GET", address), Metadata)
        if metadata.issuer != self._settings.issuer:
            raise ProviderError("issuer")
        return metadata

    def start(self, metadata: Metadata, nonce: str) -> DeviceCode:
        """Begin a device sign-in."""
        form = {"scope": self._settings.scope, "nonce": nonce}
        answer = self._ask("POST", metadata.device_authorization_endpoint, form)
        started = self._read(answer, DeviceCode)
        for address in (started.verification_uri, started.verification_uri_complete):
            if address is not None and not is_safe_address(address):
                raise ProviderError("verification_uri")
        if not 0 < started.expires_in < 86_400 or not 0 <= started.interval < 3_600:
            raise ProviderError("expires_in")
        return started

    def poll(self, metadata: Metadata, device_code: str) -> str:
        """The ID token once the person has agreed. Raises :class:`TokenRefused` too."""
        form = {"grant_type": GRANT, "device_code": device_code}
        return self._read(self._ask("POST", metadata.token_endpoint, form), _Tokens).id_token

    def keys(self, metadata: Metadata) -> dict[str, Any]:
        """The keys that it signs with now."""
        return self._read(self._ask("GET", metadata.jwks_uri), dict[str, Any])

    def _ask(self, method: str, address: str, form: Mapping[str, str] | None = None) -> bytes:
        if not is_safe_address(address) or urlsplit(address).fragment:
            raise ProviderError("address")
        headers = {"Accept": "application/json"}
        if form is not None:
            form = {**form, "client_id": self._settings.client_id}
            secret = self._secret()
            if secret is not None:
                headers["Authorization"] = _basic(self._settings.client_id, secret)
        try:
            with self._client.stream(method, address, data=form, headers=headers) as response:
                body = b""
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > MAX_ANSWER:
                        raise ProviderError("too_large")
                status = response.status_code
        except self._faults as error:
            raise ProviderError(type(error).__name__) from None
        if status == 200:
            return body
        if form is not None and status in (400, 401, 403):
            raise TokenRefused(_error_code(body))
        raise ProviderError(f"status {status}")

    def _secret(self) -> str | None:
        if self._settings.secret_file is None:
            return None
        try:
            return Path(self._settings.secret_file).read_text(encoding="utf-8").split("\n", 1)[0].strip()
        except (OSError, UnicodeDecodeError):
            raise ProviderError("secret_file") from None

    def _read(self, body: bytes, shape: type[T]) -> T:
        try:
            return msgspec.json.decode(body, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise ProviderError("answer") from None


def _basic(client_id: str, secret: str) -> str:
    """RFC 6749, section 2.3.1: both parts are form-encoded first."""
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _error_code(body: bytes) -> str:
    try:
        error = msgspec.json.decode(body, type=dict[str, Any]).get("error")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "unreadable"
    return error if isinstance(error, str) and error.isascii() and error.isprintable() else "unreadable"
