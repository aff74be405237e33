"""Several processes of one server: one address, one bell, one end."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from regional_api.cli.main import main
from regional_api.feed.wake import Bell
from regional_api.process.workers import Worker
from tests.server.office import Seat, register

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot copy processes")


@contextmanager
def served(address: str, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server of two processes, and its URL."""
    program = str(Path(sys.executable).with_name("regional-api"))
    command = [program, "serve", "--database", address, "--port", "0", "--workers", "2", *more]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())["url"]
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            assert stream is not None
            stream.close()


def children_of(process: subprocess.Popen[str]) -> list[int]:
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not listed.exists():
        pytest.skip("this system does not list the children of a process")
    return [int(child) for child in listed.read_text().split()]


def test_processes_serve_one_database_at_one_address(address: str) -> None:
    register(address, 3)
    with served(address) as (process, url):
        # The system deals connections out by their ports: of twelve, hardly all go one way.
        seats = [Seat.take(url, "op.zarechnaya") for _ in range(12)]
        rows = seats[0].http.get("/v1/appeals").json()["items"]
        for seat in seats:
            assert seat.do("note", rows[0][0], rows[0][2], text="Позвонили.")["status"] == "applied"
        newest = {seat.http.get(f"/v1/appeals/{rows[0][0]}").json()["row"][2] for seat in seats}
        assert newest == {rows[0][2] + 12}
        assert len(children_of(process)) == 2
        assert refused_at(address, url.rpartition(":")[2]), "their port is not shared with another server"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_one_that_ends_by_itself_ends_the_server(address: str) -> None:
    with served(address) as (process, _):
        os.kill(children_of(process)[0], signal.SIGKILL)
        assert process.wait(20) == 1


def test_all_end_with_the_first_and_with_its_parent(address: str) -> None:
    with served(address) as (process, _):
        assert process.stdout is not None
        process.kill()
        # Its end comes when the last of them has closed what all have inherited.
        assert process.stdout.read() == ""
    with served(address, "--exit-with-parent") as (process, _):
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(20) == 0


def refused_at(address: str, port: str) -> bool:
    """Whether a second server of two processes ends without a word where the first one listens."""
    program = str(Path(sys.executable).with_name("regional-api"))
    command = [program, "serve", "--database", address, "--port", port, "--workers", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as another:
        try:
            assert another.stdout is not None
            return another.stdout.readline() == "" and another.wait(20) == 1
        finally:
            another.kill()


def test_number_of_processes_is_checked(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--database", address, "--workers", "0"]) == 1
    assert "64" in capsys.readouterr().err


def test_commit_is_heard_by_the_others_only() -> None:
    ears, mouth = os.pipe()
    os.set_blocking(ears, False)
    os.set_blocking(mouth, False)
    speaker, listener = Worker(-1, (mouth,), -1, -1), Worker(ears, (), -1, -1)
    bell = Bell()
    bell.tell = speaker.tell
    bell.ring()
    assert os.read(ears, 10) == b"\0"
    bell.wake()  # what was heard is not told again
    with pytest.raises(BlockingIOError):
        os.read(ears, 10)
    for _ in range(100_000):  # more than a pipe holds
        speaker.tell()
    while select.select([ears], [], [], 0)[0]:
        listener.hear()
    listener.hear()
    os.close(ears)
    speaker.tell()
    os.close(mouth)
