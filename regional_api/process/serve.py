"""Running the application on a socket until it is told to stop."""

import asyncio
import json
import socket
import sys
from collections.abc import Callable

import uvicorn

from regional_api.app import create_app
from regional_api.centre import Centre, open_centre
from regional_api.database.connections import Database
from regional_api.log import configure_log, log_event
from regional_api.process.parent import exit_with_parent
from regional_api.process.workers import Worker, run_workers
from regional_api.settings import Settings

_GRACE = 3
"""Seconds that running requests get to finish."""


class _Server(uvicorn.Server):
    """Says when it listens, and wakes long polls before it waits for them to end."""

    def __init__(self, config: uvicorn.Config, centre: Centre, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._centre = centre
        self._listening = listening
        self.has_left = False
        """Whether it ends because another database answers in place of the one that it began with."""
        centre.database.home.left = self._leave
        self.worker: Worker | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            if self.worker is not None:
                self._join(self.worker)
            self._listening()
            log_event("listening", region=self._centre.shard)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._centre.database.bell.stop()
        await super().shutdown(sockets)
        log_event("stopped")

    def _leave(self) -> None:
        self.has_left = self.should_exit = True

    def _join(self, worker: Worker) -> None:
        """Hear of commits in other processes, tell them of ours, and end with the first one."""
        bell, loop = self._centre.database.bell, asyncio.get_running_loop()

        def heard() -> None:
            worker.hear()
            bell.wake()

        def alone() -> None:
            loop.remove_reader(worker.lifeline)
            self.should_exit = True

        bell.tell = worker.tell
        loop.add_reader(worker.heard, heard)
        loop.add_reader(worker.lifeline, alone)


def serve(
    settings: Settings, host: str, port: int, *, workers: int = 1, ends_with_parent: bool = False
) -> bool:
    """Serve until SIGINT or SIGTERM. Port 0 takes any free one; ``ends_with_parent``: stop as well when
    standard input ends. OSError when the address cannot be used. False when it ends by itself: another
    database answers in place of the one that it began with, or one of several processes has ended.
    """
    configure_log()
    shared = workers > 1
    if shared:
        # Alone first: a port that many may share would be shared with the processes of another server, too.
        _take(host, port, shared=False).close()
    taken = _take(host, port, shared=shared)
    number = taken.getsockname()[1]
    url = f"http://[{host}]:{number}" if taken.family == socket.AF_INET6 else f"http://{host}:{number}"

    def listening() -> None:
        sys.stdout.write(json.dumps({"url": url}) + "\n")
        sys.stdout.flush()
        if shared and ends_with_parent:
            exit_with_parent()

    if not shared:
        if ends_with_parent:
            exit_with_parent()
        return _run(settings, taken, listening)
    # Once, before all of them would.
    database = Database(settings.database)
    open_centre(database)
    database.close()

    def work(worker: Worker) -> None:
        _run(settings, _take(host, number, shared=True), worker.is_ready, worker)

    return run_workers(workers, work, listening)


def _take(host: str, port: int, *, shared: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio switches Nagle's algorithm off; without, every answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((host, port))
    return listener


def _run(
    settings: Settings, listener: socket.socket, listening: Callable[[], None], worker: Worker | None = None
) -> bool:
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=65,
    )
    server = _Server(config, app.state.centre, listening)
    server.worker = worker
    server.run(sockets=[listener])
    return not server.has_left
