"""The regional server of a demonstration, run as its own programs: nothing here reaches into it."""

import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from cur_tui.demo.home import DemoAccount, DemoError, DemoHome
from cur_tui.i18n import _

_PROGRAM = (sys.executable, "-m", "regional_api.cli.main")
_READY_SECONDS = 30.0
_STOP_SECONDS = 8.0


def make_region(home: DemoHome, region: str, accounts: Sequence[DemoAccount], appeals: int) -> None:
    """Make the database with accounts and appeals; it appears under its name only when it is complete."""
    unfinished = home.database.with_suffix(".new")
    for leftover in home.database.parent.glob(unfinished.name + "*"):
        leftover.unlink()
    _run("init", "--region", region, "--database", str(unfinished))
    told = "".join(_line(account) for account in accounts)
    _run("user", "load", "-", "--database", str(unfinished), given=told)
    _run("generate", "--appeals", str(appeals), "--database", str(unfinished))
    unfinished.rename(home.database)


def import_file(home: DemoHome, file: Path) -> None:
    """Register the messages of a CSV file; those that are there already stay as they are."""
    _run("import", str(file), "--source", "csv", "--database", str(home.database))


class DemoServer:
    """The running server. Leaving it stops the server; so does the death of this program."""

    def __init__(self, home: DemoHome, port: int) -> None:
        self._log = home.server_log.open("ab")
        self._process = subprocess.Popen(  # noqa: S603 - our own program with our own arguments
            [
                *_PROGRAM,
                "serve",
                "--database",
                str(home.database),
                "--port",
                str(port),
                "--exit-with-parent",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )
        try:
            self.url = self._ready_line()
        except BaseException:
            self.close()
            raise

    @property
    def port(self) -> int:
        """The port that the server listens on."""
        return int(self.url.rpartition(":")[2])

    def wait(self) -> int:
        """Wait until the server ends."""
        return self._process.wait()

    def close(self) -> None:
        """Stop the server: closing its standard input asks it to finish."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _ready_line(self) -> str:
        assert self._process.stdout is not None
        line = _line_within(self._process.stdout, _READY_SECONDS)
        if not line:
            raise DemoError(_("The server did not start. Its log: {path}").format(path=self._log.name))
        url: str = json.loads(line)["url"]
        return url

    def __enter__(self) -> "DemoServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def is_serving(port: int) -> bool:
    """Whether a regional server answers on the port of this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/v1/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _line_within(stream: IO[bytes], seconds: float) -> bytes:
    """The next line, or nothing when none comes in time or the stream ends."""
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(stream.readline()), daemon=True)
    reader.start()
    reader.join(seconds)
    return found[0] if found else b""


def _line(account: DemoAccount) -> str:
    """The account as ``regional-api user load`` reads it."""
    told = {
        "name": account.account,
        "role": account.role,
        "password": account.password,
        "block": account.blocks,
        "authority": account.authority,
        "display_name": account.name,
    }
    return json.dumps(told) + "\n"


def _run(*arguments: str, given: str = "") -> None:
    """Run one command of the server's program on what it is given; what it narrates goes on to the person."""
    finished = subprocess.run(  # noqa: S603 - our own program with our own arguments
        [*_PROGRAM, *arguments], input=given.encode(), stdout=subprocess.DEVNULL, check=False
    )
    _check(finished.returncode, arguments[0])


def _check(code: int, command: str) -> None:
    if code == 130:
        raise KeyboardInterrupt
    if code != 0:
        raise DemoError(
            _("The command «regional-api {command}» failed; see the lines above.").format(command=command)
        )
