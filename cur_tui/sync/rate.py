"""How fast something long goes on, from its last seconds: the beginning says nothing of the end."""

from collections import deque
from typing import Final

from cur_tui.sync.state import Progress

WINDOW: Final = 10.0
"""Seconds that a rate is taken from."""


class Meter:
    """Follows one long work. Times are seconds of any clock that does not go back."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def progress(self, done: int, total: int, now: float) -> Progress:
        """Where the work stands; its rate is 0 until two moments are known."""
        if self._seen and done < self._seen[-1][1]:
            self._seen.clear()  # begun anew
        self._seen.append((now, done))
        while now - self._seen[0][0] > WINDOW and len(self._seen) > 2:
            self._seen.popleft()
        began, first = self._seen[0]
        rate = (done - first) / (now - began) if now > began else 0.0
        return Progress(done, total, rate)

    def rest(self) -> None:
        """The work stands still: what comes later says nothing of the time before."""
        self._seen.clear()
