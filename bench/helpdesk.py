"""Our server beside a help desk of the same size: a load tool asks both for the same pages, in turns."""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from bench.benchmark import Benchmark, Extent
from bench.commands import greet, note_on
from bench.data.server import RunningRegion
from bench.data.stage import Stage
from bench.data.texts import chosen_words
from bench.figures import Budget, Figure, Sample, in_turns, milliseconds, side_by_side
from bench.load import ask, load_tool
from bench.peers.helpdesk import Helpdesk, running_helpdesk
from bench.peers.install import program
from bench.plain_client import PlainClient, bodies
from bench.programs import memory_of

NAME: Final = "django-helpdesk, SQLite"
BUDGETS: Final[Mapping[str, Budget]] = {
    "queue page": Budget("ratio", 1 / 20),
    "search page": Budget("ratio", 1 / 50),
}
PROMISED_FROM: Final = 100_000
"""Tickets from which the budgets hold: a help desk with few of them is quick as well."""


def _measure(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    if not program("helpdesk", "gunicorn").exists():
        stage.note("a help desk beside our server: make bench-peers")
        return []
    tool = load_tool()
    if tool is None:
        stage.note("a help desk beside our server: wrk is not installed (make bench-peers)")
        return []
    return [figure for size in sizes for figure in _beside(stage, tool, size, rounds)]


def _beside(stage: Stage, tool: str, size: int, rounds: int) -> list[Figure]:
    region = stage.fresh_region(size)
    greet(region, stage.folder)
    words = chosen_words(stage.texts(size)).rare
    targets = region.targets(rounds)
    with running_helpdesk(stage, size) as desk:
        numbers = range(size - rounds + 1, size + 1)
        pages: dict[str, tuple[list[str], list[str]]] = {
            "queue page": (["/v1/appeals?query=block:roads%20open&limit=50"], [desk.queue_page()]),
            "search page": ([f"/v1/appeals?query={quote(words)}&limit=50"], [desk.search_page(words)]),
            "card": (
                [f"/v1/appeals/{target.id}" for target in targets],
                [desk.ticket(number) for number in numbers],
            ),
        }
        figures = []
        for name, (ours, theirs) in pages.items():
            for path in theirs:
                desk.expect(path)  # a page to sign in on would be quick
            mine: list[float] = []
            others: list[float] = []
            for _ in range(rounds):
                mine += ask(tool, region.url, region.headers(), ours).latencies
                others += ask(tool, desk.url, desk.headers(), theirs).latencies
            budgets = (BUDGETS[name],) if name in BUDGETS and size >= PROMISED_FROM else ()
            samples = Sample(tuple(mine)), NAME, Sample(tuple(others))
            figures.append(Figure("helpdesk", name, size, "ms", *samples, budgets))
        figures.append(_replies(region, desk, size, rounds))
        memory = in_turns(
            {"ours": lambda: memory_of(region.pid), "theirs": lambda: memory_of(desk.pid)}, rounds
        )
    return [*figures, Figure("helpdesk", "memory", size, "MiB", memory["ours"], NAME, memory["theirs"])]


def _replies(region: RunningRegion, desk: Helpdesk, size: int, rounds: int) -> Figure:
    """A note on an appeal beside an answer on a ticket: each may be given once."""
    client = PlainClient(region)
    ours = iter(bodies([note_on(region, [target]) for target in region.targets(rounds)]))
    theirs = iter(range(size - rounds + 1, size + 1))
    taken = side_by_side(
        lambda: milliseconds(lambda: client.send(next(ours))),
        lambda: milliseconds(lambda: desk.reply(next(theirs))),
        rounds,
    )
    client.close()
    return Figure("helpdesk", "reply", size, "ms", taken[0], NAME, taken[1])


def _prepare(stage: Stage, size: int) -> None:
    stage.region_file(size)
    stage.texts(size)


HELPDESK: Final = Benchmark(
    *("helpdesk", "our server beside django-helpdesk", _prepare, _measure),
    quick=Extent((1_000,), 5),
    full=Extent((100_000,), 12),
)
