"""The server under load: lists, search, cards and numbers, for one client and for eight."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, urlencode

from bench.benchmark import Benchmark, Extent
from bench.data.server import RunningRegion
from bench.data.stage import Stage
from bench.data.texts import chosen_words
from bench.figures import LEAST_SAMPLES, Figure, Sample
from bench.load import Load, ask, load_tool
from bench.programs import memory_of
from cur_tui.contract.wire import AppealPage

HEALTH: Final = "GET /v1/health"
CLIENTS: Final = (1, 8)
CARDS: Final = 200
DEEP: Final = 20
"""Pages of up to 200 that lie before the deep one."""
POSTGRES_SIZE: Final = 100_000
"""The one size that is measured on PostgreSQL too: the load on each database takes minutes."""

Paths = dict[str, list[str]]


def _paths(region: RunningRegion, stage: Stage, size: int) -> Paths:
    """What is asked for, by what it is called."""
    words = chosen_words(stage.texts(size))
    lists = {
        "list of 50": {"query": "open", "limit": "50"},
        "list of 100": {"sort": "-registered", "limit": "100"},
        "filtered, sorted": {"query": "block:roads open", "sort": "-registered", "limit": "50"},
        **{f"search: {name}": {"query": text, "limit": "50"} for name, text in words},
        "deep page": _deep_page(region, size),
    }
    return {
        "health": ["/v1/health"],
        **{name: [_list(query)] for name, query in lists.items()},
        "card": [f"/v1/appeals/{target.id}" for target in region.targets(CARDS)],
        "statistics": ["/v1/statistics?rows=block&columns=state"],
    }


def _list(query: dict[str, str]) -> str:
    return f"/v1/appeals?{urlencode(query, quote_via=quote)}"


def _deep_page(region: RunningRegion, size: int) -> dict[str, str]:
    query = {"query": "closed", "sort": "-registered", "limit": str(min(200, size // (2 * DEEP)))}
    for _ in range(DEEP):
        page = region.session.authorised(
            lambda token: region.transport.call("GET", _list(query), AppealPage, token=token)
        )
        assert page.next is not None, "the list is shorter than the way to the deep page"
        query["after"] = page.next
    return {**query, "limit": "50"}


def _on(tool: str, region: RunningRegion, stage: Stage, engine: str, size: int, rounds: int) -> list[Figure]:
    paths = _paths(region, stage, size)
    at_start = Sample((memory_of(region.pid),) * LEAST_SAMPLES)
    figures = []
    memory = []
    for clients in CLIENTS:
        seen: dict[str, list[Load]] = {name: [] for name in paths}
        for _ in range(rounds):
            for name, asked in paths.items():
                seen[name].append(ask(tool, region.url, region.headers(), asked, clients))
                memory.append(memory_of(region.pid))
        figures += _figures(seen, f"{engine}, {clients} at once", size)
    what = f"memory under load, {engine}"
    return [*figures, Figure("server", what, size, "MiB", Sample(tuple(memory)), "at its start", at_start)]


def _figures(seen: dict[str, list[Load]], where: str, size: int) -> list[Figure]:
    health = seen.pop("health")
    figures = []
    for name, loads in seen.items():
        what = f"{name}, {where}"
        figures.append(Figure("server", what, size, "ms", _latencies(loads), HEALTH, _latencies(health)))
        if len(loads) >= LEAST_SAMPLES:
            rates = _rates(loads), HEALTH, _rates(health)
            figures.append(Figure("server", what, size, "/s", *rates, more_is_better=True))
    return figures


def _latencies(loads: Sequence[Load]) -> Sample:
    return Sample(tuple(latency for load in loads for latency in load.latencies))


def _rates(loads: Sequence[Load]) -> Sample:
    return Sample(tuple(load.rate for load in loads))


def _measure(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    tool = load_tool()
    if tool is None:
        stage.note("the server under load: wrk is not installed (make bench-peers)")
        return []
    figures = []
    for size in sizes:
        figures += _on(tool, stage.region(size), stage, "SQLite", size, rounds)
        if size == POSTGRES_SIZE and (region := stage.postgres_region(size)):
            figures += _on(tool, region, stage, "PostgreSQL", size, rounds)
    return figures


def _prepare(stage: Stage, size: int) -> None:
    stage.region_file(size)
    stage.texts(size)


SERVER: Final = Benchmark(
    *("server", "lists, search, cards and numbers of the server under load", _prepare, _measure),
    quick=Extent((1_000,), 1),
    full=Extent((100_000, 1_000_000), 5),
)
