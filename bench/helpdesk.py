"""Our server beside a help desk of the same size: one client, the same page of work, in turns."""

from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection
from itertools import cycle
from typing import Final
from urllib.parse import quote, urlsplit

import msgspec

from bench.benchmark import Benchmark, Extent
from bench.commands import greet, note_on
from bench.data.server import RunningRegion
from bench.data.stage import Stage
from bench.data.texts import chosen_words
from bench.figures import Budget, Figure, in_turns, milliseconds
from bench.peers.helpdesk import running_helpdesk
from bench.peers.install import program
from bench.programs import memory_of

NAME: Final = "django-helpdesk, SQLite"
BUDGETS: Final[Mapping[str, Budget]] = {
    "queue page": Budget("ratio", 1 / 20),
    "search page": Budget("ratio", 1 / 50),
}
PROMISED_FROM: Final = 100_000
"""Tickets from which the budgets hold: a help desk with few of them is quick as well."""

Pair = tuple[Callable[[], object], Callable[[], object]]


class _Plain:
    """A kept connection to our server, as plain as the one to the help desk."""

    def __init__(self, region: RunningRegion) -> None:
        self._connection = HTTPConnection(urlsplit(region.url).netloc)
        self._region = region

    def ask(self, method: str, path: str, body: bytes | None = None) -> None:
        """Ask for ``path``; RuntimeError unless it is answered."""
        token = self._region.session.authorised(lambda token: token)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} for {path}")


def _measure(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    if not program("helpdesk", "gunicorn").exists():
        stage.note("a help desk beside our server: make bench-peers")
        return []
    return [figure for size in sizes for figure in _beside(stage, size, rounds)]


def _beside(stage: Stage, size: int, rounds: int) -> list[Figure]:
    region = stage.fresh_region(size)
    greet(region, stage.folder)
    plain = _Plain(region)
    words = chosen_words(stage.texts(size)).rare
    targets = region.targets(rounds)
    cards = cycle(targets)
    fresh = iter(targets)
    numbers, replied = cycle(range(size - rounds + 1, size + 1)), iter(range(size - rounds + 1, size + 1))

    def reply() -> None:
        plain.ask("POST", "/v1/commands", msgspec.json.encode(note_on(region, [next(fresh)])))

    with running_helpdesk(stage, size) as desk:
        pairs: dict[str, Pair] = {
            "queue page": (
                lambda: plain.ask("GET", "/v1/appeals?query=block:roads%20open&limit=50"),
                desk.queue_page,
            ),
            "search page": (
                lambda: plain.ask("GET", f"/v1/appeals?query={quote(words)}&limit=50"),
                lambda: desk.search_page(words),
            ),
            "card": (
                lambda: plain.ask("GET", f"/v1/appeals/{next(cards).id}"),
                lambda: desk.ticket(next(numbers)),
            ),
            "reply": (reply, lambda: desk.reply(next(replied))),
        }
        figures = []
        for name, (ours, theirs) in pairs.items():
            taken = in_turns(
                {"ours": _timed(ours), "theirs": _timed(theirs)},
                rounds,
            )
            budgets = (BUDGETS[name],) if name in BUDGETS and size >= PROMISED_FROM else ()
            figures.append(
                Figure("helpdesk", name, size, "ms", taken["ours"], NAME, taken["theirs"], budgets)
            )
        memory = in_turns(
            {"ours": lambda: memory_of(region.pid), "theirs": lambda: memory_of(desk.pid)}, rounds
        )
    return [*figures, Figure("helpdesk", "memory", size, "MiB", memory["ours"], NAME, memory["theirs"])]


def _timed(call: Callable[[], object]) -> Callable[[], float]:
    return lambda: milliseconds(call)


def _prepare(stage: Stage, size: int) -> None:
    stage.region_file(size)
    stage.texts(size)


HELPDESK: Final = Benchmark(
    *("helpdesk", "our server beside django-helpdesk", _prepare, _measure),
    quick=Extent((1_000,), 5),
    full=Extent((100_000,), 12),
)
