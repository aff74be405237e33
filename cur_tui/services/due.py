"""How close a deadline is, as a symbol, a short text and a style; never by colour alone."""

from enum import StrEnum

import msgspec

from cur_tui.i18n import _

HOUR = 3600
DAY = 24 * HOUR


class Band(StrEnum):
    """How close the control date is, by its distance on the clock."""

    OVERDUE = "overdue"
    SOON = "soon"
    DAY = "day"
    LATER = "later"
    NONE = "none"


SYMBOLS: dict[Band, str] = {Band.OVERDUE: "▲", Band.SOON: "◆", Band.DAY: "●", Band.LATER: "○", Band.NONE: " "}
"""A shape for each band, readable without colour."""


class Due(msgspec.Struct, frozen=True):
    """A deadline as a list shows it."""

    band: Band
    text: str

    @property
    def badge(self) -> str:
        """Symbol and text together."""
        return f"{SYMBOLS[self.band]} {self.text}" if self.text else ""


def due_of(control_due_at: int | None, now: int, *, provisional: bool = False) -> Due:
    """The badge of a control date; both instants in whole seconds since 1970 UTC.

    A provisional date carries «≈»: the production calendar of its year is not loaded yet.
    """
    if control_due_at is None:
        return Due(Band.NONE, "")
    left = control_due_at - now
    text = span(abs(left))
    if provisional:
        text = f"≈{text}"
    if left < 0:
        return Due(Band.OVERDUE, f"−{text}")
    if left < 2 * HOUR:
        return Due(Band.SOON, text)
    return Due(Band.DAY if left < DAY else Band.LATER, text)


def span(seconds: int) -> str:
    """A length of time in its one largest unit, a minute at least, at most seven cells wide."""
    if seconds < HOUR:
        return _("{n} min").format(n=max(seconds // 60, 1))
    if seconds < 2 * DAY:
        return _("{n} h").format(n=seconds // HOUR)
    return _("{n} d").format(n=seconds // DAY)
