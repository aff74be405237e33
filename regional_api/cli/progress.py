"""A line of progress for long work: how much is done, how fast, how long it will take."""

import time
from datetime import timedelta
from typing import TextIO

from cur_tui.formats import format_duration, format_number, format_percent
from cur_tui.i18n import _

_TERMINAL_PAUSE = 0.2
_LOG_PAUSE = 5.0


class Progress:
    """Writes to ``stream`` now and then: over the same line on a terminal, a new line elsewhere.

    ``total`` None: the end is not known, so only amount and speed are shown.
    """

    def __init__(self, what: str, total: int | None, stream: TextIO) -> None:
        self._what = what
        self._total = total
        self._stream = stream
        self._on_terminal = stream.isatty()
        self._started = time.monotonic()
        self._shown_at = self._started
        self._width = 0

    def show(self, done: int) -> None:
        """Tell that ``done`` are done, unless something was told a moment ago."""
        now = time.monotonic()
        if now - self._shown_at < (_TERMINAL_PAUSE if self._on_terminal else _LOG_PAUSE):
            return
        self._shown_at = now
        self._write(self._line(done, now - self._started))

    def finish(self) -> None:
        """End the line that a terminal still shows."""
        if self._width:
            self._stream.write("\n")
            self._stream.flush()

    def _line(self, done: int, seconds: float) -> str:
        speed = done / seconds if seconds > 0 else 0.0
        words = _("{what}: {done}, {speed} a second").format(
            what=self._what, done=format_number(done), speed=format_number(round(speed))
        )
        if not self._total or not speed:
            return words
        left = timedelta(seconds=round(max(self._total - done, 0) / speed))
        return _("{words}, {share}, {left} left").format(
            words=words, share=format_percent(done / self._total), left=format_duration(left)
        )

    def _write(self, line: str) -> None:
        if self._on_terminal:
            self._stream.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self._stream.write(line + "\n")
        self._stream.flush()
