"""Signing in through the region's identity provider: a code to show, and the wait until it is accepted there.

What the provider is asked goes through the regional server; this machine never speaks to it. What is shown
comes from there all the same, so it is looked at before: an address that may be opened, a code to read aloud.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from cur_tui.domain.refusal import Refused
from cur_tui.i18n import _
from cur_tui.services.access.profiles import ProfileError
from cur_tui.sync.faults import NoContact, ServerProblem
from cur_tui.tls import is_safe_address

if TYPE_CHECKING:
    from cur_tui.contract.wire import Account, Session, SsoStarted
    from cur_tui.services.access.signin import Access

MAX_CODE: Final = 32
MAX_ADDRESS: Final = 500
SLOWER: Final = 5.0
"""Seconds that are added between two questions each time the provider wants it slower (RFC 8628)."""
MAX_INTERVAL: Final = 60.0

Rest = Callable[[float], bool]
"""Waits so many seconds, and says whether the person has given up meanwhile."""


class Prompt(NamedTuple):
    """What the person has to know: where to go, and what to type there."""

    address: str
    code: str

    @property
    def advice(self) -> str:
        """What to do, and what to beware of."""
        return _(
            "Open the address in a browser, on this or another device, and enter the code. Go there only "
            "with a code that you have asked for yourself: whoever enters another's signs them in as "
            "themselves."
        )


class SsoSignIn:
    """One sign-in of this kind. Methods raise what the session raises, and :class:`Refused`."""

    def __init__(self, access: Access) -> None:
        self._session = access.session
        self._started: SsoStarted | None = None
        self._until = 0.0

    def start(self) -> Prompt:
        """Ask for a code. Raises ``sso_unavailable`` for one that cannot be shown as it is."""
        started = self._session.start_sso()
        code, address = started.user_code, started.verification_uri
        if not (0 < len(code) <= MAX_CODE and code.isascii() and code.isprintable()):
            raise Refused("sso_unavailable")
        if len(address) > MAX_ADDRESS or not is_safe_address(address):
            raise Refused("sso_unavailable")
        self._started = started
        self._until = time.monotonic() + started.expires_in
        return Prompt(address, code)

    def wait(self, rest: Rest) -> Session:
        """The session, once the person has agreed at the provider.

        Raises ``sso_expired`` when that takes too long, ``sso_cancelled`` when ``rest`` says so.
        """
        started = self._started
        assert started is not None, "begun by start()"
        interval = float(min(max(started.interval, 1), MAX_INTERVAL))
        while time.monotonic() < self._until:
            if rest(interval):
                raise Refused("sso_cancelled")
            try:
                polled = self._session.poll_sso(started.handle)
            except NoContact:
                continue  # a network that comes and goes is no reason to begin anew
            if polled.session is not None:
                return polled.session
            if polled.slower:
                interval = min(interval + SLOWER, MAX_INTERVAL)
        raise Refused("sso_expired")


def sign_in_through(access: Access, owner: str | None, show: Callable[[Prompt], None], rest: Rest) -> Account:
    """Sign in at the provider: ``show`` tells the person where to go.

    Raises :class:`ProfileError` ``profile_of_other`` when somebody else than ``owner`` came of it; their
    session is ended, and the one that was here stays.
    """
    sso = SsoSignIn(access)
    show(sso.start())
    session = sso.wait(rest)
    if owner is not None and session.account.account != owner:
        with contextlib.suppress(NoContact, ServerProblem):
            access.session.refuse(session)
        raise ProfileError("profile_of_other", {"name": access.name, "owner": owner})
    return access.session.adopt(session)


def asleep(seconds: float) -> bool:
    """Rest without anybody who could give up but by an interrupt."""
    time.sleep(seconds)
    return False
