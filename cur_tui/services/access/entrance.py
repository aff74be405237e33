"""The way into the workstation: which profiles there are, adding one, opening one, signing in.

Everything here blocks (files, keyring, network) and belongs into a worker.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from cur_tui.domain.refusal import Refused
from cur_tui.services.access.profiles import Profiles
from cur_tui.services.access.signin import SignIn
from cur_tui.services.access.workplace import Workplace, workplace_of
from cur_tui.services.exchange.exchange import Exchange
from cur_tui.services.secrets.vault import Ask, Occasion, open_vault

if TYPE_CHECKING:
    from cur_tui.paths import Home
    from cur_tui.services.access.locking import Lock
    from cur_tui.services.access.sso import Prompt, Rest
    from cur_tui.services.desk import Desk
    from storage.entries import Draft

MAX_NAME = 28
"""Letters of a profile's name made from its server's; a number may follow."""


class ProfileLine(msgspec.Struct, frozen=True):
    """A profile to choose. ``ready``: its data are on this machine, so work can start without a network."""

    name: str
    server: str
    user: str
    ready: bool


class Seat(NamedTuple):
    """An opened workplace and a desk to work at. The exchange may wait to be started until that is shown."""

    place: Workplace
    exchange: Exchange
    desk: Desk


class Entrance:
    """The profiles of one home. ``ask`` is called for the passphrase where there is no keyring.

    Methods raise errors that have a ``sentence``: of the settings, the profiles, the vault, the cache, the
    network and the server; and :class:`cur_tui.domain.refusal.Refused`.
    """

    def __init__(self, home: Home, profile: str | None = None, *, ask: Ask | None = None) -> None:
        self._home = home
        self._wished = profile
        self.ask = ask
        self.profiles = Profiles(home)
        self._signin: SignIn | None = None
        self._told: list[str] = []
        self._opening = threading.Lock()

    def lines(self) -> tuple[ProfileLine, ...]:
        """The profiles, the one to begin with first."""
        settings = self.profiles.settings
        first = self._wished or settings.profile
        names = sorted(settings.profiles, key=lambda name: (name != first, name))
        return tuple(
            ProfileLine(
                name,
                settings.profiles[name].server,
                settings.profiles[name].user or "",
                settings.profiles[name].user is not None and self.profiles.cache_path(name).exists(),
            )
            for name in names
        )

    def resume(self) -> Workplace | None:
        """The workplace to begin with, without a network; None when somebody has to sign in first."""
        lines = self.lines()
        ready = lines and lines[0].ready and (self._wished is None or lines[0].name == self._wished)
        return self.open(lines[0].name) if ready else None

    def seat(self) -> Seat | None:
        """A seat at the workplace to begin with; None when a person must be asked or told something first.

        What that is turns up again when they try: :meth:`resume` raises it.
        """
        try:
            place = self.resume()
        except Exception:  # told by whoever has a screen to tell it on
            return None
        if place is None:
            return None
        try:
            return Seat(place, Exchange(make=place.runner), place.desk)
        except Refused:
            place.close()
            return None

    def keep(self, drafts: tuple[Draft, ...]) -> None:
        """Keep texts that the cache did not take while it was open; a damaged one is made anew for that."""
        seat = self.seat()
        if seat is None:
            return
        try:
            for draft in drafts:
                seat.desk.save_draft(draft)
        finally:
            seat.place.close()

    def open(self, name: str) -> Workplace:
        """A profile whose data are on this machine, as the person who signed in last."""
        place = workplace_of(self._opened(), name)
        self.profiles.choose(name)
        return place

    def add(self, server: str, ca_file: str = "") -> str:
        """A new profile for a server; returns its name, made from the server's. A known one is used again."""
        from cur_tui.sync.address import parse_address

        address = parse_address(server)
        known = self.profiles.settings.profiles
        for name, profile in known.items():
            if profile.server == address and profile.user is None:
                return name
        name = _free_name(address, set(known))
        self.profiles.add(name, address, ca_file=Path(ca_file) if ca_file else None)
        return name

    def sign_in(self, name: str, user: str, password: str) -> Workplace:
        """Ask the server, then open the profile."""
        self._opened().sign_in(name, user, password)
        return self.open(name)

    def lock_of(self, place: Workplace) -> Lock:
        """The lock of an opened workplace; what opens the secrets is not kept here any longer."""
        from cur_tui.services.access.locking import Lock

        with self._opening:
            self._signin = None
        return Lock(place, self._home.secrets_file)

    def sign_in_through(self, name: str, show: Callable[[Prompt], None], rest: Rest) -> Workplace:
        """Sign in at the region's identity provider, then open the profile."""
        self._opened().sign_in_through(name, show, rest)
        return self.open(name)

    def _opened(self) -> SignIn:
        with self._opening:
            if self._signin is None:
                self._signin = SignIn(
                    self._home, open_vault(self._home, ask=self.ask), ask=self._asked, tell=self._told.append
                )
            return self._signin

    def news(self) -> list[str]:
        """Sentences to tell the person, each given once: what was found wrong on the way in and put right."""
        news = self._told[:]
        del self._told[: len(news)]
        return news

    def _asked(self, occasion: Occasion) -> str | None:
        return None if self.ask is None else self.ask(occasion)


def _free_name(address: str, taken: set[str]) -> str:
    import re
    from urllib.parse import urlsplit

    host = urlsplit(address).netloc.lower()
    base = re.sub(r"[^a-z0-9]+", "-", host).strip("-")[:MAX_NAME].strip("-") or "server"
    name, n = base, 1
    while name in taken:
        n += 1
        name = f"{base}-{n}"
    return name
