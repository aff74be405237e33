"""Secrets in the keyring of the operating system, if it has a real one that answers.

Keyrings fail in every way there is: none at all, one that keeps nothing and says it did, one that writes
plain text, one that is locked and waits for ever for a window nobody sees. So a candidate must be of a known
real kind, and must give back a random value within a few seconds.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, TypeVar

from cur_tui.services.secrets.vault_problems import VaultError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

SERVICE: Final = "cur-operator"
PROBE_LIMIT: Final = 3.0
CALL_LIMIT: Final = 30.0
"""Seconds for a known keyring: a person may have to unlock it first."""

REAL: Final = frozenset(
    (
        "keyring.backends.SecretService",
        "keyring.backends.libsecret",
        "keyring.backends.kwallet",
        "keyring.backends.macOS",
        "keyring.backends.Windows",
    )
)
"""Modules of the backends that really keep and protect. Everything else is passed over."""


class _TimedOutError(Exception):
    """The keyring did not come back in time."""


class KeyringVault:
    """One real backend. Calls are made in a thread of their own, since any of them may never return."""

    kind = "keyring"

    def __init__(self, backend: KeyringBackend, *, limit: float = CALL_LIMIT) -> None:
        self._backend = backend
        self._limit = limit

    def get(self, name: str) -> bytes | None:
        """The secret called ``name``, or None."""
        text = self._call(lambda: self._backend.get_password(SERVICE, name))
        try:
            return None if text is None else base64.b64decode(text, validate=True)
        except ValueError:
            raise VaultError("keyring_failed", {"reason": "base64"}) from None

    def set(self, name: str, secret: bytes) -> None:
        """Keep a secret, and read it back: what is said to be kept must be there."""
        text = base64.b64encode(secret).decode()
        self._call(lambda: self._backend.set_password(SERVICE, name, text))
        if self._call(lambda: self._backend.get_password(SERVICE, name)) != text:
            raise VaultError("keyring_failed", {"reason": "—"})

    def delete(self, name: str) -> None:
        """Forget a secret; it need not be there."""
        if self.get(name) is not None:
            self._call(lambda: self._backend.delete_password(SERVICE, name))

    def _call(self, work: Callable[[], T]) -> T:
        try:
            return _within(self._limit, work)
        except _TimedOutError:
            raise VaultError("keyring_unavailable") from None
        except Exception as error:
            # Backends raise whatever their bus or their system raises, also outside KeyringError. The text of
            # the exception could hold the secret, its kind cannot.
            raise VaultError("keyring_failed", {"reason": type(error).__name__}) from None


def find_keyring(
    candidates: Callable[[], Iterable[KeyringBackend]] | None = None,
    *,
    real: frozenset[str] = REAL,
    limit: float = PROBE_LIMIT,
) -> KeyringVault | None:
    """The system's keyring if it is a real one and gives back what it is given, else None; never hangs."""

    def probe() -> KeyringVault | None:
        for backend in (candidates or _configured)():
            if type(backend).__module__ in real and _keeps(backend):
                return KeyringVault(backend)
        return None

    try:
        return _within(limit, probe)
    except Exception:  # whatever is wrong with it, there is no keyring to use
        return None


def _configured() -> Iterable[KeyringBackend]:
    """The backend that the keyring library chose; of a chain, its members."""
    import keyring

    chosen = keyring.get_keyring()
    members = getattr(chosen, "backends", None)
    return list(members) if isinstance(members, list | tuple) else [chosen]


def _keeps(backend: KeyringBackend) -> bool:
    import secrets

    name, value = f"probe-{secrets.token_hex(8)}", secrets.token_hex(16)
    try:
        backend.set_password(SERVICE, name, value)
        kept = backend.get_password(SERVICE, name) == value
        backend.delete_password(SERVICE, name)
    except Exception:  # backends raise whatever their bus or their system raises
        return False
    return kept


def _within(seconds: float, work: Callable[[], T]) -> T:
    """The result of ``work``, done in a thread that does not keep the program from ending.

    Raises :class:`_TimedOutError`, else whatever ``work`` raises.
    """
    results: list[T] = []
    failures: list[Exception] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:  # handed to the caller below
            failures.append(error)

    thread = threading.Thread(target=run, name="keyring", daemon=True)
    thread.start()
    thread.join(seconds)
    if failures:
        raise failures[0]
    if not results:
        raise _TimedOutError
    return results[0]
