"""How often the terminal library repaints: told to it before it is imported, since it reads that once."""

import os
from typing import Final

FRAMES: Final = "TEXTUAL_FPS"
"""The library's own variable; a person who has set it knows better."""

A_SECOND: Final = "240"
"""A repaint waits for its frame, and after a key nobody should wait for a sixtieth of a second."""


def paint_at_once() -> None:
    """Let a repaint follow its key without a wait. Nothing is painted more often for it."""
    os.environ.setdefault(FRAMES, A_SECOND)
