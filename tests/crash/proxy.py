"""A TCP proxy that fails as networks fail, on purpose and by a seed."""

import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import Enum
from types import TracebackType
from typing import Self

CHUNK = 4096
HELD = 0.6
"""Seconds that a stalled or half-open connection hangs before it breaks."""


class Fate(Enum):
    """What becomes of one connection."""

    PASS = "passes"
    REFUSED = "is refused"
    REQUEST_CUT = "breaks in the middle of the request"
    ANSWER_CUT = "breaks in the middle of the answer"
    ANSWER_LOST = "breaks before the answer"
    STALLED = "is taken and nothing happens"
    DELAYED = "is slow"
    HALF_OPEN = "takes the request and is silent from then on"


UNKIND = tuple(fate for fate in Fate if fate is not Fate.PASS)


class Proxy:
    """Listens on the loopback interface and passes connections on to ``upstream``, the port of a server.

    While ``calm`` nothing fails. ``fate`` chooses for each connection; by default the seed does.
    """

    def __init__(self, upstream: int, seed: int) -> None:
        self.calm = True
        self.fate: Callable[[], Fate] = self._by_chance
        self.swallow = b""
        """Of a connection on which a request with these bytes is met no answer comes back from then on."""
        self.swallowed = threading.Event()
        self.met: dict[Fate, int] = dict.fromkeys(Fate, 0)
        self._upstream = upstream
        self._chance = random.Random(seed)
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        with suppress(OSError):  # wakes the thread that waits for a connection
            socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join(10)
        self._listener.close()

    def _by_chance(self) -> Fate:
        return self._chance.choice(UNKIND) if self._chance.random() < 0.5 else Fate.PASS

    def _accept(self) -> None:
        while not self._stopping.is_set():
            client, _ = self._listener.accept()
            fate = Fate.PASS if self.calm else self.fate()
            self.met[fate] += 1
            bytes_ = self._chance.randrange(1, 2 * CHUNK)
            threading.Thread(target=self._serve, args=(client, fate, bytes_), daemon=True).start()

    def _serve(self, client: socket.socket, fate: Fate, limit: int) -> None:
        try:
            if fate is Fate.STALLED:
                self._stopping.wait(HELD)
            if fate in (Fate.REFUSED, Fate.STALLED):
                return
            with socket.create_connection(("127.0.0.1", self._upstream), timeout=10) as server:
                server.settimeout(None)
                mute = threading.Event()
                answering = threading.Thread(
                    target=self._answer, args=(server, client, fate, limit, mute), daemon=True
                )
                answering.start()
                cut = limit if fate is Fate.REQUEST_CUT else None
                for chunk in self._chunks(client, cut, slow=fate is Fate.DELAYED):
                    if self.swallow and self.swallow in chunk:
                        mute.set()
                    server.sendall(chunk)
                if fate is Fate.REQUEST_CUT:
                    _break(client, server)
                answering.join(60)
        except OSError:
            pass  # the server is down, or one of the two has gone
        finally:
            _break(client)

    def _answer(
        self, server: socket.socket, client: socket.socket, fate: Fate, limit: int, mute: threading.Event
    ) -> None:
        if fate in (Fate.ANSWER_LOST, Fate.HALF_OPEN):
            with suppress(OSError):
                server.recv(1)  # so the server has done what it was asked
            if fate is Fate.HALF_OPEN:
                self._stopping.wait(HELD)
        else:
            cut = limit if fate is Fate.ANSWER_CUT else None
            with suppress(OSError):
                for chunk in self._chunks(server, cut, slow=fate is Fate.DELAYED):
                    if mute.is_set():
                        self.swallowed.set()
                    else:
                        client.sendall(chunk)
        _break(client, server)

    def _chunks(self, source: socket.socket, limit: int | None, *, slow: bool) -> Iterator[bytes]:
        """What arrives, up to ``limit`` bytes of it."""
        left = limit
        while left != 0 and (chunk := source.recv(CHUNK if left is None else min(left, CHUNK))):
            if slow:
                self._stopping.wait(0.05)
            yield chunk
            if left is not None:
                left -= len(chunk)


def _break(*sockets: socket.socket) -> None:
    """Close with a reset, as a cut cable behind a router does."""
    for one in sockets:
        with suppress(OSError):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            one.close()
