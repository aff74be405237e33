"""Importing a file from this machine: sent in pieces, looked at or imported by the server, followed.

What breaks off goes on where it was: the server knows how much of the file it has and how far the job is.
"""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from cur_tui.contract.importing import MAX_IMPORT, STANDING, ImportFile, ImportJob, ImportOptions
from cur_tui.domain.refusal import Refused
from cur_tui.files import PRIVATE_FILE
from cur_tui.services.file_problems import unreadable
from cur_tui.sync.faults import NoContact, ServerProblem
from cur_tui.sync.rate import Meter

if TYPE_CHECKING:
    from cur_tui.sync.importing import ImportCalls
    from cur_tui.sync.state import Progress

T = TypeVar("T")

PIECE: Final = 1_048_576
"""Bytes of a piece: what a broken connection costs."""
LOOK: Final = 0.4
"""Seconds between two looks at a job."""
WAIT: Final = 2.0
"""Seconds until a broken connection is tried again."""


class Stage(StrEnum):
    """What an import is doing."""

    SENDING = "sending"
    WAITING = "waiting"
    READING = "reading"
    SETTLING = "settling"


@dataclass(frozen=True, slots=True)
class Step:
    """Where an import stands; ``progress`` counts bytes while sending and rows afterwards.

    ``lost``: why there is no contact at this moment, empty while there is.
    """

    stage: Stage
    progress: Progress
    lost: str = ""


@dataclass(slots=True)
class Hand:
    """Whoever watches an import: hears of every step, and may want it to end.

    ``patient``: a lost connection is waited for. ``rest`` is told how many seconds to wait.
    """

    told: Callable[[Step], object] = lambda _: None
    wants_end: Callable[[], bool] = lambda: False
    patient: bool = True
    rest: Callable[[float], object] = time.sleep


def import_file(calls: ImportCalls, path: Path, options: ImportOptions, hand: Hand) -> ImportJob:
    """Send the file at ``path`` and have it looked at or imported; the job as it stands at its end.

    Raises :class:`Refused` (``file_unreadable``, ``file_empty``, ``too_large``), and what the session raises.
    """
    return follow(calls, send(calls, path, hand), options, hand)


def send(calls: ImportCalls, path: Path, hand: Hand) -> ImportJob:
    """Bring the file to the server, as far as it is not there; the job that holds it."""
    from uuid6 import uuid7

    file = _announced(path, str(uuid7()))
    job = _asked(lambda: calls.announce(file), hand, _Watch(hand))
    watch = _Watch(hand)
    try:
        with path.open("rb") as source:
            while job.state == "receiving" and not hand.wants_end():
                watch.tell(Stage.SENDING, job.received, job.size)
                source.seek(job.received)
                data, here = source.read(min(PIECE, job.size - job.received)), job
                if not data:  # it became shorter meanwhile: what was announced is no more
                    raise Refused("hash_mismatch")
                job = _asked(lambda: calls.send_piece(here, here.received, data), hand, watch)  # noqa: B023
    except OSError as error:
        raise unreadable(path, error.errno) from None
    return job


def follow(calls: ImportCalls, job: ImportJob, options: ImportOptions | None, hand: Hand) -> ImportJob:
    """Have the file run with ``options``, or only watch what runs; the job once it stands still."""
    watch = _Watch(hand)
    if job.state == "receiving":
        return job
    if options is not None:
        job = _asked(lambda: calls.run(job.id, options), hand, watch)
    is_told = False
    while job.state in STANDING:
        watch.tell_of(job)
        if hand.wants_end() and not is_told:
            job, is_told = _asked(lambda: calls.stop(job.id), hand, watch), True  # noqa: B023
            continue
        hand.rest(LOOK)
        job = _asked(lambda: calls.look(job.id), hand, watch)  # noqa: B023
    return job


class _Watch:
    """Turns what is known into steps with a rate."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        self._meter = Meter()
        self._stage = Stage.WAITING
        self._at = (0, 0)

    def tell(self, stage: Stage, done: int, total: int, lost: str = "") -> None:
        """Tell a step."""
        if stage is not self._stage:
            self._meter = Meter()
        self._stage, self._at = stage, (done, total)
        self._hand.told(Step(stage, self._meter.progress(done, total, time.monotonic()), lost))

    def tell_of(self, job: ImportJob) -> None:
        """Tell where a job stands."""
        if job.total:
            self.tell(Stage.SETTLING, job.settled, job.total)
        elif job.read:
            self.tell(Stage.READING, job.read, 0)
        else:
            self.tell(Stage.WAITING, 0, 0)

    def lose(self, why: str) -> None:
        """Tell that there is no contact."""
        self._meter.rest()
        self.tell(self._stage, *self._at, lost=why)


def _asked(ask: Callable[[], T], hand: Hand, watch: _Watch) -> T:
    """The answer, however long the contact is away; every request of an import may be repeated."""
    while True:
        try:
            return ask()
        except (NoContact, ServerProblem) as failure:
            if isinstance(failure, ServerProblem) and failure.is_answer:
                raise
            if not hand.patient or hand.wants_end() or _is_over(failure):
                raise
            watch.lose(failure.sentence())
            hand.rest(WAIT)


def _is_over(failure: NoContact | ServerProblem) -> bool:
    return isinstance(failure, NoContact) and failure.code == "stopped"


def _announced(path: Path, id: str) -> ImportFile:
    """What the file is. It is read through once, for its digest."""
    try:
        if not path.is_file():
            raise unreadable(path, errno.ENOENT)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
    except OSError as error:
        raise unreadable(path, error.errno) from None
    if not size:
        raise Refused("file_empty")
    if size > MAX_IMPORT:
        raise Refused("too_large", limit=str(MAX_IMPORT))
    return ImportFile(id, path.name, size, digest)


def path_of(typed: str) -> Path:
    """The path that a person has typed; ``~`` is their own folder."""
    return Path(typed).expanduser()


def file_at(typed: str) -> Path:
    """The file that a person has typed the path of. Raises ``file_unreadable`` where there is none."""
    path = path_of(typed)
    if not path.is_file():
        raise unreadable(path, errno.ENOENT)
    return path


def save_rows(calls: ImportCalls, job: str, path: Path) -> Path:
    """Save the open rows of ``job`` in a new file, which only its owner may read.

    Raises what the session raises and ``file_unreadable`` for a place that is taken or cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    except OSError as error:
        raise unreadable(path, error.errno) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            calls.fetch_rows(job, file.write)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path
