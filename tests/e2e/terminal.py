"""A real terminal for a test: the program runs under a pty, and a terminal emulator reads what it writes."""

import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pexpect
import pyte

PATIENCE = 30.0
"""How long to wait for something to appear, in seconds: an upper bound for a busy machine, not a budget."""

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "pagedown": "\x1b[6~",
    "pageup": "\x1b[5~",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "backspace": "\x7f",
    "space": " ",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "f5": "\x1b[15~",
    "f6": "\x1b[17~",
    "f7": "\x1b[18~",
    "f8": "\x1b[19~",
    "f9": "\x1b[20~",
    "f12": "\x1b[24~",
    "shift+down": "\x1b[1;2B",
}


class Terminal:
    """A program in a terminal of a given size. Everything that it writes is kept in ``raw``."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path | None = None,
        columns: int = 120,
        rows: int = 36,
        emulated: bool = True,
    ) -> None:
        """``emulated`` False: what is written is only kept, since reading it costs as much as the program."""
        self._emulated = emulated
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = bytearray()
        full = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **env}
        self._child = pexpect.spawn(
            command[0], list(command[1:]), env=full, cwd=str(cwd) if cwd else None, dimensions=(rows, columns)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def text(self) -> str:
        """What a person sees now, or saw last."""
        while not self._child.closed and self._read(0.0):
            pass
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def pid(self) -> int:
        """Process id of the program."""
        return int(self._child.pid)

    def _read(self, wait: float) -> bool:
        try:
            chunk = self._child.read_nonblocking(65_536, timeout=wait)
        except pexpect.TIMEOUT:
            return False
        except pexpect.EOF:
            return False
        self.raw += chunk
        if self._emulated:
            self._stream.feed(chunk)
        return True

    def wait_for(self, pattern: str, *, gone: bool = False, patience: float = PATIENCE) -> str:
        """The screen once ``pattern`` (a regular expression) is on it, or is no longer."""
        deadline = time.monotonic() + patience
        while True:
            shown = self.text
            if bool(re.search(pattern, shown)) is not gone:
                return shown
            # The screen is only put together again when something was written, which costs more than waiting.
            while not (came := self._read(0.05)) and time.monotonic() < deadline and not self._child.flag_eof:
                pass
            if not came:
                state = "still there" if gone else "missing"
                raise AssertionError(f"«{pattern}» {state} after {patience:.0f} s; the screen:\n{self.text}")

    def settle(self, quiet: float = 0.3) -> str:
        """The screen once nothing has been written for ``quiet`` seconds."""
        deadline = time.monotonic() + PATIENCE
        last = time.monotonic()
        while time.monotonic() - last < quiet and time.monotonic() < deadline:
            if self._read(0.05):
                last = time.monotonic()
        return self.text

    def press(self, *keys: str) -> None:
        """Press keys, each by its name or as a character; ``ctrl+x`` is the control byte."""
        for key in keys:
            if key in KEYS:
                self._child.send(KEYS[key])
            elif key.startswith("ctrl+") and len(key) == 6:
                self._child.send(chr(ord(key[-1]) & 0x1F))
            else:
                self._child.send(key)
            self.settle(0.12)

    def type(self, text: str) -> None:
        """Type text as a person would, without leaving the field."""
        self._child.send(text)
        self.settle(0.2)

    def wait_end(self, patience: float = PATIENCE) -> int:
        """Wait until the program has ended; its exit status."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and self._child.isalive():
            self._read(0.05)
        self._child.close()
        return int(self._child.exitstatus or 0)

    def close(self) -> None:
        """End the program."""
        if self._child.isalive():
            self._child.terminate(force=True)
        self._child.close()
