"""The narrow copy of the appeals that cuts and rankings add up: one row of small numbers each.

An appeal's own row is ten times as wide and encrypted with all of its titles: to read a million of them takes
seconds. Here codes are numbers of a small dictionary, so that a million rows fit into fifty megabytes and are
grouped by comparing integers. Both change in the transaction that changes the rows.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from operator import attrgetter
from typing import Any, Final

import msgspec

from cur_tui.contract.row import MEASURED, AppealRow
from storage.database.connection import Connection
from storage.database.schema import OPEN_STATE_CODES
from storage.database.statements import insert

FACT_TABLE: Final = "fact"
CODE_TABLE: Final = "code"
CODED: Final = (
    *("block", "topic", "authority", "municipality", "source", "regime", "state", "priority", "worker"),
    *("item_kind", "tone", "outcome"),
)
"""The columns that hold numbers of the dictionary."""
FACT_COLUMNS: Final = (
    *("pk", *CODED, "rating", "registered_at", "answer_seconds", "is_open", "is_repeat", "is_duplicate"),
    *("is_fast_track", *MEASURED),
)
FACT_INDEX: Final = (
    f"CREATE INDEX fact_done ON {FACT_TABLE} (done_at, answer_seconds, registered_at, in_time, rating, "
    "reworks, block, worker, source) WHERE done_at IS NOT NULL"
)
"""What was done in a time, with all that the board, the load and the ratings ask of it: they read no row."""
CODE_INDEX: Final = f"CREATE UNIQUE INDEX code_of ON {CODE_TABLE} (kind, code)"

_MARKS: Final = ",".join("?" * len(FACT_COLUMNS))
_PUT: Final = f"INSERT OR REPLACE INTO {FACT_TABLE} ({', '.join(FACT_COLUMNS)}) VALUES ({_MARKS})"  # noqa: S608
_LEARN: Final = f"{insert(CODE_TABLE, ['kind', 'code'])} ON CONFLICT DO NOTHING"
_coded_of = attrgetter(*CODED)
_measured_of = attrgetter(*MEASURED)

Numbers = dict[str, dict[str | None, int]]
"""The number of each code, by kind."""


def enter_facts(connection: Connection, rows: Sequence[tuple[int, AppealRow]]) -> None:
    """The appeals with these keys are now as ``rows`` say."""
    if not rows:
        return
    columns = list(zip(*(_coded_of(row) for _, row in rows), strict=True))
    numbers = _numbers(connection, dict(zip(CODED, map(set, columns), strict=True)))
    coded = [map(numbers[kind].get, column) for kind, column in zip(CODED, columns, strict=True)]
    connection.executemany(
        _PUT,
        [
            (pk, *codes, *_others(row))
            for (pk, row), codes in zip(rows, zip(*coded, strict=True), strict=True)
        ],
    )


def _others(row: AppealRow) -> tuple[Any, ...]:
    return (
        row.rating,
        row.registered_at,
        None if row.answered_at is None else row.answered_at - row.registered_at,
        int(row.state in OPEN_STATE_CODES),
        row.is_repeat,
        row.is_duplicate,
        int(row.fast_track is not None),
        *_measured_of(row),
    )


def _numbers(connection: Connection, met: Mapping[str, AbstractSet[str | None]]) -> Numbers:
    """The numbers of the codes that were ``met`` of each kind, old and new. A dictionary is short: a region
    has a thousand codes at most.
    """
    wanted = sorted((kind, code) for kind, codes in met.items() for code in codes if code is not None)
    asked = msgspec.json.encode(wanted).decode()
    known = _look_up(connection, asked)
    fresh = [(kind, code) for kind, code in wanted if code not in known[kind]]
    if fresh:
        connection.executemany(_LEARN, fresh)
        known = _look_up(connection, asked)
    return known


_FOUND: Final = (
    "SELECT known.kind, known.code, known.id FROM json_each(?) asked "  # noqa: S608
    f"JOIN {CODE_TABLE} known ON known.kind=asked.value->>0 AND known.code=asked.value->>1"
)


def _look_up(connection: Connection, asked: str) -> Numbers:
    known: Numbers = {kind: {} for kind in CODED}
    for kind, code, number in connection.execute(_FOUND, (asked,)):
        known[kind][code] = number
    return known
