"""Ending with the program that started this one, also when that was killed.

The parent holds the other end of our standard input. Whatever ends it closes that end, on every system.
"""

import os
import signal
import sys
import threading


def exit_with_parent() -> None:
    """Stop this process, as by SIGTERM, as soon as its standard input ends."""
    threading.Thread(target=_wait_for_the_end, name="parent", daemon=True).start()


def _wait_for_the_end() -> None:
    # Not through sys.stdin: its lock would be held for ever and stop the interpreter from finishing.
    descriptor = sys.__stdin__.fileno() if sys.__stdin__ is not None else 0
    try:
        while os.read(descriptor, 4096):
            pass
    except OSError:
        pass  # an input that cannot be read has ended, too
    os.kill(os.getpid(), signal.SIGTERM)
