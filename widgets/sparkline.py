"""A row of numbers as bars one cell high each, the latest last."""

from collections.abc import Sequence
from typing import Final

BARS: Final = "▁▂▃▄▅▆▇█"
"""From nothing to the largest; the heights tell, no colour is needed."""


def sparkline(values: Sequence[float], width: int) -> str:
    """The bars of the last ``width`` values; the lowest bar is nought and not the smallest."""
    shown = values[-width:] if width > 0 else ()
    highest = max(shown, default=0)
    if highest <= 0:
        return BARS[0] * len(shown)
    # Anything at all is told from nothing.
    return "".join(BARS[0 if value <= 0 else 1 + int((len(BARS) - 2) * value / highest)] for value in shown)
