"""Prepared things that outlive a run: each in a folder named after a digest of the sources that made it."""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
DIGITS: Final = 12


class Keep:
    """A folder of prepared things."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, name: str, sources: Sequence[str], make: Callable[[Path], object]) -> Path:
        """The folder of the thing ``name``, which ``make`` fills where it is not there yet.

        ``sources``: files, folders and patterns under the project's root that decide what comes out. A thing
        that was cut off half-made is made anew; one that was made by other sources is removed.
        """
        place = self.folder / f"{name}-{digest(tuple(sources))}"
        if not place.exists():
            for old in self.folder.glob(f"{name}-*"):
                shutil.rmtree(old)
            half = self.folder / f"{name}-half"
            half.mkdir(parents=True)
            make(half)
            half.rename(place)
        return place


@cache
def digest(sources: tuple[str, ...]) -> str:
    """A short digest of the contents of ``sources``."""
    total = hashlib.sha256()
    for path in sorted(set(_files(sources))):
        total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:DIGITS]


def _files(sources: Iterable[str]) -> Iterable[Path]:
    for source in sources:
        for path in ROOT.glob(source):
            if path.is_file():
                yield path
            else:
                yield from (file for file in path.rglob("*") if file.is_file() and file.suffix != ".pyc")
