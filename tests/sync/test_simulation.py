"""Seeded days of two people, one server and a network that does its worst; in the end everything must agree.

A seed fixes who does what and what happens to each request. The rules that the exchange stands on are
switched off one at a time as well: a simulation that does not notice that proves nothing.
"""

import itertools
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec
import pytest
import uuid6

from cur_tui.contract.wire import CursorLine
from cur_tui.domain.commands import AddNote, ClaimAppeal, Classify, ReleaseClaim, Tag
from cur_tui.domain.refusal import Refused
from cur_tui.sync import engine, streams
from cur_tui.sync.faults import NoContact, ServerProblem, SignInNeeded
from cur_tui.sync.pushing import Pusher
from storage import writer_server
from storage.errors import UndoRefused
from tests.sync.faulty import (
    Deliver,
    Fault,
    Network,
    cut,
    duplicate,
    failing,
    fine,
    lose_answer,
    lose_request,
    web_page,
)
from tests.sync.office import Desk, Region, region_in

SEEDS = int(os.environ.get("CUR_SIMULATED_DAYS", "6"))
"""A few with every run of the suite; set the variable to thousands for a soak."""
STEPS = 45
PEOPLE = ("operator", "supervisor")
SCOPES: dict[str, tuple[str, ...]] = {"operator": ("utilities", "roads"), "supervisor": ()}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    with region_in(tmp_path_factory.mktemp("town")) as town:
        yield town


@dataclass
class Person:
    """One desk, its network, and what its owner remembers to have typed."""

    desk: Desk
    network: Network
    typed: dict[str, str] = field(default_factory=dict)
    """Text by command id."""
    undone: set[str] = field(default_factory=set)


class Day:
    """One run."""

    def __init__(self, region: Region, folder: Path, seed: int) -> None:
        self.rng = random.Random(seed)
        self.region = region
        self.late: list[Callable[[], object]] = []
        self.people = [self._person(folder, account, seed) for account in PEOPLE]
        self.appeals = [*self._new("utilities", 2), *self._new("roads", 1)]
        self._serial = itertools.count()
        self._seen: dict[tuple[str, str], int] = {}
        self.steps_back: list[str] = []

    def _person(self, folder: Path, account: str, seed: int) -> Person:
        network = Network()
        desk = self.region.desk(folder / f"{account}-{seed}.db", account, network.factory)
        return Person(desk, network)

    def _new(self, block: str, n: int) -> list[str]:
        before = self.region.appeals().keys()
        self.region.register(n, block)
        return sorted(self.region.appeals().keys() - before)

    # --- the day ---

    def live(self) -> None:
        for _ in range(STEPS):
            person = self.rng.choice(self.people)
            person.network.always = self._weather(person)
            acts = (self._act, self._push, self._pull, self._restart, self._undo, self._elsewhere)
            [act] = self.rng.choices(acts, weights=(9, 6, 7, 1, 1, 1))
            try:
                act(person)
            except (NoContact, ServerProblem):
                continue  # the next step is the retry
            except SignInNeeded:
                self._sign_in(person)
            finally:
                self._look(person.desk)

    def _look(self, desk: Desk) -> None:
        """What a person has seen of the server's state is never taken back."""
        for appeal in self.appeals:
            version = desk.cache.reader.server_version(appeal) or 0
            if version < self._seen.get((desk.account, appeal), 0):
                self.steps_back.append(f"{desk.account}: {appeal} went back to version {version}")
            self._seen[desk.account, appeal] = version

    def _weather(self, person: Person) -> Fault:
        if self.rng.random() < 0.65:
            return fine

        def postponed(request: httpx.Request, deliver: Deliver) -> httpx.Response:
            body = request.content
            self.late.append(lambda: person.network.deliver(request, body, late=True))
            raise httpx.ReadTimeout("late", request=request)

        def overtaken(request: httpx.Request, deliver: Deliver) -> httpx.Response:
            """The other thread's exchange is settled between this question and its answer."""
            answer = deliver(request)
            person.network.always = fine
            if request.url.path.endswith("/changes"):
                person.desk.engine.push_once()
                self._look(person.desk)
            return answer

        return self.rng.choice(
            [
                lose_request,
                lose_answer,
                duplicate,
                web_page,
                failing(500),
                failing(503),
                cut(self.rng.randrange(2_000), silently=True),
                cut(self.rng.randrange(2_000), silently=False),
                postponed,
                overtaken,
                overtaken,
            ]
        )

    def _act(self, person: Person) -> None:
        appeal = self.rng.choice(self.appeals)
        if person.desk.cache.reader.appeal(appeal) is None:
            return
        text = f"{person.desk.account} {next(self._serial)}"
        arguments = self.rng.choice(
            [
                AddNote(text),
                AddNote(text),
                Tag(add=(text,)),
                ClaimAppeal(),
                ReleaseClaim(),
                Classify(essence=text),
            ]
        )
        try:
            command = person.desk.do(appeal, arguments)
        except Refused:
            return
        if isinstance(arguments, AddNote):
            person.typed[command.id] = text

    def _push(self, person: Person) -> None:
        person.desk.engine.push_once()

    def _pull(self, person: Person) -> None:
        if person.desk.engine.needs_bootstrap:
            person.desk.engine.bootstrap_step()
        else:
            person.desk.engine.pull_once()

    def _restart(self, person: Person) -> None:
        person.desk.restart()

    def _undo(self, person: Person) -> None:
        waiting = [entry for entry in person.desk.cache.reader.outbox() if entry.state == "pending"]
        if waiting:
            entry = waiting[-1]
            try:
                person.desk.cache.writer.undo(entry.id)
            except UndoRefused:
                return
            person.undone.add(entry.id)

    def _elsewhere(self, person: Person) -> None:
        match self.rng.randrange(3):
            case 0:
                self._new("utilities", 1)
            case 1:
                self.region.expire_tokens()
            case _ if self.late:
                self.late.pop(self.rng.randrange(len(self.late)))()

    def _sign_in(self, person: Person) -> None:
        """A network that loses the answer to one renewal twice costs the person their password."""
        person.network.always = fine
        person.desk.sign_in()

    # --- the evening ---

    def settle(self) -> None:
        """The network is fine again; everybody exchanges until there is nothing left."""
        for deliver in self.late:
            deliver()
        for person in (*self.people, *self.people):
            person.network.always = fine
            try:
                person.desk.sync()
            except SignInNeeded:
                self._sign_in(person)
                person.desk.sync()

    def faults(self) -> list[str]:
        """What does not agree."""
        found = list(self.steps_back)
        notes = [note.text for appeal in self.appeals for note in self.region.appeal(appeal).notes]
        for person in self.people:
            desk = person.desk
            if desk.shown() != self.region.appeals(*SCOPES[desk.account]):
                found.append(f"{desk.account}: the cache is not the server's scope")
            if desk.cache.reader.outbox():
                found.append(f"{desk.account}: the outbox does not drain")
            unsent = [entry.id for entry in desk.cache.reader.unsent()]
            for command, text in person.typed.items():
                times = notes.count(text) + unsent.count(command)
                wanted = 0 if command in person.undone else 1
                if times != wanted:
                    found.append(f"{desk.account}: «{text}» is there {times} times, not {wanted}")
            for appeal in self.appeals:
                seen = desk.cache.reader.appeal(appeal)
                if seen is not None and seen.timeline != self.region.appeal(appeal).timeline:
                    found.append(f"{desk.account}: {appeal} has another history")
        return found

    def close(self) -> None:
        for person in self.people:
            person.desk.close()


