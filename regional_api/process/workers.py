"""Several processes that serve one database at one port, since one interpreter uses one core.

The first process takes the port and starts the others as copies of itself. Each of them opens the database
and listens at the port by itself, the system deals out connections; a commit in one wakes those who wait in
the others, through a pipe. They all end when the first one is told to, when it is gone, and when one of them
ends by itself: whoever started the server then starts it anew.
"""

import os
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

from regional_api.log import log_event, log_failure


@dataclass(frozen=True, slots=True)
class Worker:
    """What one of the processes has from the first one, as file descriptors."""

    heard: int
    """Readable when another has committed."""
    others: tuple[int, ...]
    lifeline: int
    """At its end when the first process is gone."""
    ready: int

    def tell(self) -> None:
        """Let the others know of a commit."""
        for pipe in self.others:
            # Else it has been told often enough, or is gone.
            with suppress(BlockingIOError, BrokenPipeError):
                os.write(pipe, b"\0")

    def hear(self) -> None:
        """Forget what was told so far."""
        with suppress(BlockingIOError):
            os.read(self.heard, 65_536)

    def is_ready(self) -> None:
        """Let the first process know that this one listens."""
        os.write(self.ready, b"\0")


def run_workers(amount: int, work: Callable[[Worker], None], listening: Callable[[], None]) -> bool:
    """Run ``work`` in ``amount`` processes until SIGINT or SIGTERM; ``listening`` is called here when all of
    them are ready. False when one ended by itself.
    """
    bells = [os.pipe() for _ in range(amount)]
    for end in (end for pipe in bells for end in pipe):
        os.set_blocking(end, False)
    lifeline = os.pipe()
    children: set[int] = set()
    ready: list[int] = []
    for number, (heard, _) in enumerate(bells):
        others = tuple(told for other, (_, told) in enumerate(bells) if other != number)
        ears, mouth = os.pipe()
        child = os.fork()
        if child == 0:
            _close([lifeline[1], ears, *ready])
            _work(Worker(heard, others, lifeline[0], mouth), work)
        children.add(child)
        ready.append(ears)
        os.close(mouth)
    _close([lifeline[0], *(end for pipe in bells for end in pipe)])
    stopping = _Stopping(children)
    signal.signal(signal.SIGTERM, stopping)
    signal.signal(signal.SIGINT, stopping)
    # One that fails before it is ready closes its pipe without a word.
    if all(os.read(ears, 1) for ears in ready):
        listening()
    whole = True
    while children:
        child, status = os.wait()
        children.discard(child)
        if not stopping.begun:
            whole = False
            log_event("worker_ended", status=os.waitstatus_to_exitcode(status))
            stopping()
    return whole


class _Stopping:
    """Tells the processes to stop, once."""

    def __init__(self, children: set[int]) -> None:
        self._children = children
        self.begun = False

    def __call__(self, number: int = 0, frame: FrameType | None = None) -> None:
        self.begun = True
        for child in self._children:
            os.kill(child, signal.SIGTERM)


def _work(worker: Worker, work: Callable[[Worker], None]) -> None:
    """The life of a process; it never returns into what its parent was doing."""
    code = 1
    try:
        work(worker)
        code = 0
    except Exception as error:
        log_failure("", error)
    finally:
        os._exit(code)


def _close(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
