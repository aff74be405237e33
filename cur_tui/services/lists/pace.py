"""How often something may be done again: the longer it takes, the less often."""

LEAST = 0.2
"""Seconds in which changes are gathered before anything is read anew for them."""

SHARE = 20
"""What is read anew takes at most one part of so many of the time."""


class Pace:
    """The pace of one kind of reading. Moments are seconds of a clock that only goes forward."""

    def __init__(self) -> None:
        self._begun = 0.0
        self._free_at = 0.0

    def wait(self, now: float) -> float:
        """Seconds until it may begin."""
        return max(self._free_at - now, LEAST)

    def begin(self, now: float) -> None:
        """It begins."""
        self._begun = now

    def end(self, now: float) -> None:
        """It has ended, or was given up."""
        self._free_at = now + (now - self._begun) * SHARE
