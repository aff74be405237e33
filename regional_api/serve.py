"""Running the application on a socket until it is told to stop."""

import json
import socket
import sys

import uvicorn

from regional_api.app import create_app
from regional_api.centre import Centre
from regional_api.log import configure_log, log_event
from regional_api.settings import Settings

_GRACE = 3
"""Seconds that running requests get to finish."""


class _Server(uvicorn.Server):
    """Says on standard output where it listens, and wakes long polls before it waits for them to end."""

    def __init__(self, config: uvicorn.Config, centre: Centre, url: str) -> None:
        super().__init__(config)
        self._centre = centre
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(json.dumps({"url": self._url}) + "\n")
            sys.stdout.flush()
            log_event("listening", region=self._centre.shard)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._centre.database.bell.stop()
        await super().shutdown(sockets)
        log_event("stopped")


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM. Port 0 takes any free one. OSError when the address cannot be used."""
    configure_log()
    app = create_app(settings)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio switches Nagle's algorithm off; without, every answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    shown = f"[{host}]" if family == socket.AF_INET6 else host
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=65,
    )
    server = _Server(config, app.state.centre, f"http://{shown}:{listener.getsockname()[1]}")
    server.run(sockets=[listener])
