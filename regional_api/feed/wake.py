"""Waking those who wait for news, without a thread or a connection of the database for each of them."""

import asyncio
import threading
from collections.abc import Callable


class Bell:
    """Rung by any thread after a commit; heard by the long polls of this process and of its siblings.

    Correctness never depends on it: whoever waits looks again by itself, since another process may have
    committed.
    """

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()
        self._lock = threading.Lock()
        self.stopped = False
        self.tell: Callable[[], None] = lambda: None
        """Lets the other processes of this server know."""

    def ring(self) -> None:
        """Wake everybody who waits now, in this process and its siblings."""
        self.wake()
        self.tell()

    def wake(self) -> None:
        """Wake everybody who waits now in this process."""
        with self._lock:
            waiting, self._waiting = self._waiting, set()
        for future in waiting:
            future.get_loop().call_soon_threadsafe(_wake, future)

    def stop(self) -> None:
        """Wake everybody for good: the server is going down."""
        self.stopped = True
        self.wake()

    async def wait(self, seconds: float) -> None:
        """Return when the bell rings, or after ``seconds``."""
        if self.stopped:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._lock:
            self._waiting.add(future)
        try:
            await asyncio.wait_for(future, seconds)
        except TimeoutError:
            pass
        finally:
            with self._lock:
                self._waiting.discard(future)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
