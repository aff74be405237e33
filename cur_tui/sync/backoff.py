"""How long to wait before the next attempt."""

import random
from typing import Final

FIRST: Final = 1.0
LONGEST: Final = 60.0
LONGEST_WISH: Final = 600.0
"""A server may ask for more patience than we have ourselves, up to this."""


class Backoff:
    """Exponential waiting with full jitter, so that a thousand clients do not come back at one moment.

    ``scale`` shortens every wait of the program's own (tests); a server's ``Retry-After`` is kept as it is.
    """

    def __init__(self, rng: random.Random | None = None, *, scale: float = 1.0) -> None:
        # Not for secrets: the jitter only has to differ between machines.
        self._rng = rng or random.Random()  # noqa: S311
        self._scale = scale
        self._failures = 0

    def reset(self) -> None:
        """An attempt succeeded."""
        self._failures = 0

    def next_delay(self, retry_after: float | None = None) -> float:
        """Seconds to wait after one more failure; at least what the server asked for."""
        ceiling = min(LONGEST, FIRST * 2.0**self._failures) * self._scale
        self._failures = min(self._failures + 1, 16)
        # Never nothing: a failure that comes back at once must not become a busy loop.
        own = self._rng.uniform(ceiling * 0.1, ceiling)
        if retry_after is None:
            return own
        wish = min(max(retry_after, 0.0), LONGEST_WISH)
        return wish + own * 0.1 if wish else own
