"""The tokens of one signed-in person: a short-lived one for requests, a rotating one to renew it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from cur_tui.contract import API_PREFIX
from cur_tui.contract.wire import Account, Refresh, Session, SignIn
from cur_tui.sync.faults import ServerProblem, SignInNeeded
from cur_tui.sync.transport import Transport

T = TypeVar("T")


class TokenStore(Protocol):
    """Where the refresh token survives the program; see ``services.vault``."""

    def load(self) -> str | None:
        """The refresh token."""
        ...

    def save(self, token: str | None) -> None:
        """Keep a refresh token, durably when this returns; None forgets it."""
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """Keeps other programs from exchanging the token at the same time."""
        ...


class TokenSession:
    """Gives every request a token, and renews it once when the server says that it has ended.

    Safe to use from several threads. Methods that speak to the server raise :class:`NoContact`,
    :class:`ServerProblem` and :class:`SignInNeeded`.
    """

    def __init__(
        self, transport: Transport, store: TokenStore, *, device: str, device_name: str = ""
    ) -> None:
        self._transport = transport
        self._store = store
        self._device = device
        self._device_name = device_name
        self._access: str | None = None
        self._lock = threading.Lock()

    def sign_in(self, name: str, password: str) -> Account:
        """Exchange a password for tokens."""
        question = SignIn(name=name, password=password, device=self._device, device_name=self._device_name)
        with self._lock:
            return self._accept(self._post("/sign-in", question))

    def sign_out(self) -> None:
        """Forget the tokens here, and tell the server if it can be reached."""
        with self._lock:
            token, self._access = self._access, None
            self._store.save(None)
        if token is not None:
            self._transport.call("POST", f"{API_PREFIX}/sign-out", type(None), token=token)

    def renew(self) -> Account:
        """Exchange the refresh token for new ones: what a start of the program begins with."""
        with self._lock:
            return self._exchange()

    def authorised(self, request: Callable[[str], T]) -> T:
        """The result of ``request(token)``, asked a second time with a new token when the first has ended."""
        token = self._token()
        try:
            return request(token)
        except ServerProblem as problem:
            if problem.status != 401:
                raise
        try:
            return request(self._token(ended=token))
        except ServerProblem as problem:
            if problem.status == 401:
                raise SignInNeeded(problem.code) from problem
            raise

    def _token(self, ended: str | None = None) -> str:
        with self._lock:
            # Another thread may have renewed it already.
            if self._access is None or self._access == ended:
                self._exchange()
            assert self._access is not None
            return self._access

    def _exchange(self) -> Account:
        with self._store.exclusive():
            # Read under the lock: another program may have exchanged the one we knew.
            known = self._store.load()
            if known is None:
                raise SignInNeeded
            question = Refresh(refresh_token=known, device=self._device)
            try:
                return self._accept(self._post("/refresh", question))
            except ServerProblem as problem:
                if problem.is_answer:
                    # Kept in the store on purpose: a second answer may come after a server's restore.
                    raise SignInNeeded(problem.code) from problem
                raise

    def _post(self, path: str, question: SignIn | Refresh) -> Session:
        return self._transport.call("POST", API_PREFIX + path, Session, body=question)

    def _accept(self, session: Session) -> Account:
        # First the durable copy, then the use: the old token is spent, losing the new one means signing in.
        self._store.save(session.refresh_token)
        self._access = session.access_token
        return session.account
