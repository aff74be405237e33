"""A django-helpdesk with the same appeals as tickets, served by gunicorn, and a person signed in to it."""

import contextlib
import json
import os
import socket
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from bench.data.stage import Stage
from bench.peers.install import program
from cur_tui.domain.model import Appeal

SITE: Final = Path(__file__).with_name("site")
WORKERS: Final = 2
PATIENCE: Final = 30.0
SOURCES: Final = (
    "bench/peers/site",
    "bench/peers/install.py",
    "bench/data/appeals.py",
    "regional_api/generate",
)
_OPEN: Final = [1, 2]
"""The status of what is still worked on: open, reopened."""


@dataclass(slots=True)
class Helpdesk:
    """A running help desk."""

    connection: HTTPConnection
    session: str
    pid: int

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.connection.port}"

    def headers(self) -> dict[str, str]:
        """What a request of the person who is signed in carries."""
        return {"Cookie": f"sessionid={self.session}"}

    def queue_page(self) -> str:
        """The path of the newest 50 active tickets of one queue."""
        return _list({"filtering": {"status__in": _OPEN, "queue__id__in": [1]}, "sorting": "created"})

    def search_page(self, words: str) -> str:
        """The path of the newest 50 tickets with ``words``."""
        return _list({"filtering": {}, "sorting": "created", "search_string": words})

    def ticket(self, number: int) -> str:
        """The path of one ticket with its history."""
        return f"/tickets/{number}/"

    def expect(self, path: str) -> None:
        """RuntimeError unless the person is answered with the page at ``path``."""
        self._ask("GET", path)

    def reply(self, number: int) -> None:
        """A public answer on a ticket."""
        form = {
            "comment": "Позвонили заявителю, ждём снимки.",
            "public": "1",
            "new_status": "1",
            "owner": "0",
        }
        fields = {"title": "Ответ", "queue": "1", "priority": "3", "submitter_email": "citizen@example.org"}
        self._ask("POST", f"/tickets/{number}/update/", urlencode({**form, **fields, "body": "-"}))

    def _ask(self, method: str, path: str, body: str | None = None) -> None:
        headers = self.headers()
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        answer.read()
        # A form that was taken leads back to the ticket; one that was not is shown again.
        if answer.status != (200 if body is None else 302) or "login" in answer.getheader("Location", ""):
            raise RuntimeError(f"the help desk answered {answer.status} to {method} {path}")


def _list(query: dict[str, object]) -> str:
    packed = b64encode(json.dumps({**query, "sortreverse": True}).encode()).decode()
    return f"/datatables_ticket_list/{packed}?draw=1&start=0&length=50"


@contextlib.contextmanager
def running_helpdesk(stage: Stage, size: int) -> Iterator[Helpdesk]:
    """The help desk with ``size`` tickets for the length of the block."""
    folder = stage.keep.place(
        stage.place("helpdesk", size), SOURCES, lambda place: _fill(place, stage.appeals(size))
    )
    port = _free_port()
    server = subprocess.Popen(
        [
            *(str(program("helpdesk", "gunicorn")), "--workers", str(WORKERS), "--threads", "2"),
            *("--timeout", "600", "--keep-alive", "600"),
            *("--bind", f"127.0.0.1:{port}", "--chdir", str(SITE), "--log-level", "critical"),
            "django.core.wsgi:get_wsgi_application()",
        ],
        env=_env(folder),
        stderr=subprocess.DEVNULL,
    )
    try:
        connection = _connect(port)
        yield Helpdesk(connection, (folder / "session").read_text().strip(), server.pid)
        connection.close()
    finally:
        server.terminate()
        server.wait()


def _fill(folder: Path, appeals: Iterable[Appeal]) -> None:
    with (folder / "session").open("wb") as session:
        filling = subprocess.Popen(
            [str(program("helpdesk", "python")), "fill.py"],
            cwd=SITE, env=_env(folder), stdin=subprocess.PIPE, stdout=session,
        )  # fmt: skip
        assert filling.stdin is not None
        for appeal in appeals:
            line = {
                "title": f"{appeal.number} {appeal.essence or appeal.text[:120]}",
                "text": appeal.text,
                "created": appeal.registered_at.isoformat(),
                "open": appeal.state.is_open,
                "queue": appeal.block or "general",
            }
            filling.stdin.write(json.dumps(line).encode() + b"\n")
        filling.stdin.close()
        if filling.wait():
            raise RuntimeError("the help desk's database could not be made")


def _env(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HELPDESK_FOLDER": str(folder),
        "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONPATH": str(SITE),
        "LANG": "C.UTF-8",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _connect(port: int) -> HTTPConnection:
    deadline = time.monotonic() + PATIENCE
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=600)
        try:
            connection.connect()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return connection
