"""A region for end-to-end tests: the real server as a process, people with accounts, a few appeals."""

import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from cur_tui.cli.main import main as cur
from regional_api.cli.main import main as regional_api
from tests.server.office import cheap_hashing

BIN = Path(sys.executable).parent
CHEAPLY = {"PYTHONPATH": str(Path(__file__).parent / "started")}
"""The environment of programs whose secrets shall be cheap to open; what this process makes is so anyway."""
PASSPHRASE = "ромашка за околицей"
PEOPLE = {
    "vetrova": ("block_operator", "Ветрова Н. И."),
    "lugovoy": ("block_operator", "Луговой П. С."),
    "kamyshev": ("approver", "Камышев Д. А."),
    "belkina": ("supervisor", "Белкина Т. Р."),
}
PASSWORD = "старый мост через Зею 1"


def run(*command: str, env: dict[str, str] | None = None, stdin: str = "", check: bool = True) -> str:
    """The standard output of a program that must succeed."""
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **(env or {})},
        check=False,
    )
    assert not check or done.returncode == 0, done.stderr
    return done.stdout


def call(
    program: Callable[[Sequence[str]], int], command: Sequence[str], env: dict[str, str], stdin: str = ""
) -> tuple[int, str, str]:
    """Exit code, output and narration of a program run in this process: a second cheaper than in its own."""
    output, narration = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, env),
        mock.patch.object(sys, "stdin", io.StringIO(stdin)),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(narration),
    ):
        try:
            status = program(command)
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
    return status, output.getvalue(), narration.getvalue()


def administer(*command: str, stdin: str = "") -> str:
    """The output of ``regional-api``, which must succeed."""
    status, output, narration = call(regional_api, command, {"CUR_LANG": "ru"}, stdin)
    assert status == 0, narration
    return output


@dataclass(slots=True)
class Region:
    """A regional API in a folder: its database, and its server while it runs."""

    folder: Path
    port: int
    server: subprocess.Popen[str] | None = None
    logs: list[Path] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Address of the server; the same after every restart."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> str:
        """The region's database."""
        return str(self.folder / "region.sqlite")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        log = self.folder / f"server-{len(self.logs)}.log"
        self.logs.append(log)
        self.server = subprocess.Popen(
            [
                *(str(BIN / "regional-api"), "serve", "--database", self.database),
                *("--host", "127.0.0.1", "--port", str(self.port)),
            ],
            stdout=subprocess.PIPE,
            stderr=log.open("w"),
            text=True,
        )
        assert self.server.stdout is not None
        ready = self.server.stdout.readline()
        assert "url" in ready, log.read_text()

    def stop(self) -> None:
        """Stop the server as a failing machine would: at once."""
        if self.server is not None:
            self.server.send_signal(signal.SIGKILL)
            self.server.wait(timeout=30)
            if self.server.stdout is not None:
                self.server.stdout.close()
            self.server = None

    def journal_is_whole(self) -> bool:
        """Whether the journal verifies."""
        report = json.loads(administer("journal", "verify", "--database", self.database, "--json"))
        return bool(report["ok"])


@dataclass(slots=True)
class Client:
    """One person's machine: a home folder and the program beside it."""

    region: Region
    name: str
    home: Path

    @property
    def env(self) -> dict[str, str]:
        """The environment of the program on this machine."""
        passphrase = self.home.parent / f"{self.home.name}.passphrase"
        if not passphrase.exists():
            passphrase.write_text(PASSPHRASE + "\n")
            passphrase.chmod(0o600)
        return {
            **CHEAPLY,
            "CUR_HOME": str(self.home),
            "CUR_PASSPHRASE_FILE": str(passphrase),
            "CUR_LANG": "ru",
            "PATH": f"{BIN}:{os.environ['PATH']}",
        }

    def cur(self, *command: str, stdin: str = "") -> str:
        """The output of ``cur``, which must succeed."""
        status, output, narration = self.call(*command, stdin=stdin)
        assert status == 0, narration
        return output

    def json(self, *command: str) -> Any:
        """The JSON that ``cur`` prints."""
        return json.loads(self.cur(*command, "--json"))

    def refused(self, *command: str, stdin: str = "") -> tuple[int, str]:
        """Exit code and sentence of a ``cur`` that must fail."""
        status, output, narration = self.call(*command, stdin=stdin)
        assert status != 0, output
        return status, narration

    def call(self, *command: str, stdin: str = "") -> tuple[int, str, str]:
        """Exit code, output and narration of ``cur``."""
        return call(cur, command, self.env, stdin)

    def process(self, *command: str) -> str:
        """The output of ``cur`` in its own process, whatever its exit code: for acts at the same moment."""
        return run("cur", *command, env=self.env, check=False)

    def login(self) -> None:
        """Sign in and fill the cache."""
        self.cur(
            "login",
            "--server",
            self.region.url,
            "--user",
            self.name,
            "--password-stdin",
            stdin=PASSWORD + "\n",
        )


def free_port() -> int:
    """A port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running_region(folder: Path, appeals: int = 200) -> Iterator[Region]:
    """A region with its people and appeals, and its server running."""
    region = Region(folder, free_port())
    administer("init", "--region", "amur", "--database", region.database)
    with cheap_hashing():
        for name, (role, display) in PEOPLE.items():
            administer(
                "user", "add", name, "--role", role, "--block", "*", "--display-name", display,
                "--password-stdin", "--database", region.database,
                stdin=PASSWORD + "\n",
            )  # fmt: skip
    administer("generate", "--appeals", str(appeals), "--seed", "7", "--database", region.database)
    region.start()
    try:
        yield region
    finally:
        region.stop()
