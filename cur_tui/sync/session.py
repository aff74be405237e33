"""The tokens of one signed-in person: a short-lived one for requests, a rotating one to renew it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, Protocol, TypeVar

from cur_tui.contract import API_PREFIX
from cur_tui.contract.wire import (
    Account,
    PasswordChange,
    Refresh,
    Session,
    SignIn,
    SsoPoll,
    SsoPolled,
    SsoStart,
    SsoStarted,
)
from cur_tui.sync.faults import AccessEnded, ServerProblem, SignInNeeded
from cur_tui.sync.transport import Transport

T = TypeVar("T")

ACCESS_ENDED: Final = "access_ended"


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

    def start_sso(self) -> SsoStarted:
        """Begin a sign-in at the region's identity provider."""
        question = SsoStart(device=self._device, device_name=self._device_name)
        return self._transport.call("POST", f"{API_PREFIX}/sso/start", SsoStarted, body=question)

    def poll_sso(self, handle: str) -> SsoPolled:
        """Whether the person has agreed there. A session that came of it waits for :meth:`adopt`."""
        question = SsoPoll(handle=handle, device=self._device)
        return self._transport.call("POST", f"{API_PREFIX}/sso/poll", SsoPolled, body=question)

    def adopt(self, session: Session) -> Account:
        """Work with this session from now on."""
        with self._lock:
            return self._accept(session)

    def refuse(self, session: Session) -> None:
        """End a session that was not wanted, without touching the one that is here."""
        self._transport.call("POST", f"{API_PREFIX}/sign-out", type(None), token=session.access_token)

    def change_password(self, old: str, new: str) -> None:
        """Give the signed-in account a new password; all its other sessions end."""
        question = PasswordChange(old=old, new=new)
        self.authorised(
            lambda token: self._transport.call(
                "POST", f"{API_PREFIX}/password", type(None), body=question, token=token
            )
        )

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
            if problem.code == ACCESS_ENDED:
                raise AccessEnded.of(problem) from problem
        try:
            return request(self._token(ended=token))
        except ServerProblem as problem:
            if problem.status == 401:
                raise _sign_in_needed(problem) from problem
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
                    raise _sign_in_needed(problem) from problem
                raise

    def _post(self, path: str, question: SignIn | Refresh) -> Session:
        return self._transport.call("POST", API_PREFIX + path, Session, body=question)

    def _accept(self, session: Session) -> Account:
        # First the durable copy, then the use: the old token is spent, losing the new one means signing in.
        self._store.save(session.refresh_token)
        self._access = session.access_token
        return session.account


def _sign_in_needed(problem: ServerProblem) -> SignInNeeded:
    return AccessEnded.of(problem) if problem.code == ACCESS_ENDED else SignInNeeded(problem.code)
