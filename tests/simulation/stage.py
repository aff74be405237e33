"""What chance, clocks and threads decide elsewhere is decided here by one seed: two runs of it are one."""

from __future__ import annotations

import random
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from types import SimpleNamespace
from typing import Any

import anyio.to_thread
import argon2
import pytest
import uuid6

import cur_tui.domain.profile.load
import cur_tui.services.answers.answering
import cur_tui.services.desk
import cur_tui.services.reference
import cur_tui.sync.engine
import regional_api.appeals.intake
import regional_api.centre
import regional_api.clock
import regional_api.database.connections
import regional_api.database.epoch
import regional_api.edition
import regional_api.feed.pages
import regional_api.feed.snapshot
import regional_api.http.answers
import regional_api.http.apart
import regional_api.http.direct
import regional_api.http.guard
import regional_api.http.waiting
import regional_api.identity.accounts
import regional_api.identity.sessions
import storage.writing.desk
import storage.writing.server
import storage.writing.texts
from cur_tui.domain.profile.load import region_from_document
from cur_tui.domain.profile.profile import Region
from cur_tui.domain.profile.rulebook import Rulebook
from storage.database.references import harmless_reference
from storage.reader import Reader

MORNING = datetime(2026, 3, 18, 3, 0, tzinfo=UTC)


class Stage:
    """The time, the dice and the ids of one run."""

    def __init__(self) -> None:
        self.begin(-1)

    def begin(self, seed: int) -> None:
        """Everything as it is at the beginning of the run of ``seed``."""
        self.rng = random.Random(seed)
        self.now = MORNING
        self.server_error = timedelta(0)
        """How wrong the server's clock is."""
        self.machine_error = timedelta(0)
        """How wrong the clock of the machine is at which somebody acts now."""
        self.trace: list[str] = []
        self.failures: list[str] = []
        """What the server itself did not expect."""
        self.releases = random.Random(f"releases of {seed}")
        """Dice of their own: what was ever found by a seed is not lost with a release more."""
        self._ids = random.Random(f"ids of {seed}")
        self._serial = 0

    def tell(self, line: str) -> None:
        """One line of what happened, for the reader of a failure and for the comparison of two runs."""
        self.trace.append(f"{self.now:%H:%M:%S} {line}")

    def note_failure(self, _incident: str, error: BaseException) -> None:
        """The server fell over something that nobody has done to it."""
        self.failures.append(f"the server failed: {error!r}"[:300])

    def wait(self, least: float, most: float) -> None:
        """Some seconds pass for everybody."""
        self.now += timedelta(seconds=self.rng.uniform(least, most))

    def server_time(self) -> datetime:
        """What the server's clock says."""
        return self.now + self.server_error

    def machine_time(self) -> datetime:
        """What the clock of the acting machine says."""
        return self.now + self.machine_error

    def new_id(self) -> uuid.UUID:
        """A UUIDv7 of the true time; later ones sort after earlier ones."""
        self._serial += 1
        milliseconds = int(self.now.timestamp() * 1000)
        return uuid.UUID(
            int=milliseconds << 80 | 7 << 76 | 2 << 62 | self._serial << 32 | self._ids.getrandbits(32)
        )

    def secret(self, length: int = 16) -> str:
        """What nobody could guess, were it not a seed's."""
        return self._ids.randbytes(length).hex()


class _Clock:
    """Stands where a module reads the system's clock."""

    def __init__(self, tells: Callable[[], datetime]) -> None:
        self._tells = tells

    def now(self, zone: tzinfo) -> datetime:
        return self._tells().astimezone(zone)


@contextmanager
def set_up(stage: Stage) -> Iterator[None]:
    """The real code with the clocks, dice and threads of ``stage``, and without what only costs time."""
    with pytest.MonkeyPatch.context() as patch:
        _set_clocks_and_dice(patch, stage)
        _without_threads(patch)
        _in_small_pieces(patch)
        _at_little_cost(patch)
        patch.setattr(regional_api.http.guard, "log_event", lambda *_, **__: None)
        patch.setattr(regional_api.http.guard, "log_failure", stage.note_failure)
        yield