def run(region: Region, folder: Path, seed: int) -> list[str]:
    day = Day(region, folder, seed)
    try:
        day.live()
        day.settle()
        return day.faults()
    finally:
        day.close()


@pytest.mark.parametrize("part", range(2))
def test_everything_agrees_in_the_evening(town: Region, tmp_path: Path, part: int) -> None:
    for seed in range(part, SEEDS, 2):
        assert run(town, tmp_path, seed) == [], f"seed {seed}"


# --- the simulation notices what it is there for ---


def _no_version_guard(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(writer_server, "_is_newer", lambda put, here, generation: True)


def _no_idempotency(patch: pytest.MonkeyPatch) -> None:
    """Every attempt is a new command to the server."""
    honest = Pusher._send

    def send(self: Pusher, batch):  # type: ignore[no-untyped-def]
        renamed = [msgspec.structs.replace(command, id=str(uuid6.uuid7())) for command in batch]
        result = honest(self, renamed)
        back = {new.id: old.id for new, old in zip(renamed, batch, strict=True)}
        results = tuple(msgspec.structs.replace(one, id=back[one.id]) for one in result.results)
        return msgspec.structs.replace(result, results=results)

    patch.setattr(Pusher, "_send", send)


def _cursor_before_rows(patch: pytest.MonkeyPatch) -> None:
    """The cursor is kept although the page was cut off."""

    def read(lines: Iterator[bytes]) -> streams.Page:
        records = list(streams.decode(lines))
        ends = [line for line in records if isinstance(line, CursorLine)]
        return streams.Page(records[: len(records) // 2], ends[-1])  # type: ignore[arg-type]

    patch.setattr(engine, "read_page", read)


@pytest.mark.parametrize("mutation", [_no_version_guard, _no_idempotency, _cursor_before_rows])
def test_a_rule_switched_off_is_noticed(
    town: Region,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mutation: Callable[[pytest.MonkeyPatch], None],
) -> None:
    mutation(monkeypatch)
    for seed in range(100):
        try:
            if run(town, tmp_path, seed):
                return
        except (ServerProblem, NoContact):
            return  # an exchange that never settles is noticed too
    pytest.fail("the simulation did not notice")
