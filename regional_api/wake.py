"""Waking those who wait for news, without a thread or a connection of the database for each of them."""

import asyncio
import threading


class Bell:
    """Rung by any thread after a commit; heard by the long polls of this process.

    Correctness never depends on it: whoever waits looks again by itself, since another process may have
    committed.
    """

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()
        self._lock = threading.Lock()
        self.stopped = False

    def ring(self) -> None:
        """Wake everybody who waits now."""
        with self._lock:
            waiting, self._waiting = self._waiting, set()
        for future in waiting:
            future.get_loop().call_soon_threadsafe(_wake, future)

    def stop(self) -> None:
        """Wake everybody for good: the server is going down."""
        self.stopped = True
        self.ring()

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
