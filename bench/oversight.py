"""What the benchmarks of a supervisor's screens share: their budget, the two databases, and one question."""

from typing import Final

from bench.data.server import RunningRegion
from bench.data.stage import Stage
from bench.figures import Budget, Sample, milliseconds, side_by_side
from cur_tui.contract import API_PREFIX

SECOND: Final = (Budget("p99", 1_000.0),)
HEALTH: Final = f"GET {API_PREFIX}/health"


def both_engines(stage: Stage, size: int) -> list[tuple[str, RunningRegion]]:
    """A server on each database that is installed, with the name of the database."""
    found = [("SQLite", stage.region(size))]
    if region := stage.postgres_region(size):
        found.append(("PostgreSQL", region))
    return found


def prepare_both(stage: Stage, size: int) -> None:
    """What :func:`both_engines` serves, and the cache with its plain copy."""
    stage.plain(size)
    stage.region_file(size)
    stage.postgres_folder(size)


def beside_health(
    region: RunningRegion, path: str, answer: type[object], rounds: int
) -> tuple[Sample, Sample]:
    """How many milliseconds ``path`` takes, and what any request does, asked for in turns."""

    def get(path: str, answer: type[object]) -> float:
        return milliseconds(
            lambda: region.session.authorised(
                lambda token: region.transport.call("GET", f"{API_PREFIX}/{path}", answer, token=token)
            )
        )

    return side_by_side(lambda: get(path, answer), lambda: get("health", dict), rounds)