def _set_clocks_and_dice(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    patch.setattr(regional_api.clock, "datetime", _Clock(stage.server_time))
    for module in (storage.writing.server, storage.writing.texts, storage.writing.desk):
        patch.setattr(module, "datetime", _Clock(stage.machine_time))
    patch.setattr(cur_tui.services.desk, "_utc_now", stage.machine_time)
    for holder, name in ((regional_api.appeals.intake, "uuid7"), (uuid6, "uuid7")):
        patch.setattr(holder, name, stage.new_id)
    for module in (cur_tui.services.desk, cur_tui.services.answers.answering):
        patch.setattr(module, "_new_id", lambda: str(stage.new_id()))
    dice = SimpleNamespace(token_hex=stage.secret, token_urlsafe=stage.secret)
    for module in (regional_api.identity.sessions, regional_api.database.epoch):
        patch.setattr(module, "secrets", dice)


def _without_threads(patch: pytest.MonkeyPatch) -> None:
    """Everything in one thread. What may happen in between is the seed's to choose, at every request and
    between the pieces of every stream.
    """

    async def at_once(work: Callable[..., Any], *arguments: object, **_: object) -> object:
        return work(*arguments)

    patch.setattr(anyio.to_thread, "run_sync", at_once)
    loop = SimpleNamespace(time=lambda: 0.0, run_in_executor=lambda _, work, *given: at_once(work, *given))
    for module in (regional_api.http.apart, regional_api.http.direct, regional_api.http.waiting):
        patch.setattr(module, "asyncio", SimpleNamespace(get_running_loop=lambda: loop))

    @contextmanager
    def ahead(source: Callable[[Callable[[Any], None]], None]) -> Iterator[Iterator[Any]]:
        """As far ahead as can be: all that comes is here before the first piece is used."""
        pieces: list[Any] = []
        failure: Exception | None = None
        try:
            source(pieces.append)
        except Exception as error:
            failure = error

        def given() -> Iterator[Any]:
            yield from pieces
            if failure is not None:
                raise failure

        yield given()

    patch.setattr(cur_tui.sync.engine, "ahead", ahead)


def _in_small_pieces(patch: pytest.MonkeyPatch) -> None:
    """Pages and pieces of a few appeals: a small region then has as many seams as a large one."""
    patch.setattr(cur_tui.sync.engine, "CHANGES_PAGE", 4)
    patch.setattr(cur_tui.sync.engine, "SNAPSHOT_PAGE", 3)
    patch.setattr(regional_api.feed.pages, "CHUNK", 2)
    patch.setattr(regional_api.feed.snapshot, "PIECE", 2)
    patch.setattr(regional_api.http.answers, "_SMALL", 1)


def _at_little_cost(patch: pytest.MonkeyPatch) -> None:
    def pragmas(given: Sequence[str]) -> tuple[str, ...]:
        return tuple(line.replace("synchronous=FULL", "synchronous=OFF") for line in given)

    patch.setattr(
        regional_api.database.connections,
        "_SQLITE_PRAGMAS",
        pragmas(regional_api.database.connections._SQLITE_PRAGMAS),
    )
    hasher = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    patch.setattr(regional_api.identity.accounts, "_hasher", hasher)
    patch.setattr(regional_api.identity.accounts, "_nobody", hasher.hash("no account has this password"))
    # The profile never changes here, and these are functions of it alone.
    regions: dict[object, Region] = {}
    rulebooks: dict[int, Rulebook] = {}

    def region_of(document: dict[str, Any]) -> Region:
        key = (document["code"], document["version"])
        if key not in regions:
            regions[key] = region_from_document(document)
        return regions[key]

    def rulebook_of(region: Region) -> Rulebook:
        return rulebooks.setdefault(id(region), Rulebook(region))

    patch.setattr(cur_tui.domain.profile.load, "region_from_document", region_of)
    patch.setattr(regional_api.edition, "region_from_document", region_of)
    patch.setattr(regional_api.edition, "Rulebook", rulebook_of)
    patch.setattr(cur_tui.services.reference, "_rulebook_of", rulebook_of)
    patch.setattr(storage.writing.server, "harmless_reference", cache(harmless_reference))
    known: dict[str, Region | None] = {}
    honest = Reader.region

    def region_in(self: Reader) -> Region | None:
        stamp = self.reference_stamp()
        if known.get(stamp) is None:
            known[stamp] = honest(self)
        return known[stamp]

    patch.setattr(Reader, "region", region_in)


def drive(work: Awaitable[object]) -> None:
    """Run a coroutine that has nothing to wait for to its end."""
    coroutine: Any = work
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("the server waits for something that cannot come")
