"""A large export: everything of it arrives once, and a transaction asks no more of the database at its end.

What 400,000 rows cost is measured with the command itself (docs/measurements.md).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from cur_tui.domain.profile.load import load_region
from regional_api.database.connections import Database
from regional_api.database.schema import create_region
from regional_api.importers import run
from tests.server.exports import write_xlsx
from tests.server.import_office import imported
from tests.server.large_export import REPEATED_EVERY, UNDATED_EVERY, rows_of

TOGETHER = 100
"""Records of one transaction here: many transactions of few rows tell as much as many rows."""
ROWS = 600
UNDATED = len(range(1, ROWS + 1, UNDATED_EVERY))
REPEATED = ROWS // REPEATED_EVERY


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_xlsx(tmp_path_factory.mktemp("many") / "export.xlsx", ("Лист1", rows_of(ROWS)))


@contextmanager
def statements_of_each_transaction(database: Database) -> Iterator[list[int]]:
    """How many statements each transaction executes, in their order."""
    counts = [0]

    def executed(*_: object) -> None:
        counts[-1] += 1

    def committed(_: object) -> None:
        counts.append(0)

    event.listen(database.engine, "before_cursor_execute", executed)
    event.listen(database.engine, "commit", committed)
    try:
        yield counts
    finally:
        event.remove(database.engine, "before_cursor_execute", executed)
        event.remove(database.engine, "commit", committed)


def test_a_large_export_arrives_once_at_an_even_price(
    export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "CHUNK", TOGETHER)
    database = Database(str(tmp_path / "region.db"))
    create_region(database, load_region("kursk"))
    with statements_of_each_transaction(database) as counts:
        first = imported(database, export)
    assert (first.rows, first.quarantined, first.repeated) == (ROWS, UNDATED, REPEATED)
    assert first.new == ROWS - UNDATED - REPEATED
    begun, *_, full, _, _ = counts[-ROWS // TOGETHER - 1 :]
    assert TOGETHER < full <= begun, counts
    assert full < 2.5 * TOGETHER, "an appeal asks for its number and itself, all else is done together"
    again = imported(database, export)
    assert (again.new, again.changed, again.same) == (0, 0, first.new)
    database.close()
