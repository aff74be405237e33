"""The load tool: wrk, which asks for paths over kept connections as fast as they are answered."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SCRIPT: Final = Path(__file__).with_name("load.lua")
SECONDS: Final = 1


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of the tool saw."""

    latencies: tuple[float, ...]
    """Milliseconds of each answer."""
    rate: float
    """Answers a second."""


def load_tool() -> str | None:
    """Where the tool is; None when it is not installed."""
    return shutil.which("wrk")


def ask(tool: str, url: str, headers: Mapping[str, str], paths: Sequence[str], clients: int = 1) -> Load:
    """Ask the server at ``url`` for ``paths`` in turn, ``clients`` at a time.

    RuntimeError when an answer is no success.
    """
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(paths))
        file.flush()
        told = subprocess.run(
            [
                *(tool, "-t1", f"-c{clients}", f"-d{SECONDS}s", "--timeout", "60s"),
                *(*given, "-s", str(SCRIPT), url, "--", file.name),
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    return read_load(told)


def read_load(told: str) -> Load:
    """What the script has printed. RuntimeError when an answer was no success."""
    latencies: list[float] = []
    rate = 0.0
    for line in told.splitlines():
        match line.split():
            case ["errors", number] if number != "0":
                raise RuntimeError(f"{number} answers were none")
            case ["rate", number]:
                rate = float(number)
            case ["latency", microseconds, times]:
                latencies += [float(microseconds) / 1_000] * int(times)
    return Load(tuple(latencies), rate)
