"""The region that fails on purpose, and a small disk of its own for each test that fills one."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cheap import cheap_keys
from tests.crash.office import SEED, FarRegion, far_region

__all__ = ["cheap_keys"]

SmallDisk = Callable[[int], Path]


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FarRegion]:
    """One region for all of these tests, behind a proxy that is calm unless a test says otherwise."""
    with far_region(tmp_path_factory.mktemp("far"), SEED) as running:
        yield running


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Mounts a disk of so many KiB; skips where nobody may mount one."""
    mounted: list[Path] = []

    def mount(kib: int) -> Path:
        place = tmp_path / f"disk-{len(mounted)}"
        place.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={kib}k,mode=0700", "tmpfs", str(place)],
            capture_output=True,
            check=False,
        )
        if done.returncode:
            pytest.skip("only root may mount a small disk here")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        subprocess.run(["umount", "-l", str(place)], check=True)


def remount(place: Path, how: str) -> None:
    """Change a mounted disk: ``ro``, ``rw``, ``size=…``."""
    subprocess.run(["mount", "-o", f"remount,{how}", str(place)], check=True)


def fill_up(place: Path) -> Path:
    """Take all the room that is left; removing the file gives it back."""
    ballast = place / "ballast"
    descriptor = os.open(ballast, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        for size in (65_536, 1024, 1):
            with suppress(OSError):
                while True:
                    os.write(descriptor, b"\0" * size)
    finally:
        os.close(descriptor)
    return ballast
