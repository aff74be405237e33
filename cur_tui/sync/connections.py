"""Open sockets that another thread may have to wake up: a long poll waits in one of them."""

import contextlib
import socket
import threading
import weakref
from typing import Any


class Connections:
    """The sockets that the HTTP library opened, as its trace events tell.

    Closing the client from another thread does not wake a thread that waits in ``recv``; shutting the socket
    down does.
    """

    def __init__(self) -> None:
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._is_shut = False

    @property
    def is_shut(self) -> bool:
        """Whether :meth:`shut_down` was called."""
        return self._is_shut

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """To be handed to the HTTP library as its ``trace`` extension."""
        if event not in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            return
        opened = info["return_value"].get_extra_info("socket")
        if opened is None:
            return
        with self._lock:
            self._sockets.add(opened)
            shut = self._is_shut
        if shut:
            _wake(opened)

    def shut_down(self) -> None:
        """Wake every thread that waits for an answer, now and later."""
        with self._lock:
            self._is_shut = True
            opened = list(self._sockets)
        for one in opened:
            _wake(one)


def _wake(opened: socket.socket) -> None:
    # Closed meanwhile, or given over to its TLS layer, which is in the set by itself.
    with contextlib.suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)
