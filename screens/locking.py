"""The workstation's lock: what was typed is kept, the screens are covered, the cache is closed.

The screens themselves stay behind the cover in a mode of their own, so that unlocking leads back to the same
place and a half-filled form is still there. Nothing of them is painted, and nothing they ask for is answered.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from textual.screen import Screen

from cur_tui.services.desk import CacheError, Desk
from cur_tui.services.explain import explain_error
from screens.answer_writing import WritingSheet
from screens.bulk import BulkScreen
from screens.kept_fields import KeptFields
from screens.lock import LockFacts, LockScreen
from screens.sso import SsoScreen

if TYPE_CHECKING:
    from cur_tui.services.access.locking import Lock
    from cur_tui.services.exchange.exchange import Exchange

MODE: Final = "locked"

CALM: Final = 0.6
"""Seconds between the cover and the end of the cache: what the last key began has come to its end by then."""

TURN: Final = 5.0
"""Seconds that a screen on a busy machine is given to work off what it was told before the cover."""

_CLEAR: Final = "\x1b[2J\x1b[3J\x1b[H"
"""Erase the screen and what the terminal keeps of earlier ones; some keep the alternate screen as well."""


class Station(Protocol):
    """What the lock needs of the application."""

    @property
    def desk(self) -> Desk:
        """The desk of the person who is signed in."""

    @property
    def exchange(self) -> Exchange:
        """The exchange with the regional API."""

    def every_screen(self) -> list[Screen[object]]:
        """The screens of all modes."""

    def cover(self, screen: Callable[[], Screen[None]], clear: str) -> str:
        """Write ``clear`` to the terminal and show ``screen`` alone; returns the mode that was left."""

    async def send_last(self) -> None:
        """Offer what waits to the server, for a moment."""

    def uncover(self, mode: str) -> None:
        """Go back to ``mode`` and exchange again."""


class StationLock:
    """One locking, from the first key that hides everything to the password that brings it back."""

    def __init__(self, station: Station, lock: Lock, person: str) -> None:
        self._station = station
        self._lock = lock
        self._person = person
        self._behind = ""
        self._closed = asyncio.Event()
        self.ended = asyncio.Event()
        """Set once everything is open again."""

    async def close(self) -> None:
        """Cover, keep, send what waits, close.

        Whatever fails on the way, a full disk or a damaged cache, must not leave a workstation that is
        neither covered nor in use: the cover comes first and the closing in any case.
        """
        station = self._station
        for screen in station.every_screen():
            if isinstance(screen, SsoScreen):
                screen.action_cancel()  # it would end behind the lock, where nothing can be closed
        zone = station.desk.zone
        facts = LockFacts(
            person=self._person,
            region=station.desk.region_name,
            by_passphrase=self._lock.by_passphrase,
            waiting=_waiting(station.desk),
        )
        self._behind = station.cover(
            lambda: LockScreen(facts, lambda: datetime.now(zone), self._open, self._wait), _CLEAR
        )
        began = time.monotonic()
        try:
            await keep_all(station.every_screen())
            with suppress(CacheError):
                await station.send_last()
            await asyncio.to_thread(station.exchange.stop)
            await asyncio.sleep(max(0.0, CALM - (time.monotonic() - began)))
            await _calm(station.every_screen())
        finally:
            try:
                await asyncio.to_thread(self._lock.lock)
            finally:
                self._closed.set()

    async def _open(self, secret: str, *, ask_server: bool) -> str:
        """Try to open; what is wrong, or nothing."""
        await self._closed.wait()
        act = self._lock.sign_in if ask_server else self._lock.unlock
        try:
            await asyncio.to_thread(act, secret)
        except Exception as error:
            sentence = explain_error(error)
            if sentence is None:
                raise
            return sentence
        self.ended.set()
        self._station.uncover(self._behind)
        return ""

    async def _wait(self) -> float:
        return await asyncio.to_thread(self._lock.wait)


async def keep_all(screens: Iterable[Screen[object]]) -> None:
    """Keep what is being typed on the screens and has a draft to be kept in.

    What cannot be kept stays on its screen, and must not hold up what comes next.
    """
    for screen in screens:
        with suppress(CacheError):
            for sheet in screen.query(WritingSheet):
                await sheet.leave()
            if isinstance(screen, KeptFields):
                await screen.keep_typed()


async def _calm(screens: Iterable[Screen[object]]) -> None:
    """Wait until each screen has come to the end of what it has been told so far."""
    for screen in screens:
        turn = asyncio.Event()
        if screen.call_later(turn.set):
            with suppress(TimeoutError):
                await asyncio.wait_for(turn.wait(), TURN)


def may_cover(screens: list[Screen[object]]) -> bool:
    """Whether nothing is under way that works through appeals by itself and would lose its end."""
    return not any(isinstance(screen, BulkScreen) for screen in screens)


def _waiting(desk: Desk) -> int:
    """How many acts were not sent yet; none are told of where the cache cannot be read."""
    with suppress(CacheError):
        return len(desk.outbox())
    return 0
