"""Opening the workstation: the cache is opened while the library of the interface is still being read."""

from __future__ import annotations

import gc
import os
import threading
from typing import TYPE_CHECKING, Final

from cur_tui.i18n import choose_language, set_language
from cur_tui.services.access.entrance import Entrance, Seat

if TYPE_CHECKING:
    from cur_tui.paths import Home

FRAMES: Final = "TEXTUAL_FPS"
"""The terminal library's own variable, read when it is imported; a person who has set it knows better."""

A_SECOND: Final = "240"
"""A repaint waits for its frame, and after a key nobody should wait for a sixtieth of a second. Nothing is
painted more often for it."""


def open_workstation(
    home: Home, profile: str | None = None, *, notice: str | None = None, locks_itself: bool = True
) -> int:
    """Run the workstation of a home until the person leaves it; returns the exit code of the program.

    ``notice`` is told once at the start. ``locks_itself``: after some minutes without a key. A cache that
    turns out to be damaged is made anew, and the workstation opens once more. Raises
    :class:`cur_tui.settings.SettingsError` for settings that cannot be read, the damage itself when it
    comes back at once, and :class:`cur_tui.services.access.revocation.GivenUp` when the office wants
    nothing kept here.
    """
    # Nothing of a start is garbage: collecting waits for the first paint.
    gc.disable()
    entrance = Entrance(home, profile)
    settings = entrance.profiles.settings
    set_language(choose_language(settings.language))
    damage: Exception | None = None
    for _attempt in range(2):
        # The keyring, a passphrase's key and the disk keep nobody waiting who is reading a library meanwhile.
        opening = _Opening(entrance)
        os.environ.setdefault(FRAMES, A_SECOND)
        from cur_tui.app import Workstation

        station = Workstation(
            seat=opening.result(),
            entrance=entrance,
            theme=settings.theme,
            remember_theme=lambda name: entrance.profiles.prefer(theme=name),
            notice=notice,
            lock_after=settings.lock_after if locks_itself else None,
        )
        station.run()
        if station.unkept:
            entrance.keep(station.unkept)
        if station.ended_access is not None:
            from cur_tui.services.access.revocation import give_up
            from cur_tui.services.access.signin import SignIn

            access, office = station.ended_access
            give_up(home, SignIn(home, access.secrets.vault), access.name, office)
        damage = station.damage
        if damage is None:
            return station.return_code or 0
    assert damage is not None
    raise damage


class _Opening:
    """A seat being taken in a thread of its own."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._seat: Seat | None = None
        self._thread = threading.Thread(target=self._take, name="opening")
        self._thread.start()

    def _take(self) -> None:
        self._seat = self._entrance.seat()

    def result(self) -> Seat | None:
        """The seat, as soon as it is there."""
        self._thread.join()
        return self._seat
