"""Work that waits long for something else than the database, in threads of its own.

The hash of a password takes a share of a second and 64 MiB, and an identity provider answers when it likes:
neither may take the threads that everybody else's requests need.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Apart:
    """A few threads for one kind of such work; what finds none free waits for its turn."""

    def __init__(self, name: str, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, name)

    async def do(self, work: Callable[[], T]) -> T:
        """The result of ``work``."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Begin nothing any more, and return when what runs has ended: whoever closes the database behind it
        closes all of its connections.
        """
        self._threads.shutdown(wait=True, cancel_futures=True)
