"""Screens whose fields are kept while a person writes: no stop of the program loses a text."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from textual import on
from textual.timer import Timer
from textual.widgets import Input, TextArea

from screens.base import station
from screens.fields import Fields

T = TypeVar("T")

PAUSE = 0.3
"""Seconds without a key after which what was typed is kept."""


class KeptFields(Fields[T]):
    """Keeps what stands in its fields by ``keep``, once somebody has given it one."""

    def __init__(self, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name, id, classes)
        self.keep: Callable[[dict[str, str]], None] | None = None
        """Keeps the fields, durably. Called in a worker."""
        self.left: dict[str, str] = {}
        """What stood in each field when the screen was left, in whatever way."""
        self._kept: dict[str, str] = {}
        self._keeping = asyncio.Lock()
        self._pause: Timer | None = None

    def typed(self) -> dict[str, str]:
        """What stands in each field."""
        raise NotImplementedError

    def action_cancel(self) -> None:
        """Answer with nothing."""
        self.left = self.typed()
        super().action_cancel()

    def on_mount(self) -> None:
        """What stands there at first need not be kept."""
        self._kept = self.typed()

    async def keep_typed(self) -> None:
        """Keep what has been typed so far; the screen stays."""
        async with self._keeping:
            if self.keep is None or not self.is_attached:
                return
            typed = self.typed()
            if typed != self._kept:
                await asyncio.to_thread(self.keep, typed)
                self._kept = typed

    async def end_keeping(self) -> None:
        """Nothing is kept after this: what becomes of the text is decided by whoever has asked for it."""
        async with self._keeping:
            self.keep = None

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _changed(self) -> None:
        if self.keep is None:
            return
        if self._pause is not None:
            self._pause.stop()
        # By the application: keeping that has begun must not be cut off with the screen.
        self._pause = self.set_timer(PAUSE, lambda: station(self).start(self.keep_typed()))
