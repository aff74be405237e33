"""A program in a terminal of its own, timed by the bytes that it writes there.

Nothing answers the program's questions to the terminal and nothing is drawn meanwhile: what is measured ends
with the last byte that a terminal would get, or with the last one that changed a part of the screen, which is
found out afterwards by an emulator that is fed the same bytes.
"""

import contextlib
import fcntl
import operator
import os
import pty
import select
import struct
import subprocess
import termios
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Final, Self

import pyte

COLUMNS: Final = 120
LINES: Final = 40
QUIET: Final = 0.015
"""Seconds without output after which a repaint counts as finished."""
LATE: Final = 0.4
"""Seconds without output after which nothing more is expected of what is painted in several steps."""
PATIENCE: Final = 60.0
LEAVING: Final = 5.0
"""Seconds that a program is given to end by itself."""
NO_REPAINT: Final = 5.0
"""Seconds after which a key that changed nothing is a mistake of the benchmark."""

KEYS: Final = {
    "down": b"\x1b[B",
    "page down": b"\x1b[6~",
    "home": b"\x1b[H",
    "end": b"\x1b[F",
    "ctrl+home": b"\x1b[1;5H",
    "ctrl+end": b"\x1b[1;5F",
    "enter": b"\r",
    "escape": b"\x1b",
}

Part = tuple[range, range]
"""Lines and columns of the screen."""

Enough = Callable[[list[str], list[str]], bool]
"""Whether the first lines are as good as the last."""


class NothingChanged(RuntimeError):
    """A key left the part of the screen as it was."""


class Terminal:
    """A running program. Leaving the block ends it."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        plain = {**(os.environ if env is None else env), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self._seen = b""
        self._written: list[tuple[float, bytes]] = []
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._emulator = pyte.ByteStream(self._screen)
        self.started = perf_counter()
        self._process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=plain,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        deadline = perf_counter() + LEAVING
        # It writes while it leaves; nobody reading would keep it waiting.
        while self._process.poll() is None:
            self._read(0.1)
            if perf_counter() > deadline:
                self._process.kill()
        os.close(self._ours)

    def until(self, marker: bytes) -> float:
        """Seconds from the start of the program to the bytes that put ``marker`` on the screen."""
        deadline = self.started + PATIENCE
        while marker not in self._seen:
            now = perf_counter()
            if now > deadline or not self._read(deadline - now):
                raise RuntimeError(f"{marker!r} never came; the last output: {self._seen[-2000:]!r}")
        return perf_counter() - self.started

    def settle(self, quiet: float = 0.25) -> None:
        """Wait until nothing has been written for ``quiet`` seconds, and forget what was."""
        while self._read(quiet):
            pass
        self._seen = b""

    def shows(self, marker: bytes, wait: float) -> bool:
        """Whether ``marker`` has been put on the screen, at the latest within ``wait`` seconds."""
        deadline = perf_counter() + wait
        while marker not in self._seen and (left := deadline - perf_counter()) > 0:
            self._read(left)
        return marker in self._seen

    @property
    def age(self) -> float:
        """Milliseconds since the start of the program."""
        return (perf_counter() - self.started) * 1_000

    def press(self, key: str, quiet: float = QUIET) -> float:
        """Milliseconds from a key, or a text, to the last byte of the repaint that it causes.

        The repaint is finished when nothing was written for ``quiet`` seconds: more for what is painted in
        two steps.
        """
        while self._read(0):
            pass
        self.send(key)
        pressed = last = perf_counter()
        wait = NO_REPAINT
        while self._read(wait):
            last, wait = perf_counter(), quiet
        if last == pressed:
            raise RuntimeError(f"nothing was painted after the key {key!r}")
        return (last - pressed) * 1_000

    def press_for(self, key: str, part: Part, enough: Enough = operator.eq) -> float:
        """Milliseconds from a key to the last byte that a part of the screen lacked.

        ``enough``: whether what the part shows is as good as what it shows in the end.
        """
        self.settle(QUIET)
        self.look(part)
        before = self._shown(part)
        self.send(key)
        pressed = perf_counter()
        wait = NO_REPAINT
        while self._read(wait):
            wait = LATE
        looks = self.look(part)
        final = self._shown(part)
        if final == before:
            raise NothingChanged(f"nothing was changed by the key {key!r}")
        there = pressed
        for moment, shown in reversed(looks):
            if not enough(shown, final):
                break
            there = moment
        return (there - pressed) * 1_000

    def look(self, part: Part) -> list[tuple[float, list[str]]]:
        """Draw what was written since the last look; how ``part`` changed by that, and when.

        Drawing takes the emulator a while, in which the program goes on.
        """
        changes, known = [], self._shown(part)
        for moment, chunk in self._written:
            self._emulator.feed(chunk)
            if (shown := self._shown(part)) != known:
                changes.append((moment, shown))
                known = shown
        self._written.clear()
        return changes

    def _shown(self, part: Part) -> list[str]:
        lines, columns = part
        return [line[columns.start : columns.stop] for line in self._screen.display[lines.start : lines.stop]]

    def send(self, key: str) -> None:
        """Press a key, or type a text, without waiting for anything."""
        os.write(self._ours, KEYS.get(key, key.encode()))

    def hold(self, key: str, times: int) -> None:
        """Press a key ``times`` times without waiting for each repaint, and then for the last one."""
        for _ in range(times):
            self.send(key)
            self._read(0)
        while self._read(QUIET):
            pass

    def memory(self) -> float:
        """Resident memory of the program in MiB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1_024

    def _read(self, wait: float) -> bool:
        ready, _, _ = select.select([self._ours], [], [], wait)
        if not ready:
            return False
        with contextlib.suppress(OSError):  # the program has ended: its side is closed
            chunk = os.read(self._ours, 65_536)
            self._written.append((perf_counter(), chunk))
            self._seen = (self._seen + chunk)[-200_000:]
            return bool(chunk)
        return False


def _take_terminal() -> None:
    """Make the terminal the new session's own: some programs open it by the name ``/dev/tty``."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
