"""The facets and the tally of a cache against what its rows say."""

from collections import Counter
from pathlib import Path

from storage.database.connection import connect
from storage.lists.facets import FACET_COLUMNS, TABLE, facet_words
from tests.storage.conftest import KEY


def check_registers(path: Path) -> None:
    """Every appeal stands in the index of facets with its words and no others, and is counted once."""
    connection = connect(path, KEY, writer=True)
    try:
        rows = connection.execute(f"SELECT pk, is_open, {', '.join(FACET_COLUMNS)} FROM appeal").fetchall()
        block, state = (FACET_COLUMNS.index(name) + 2 for name in ("block", "state"))
        tally = connection.execute("SELECT block, state, is_open, n FROM tally WHERE n<>0").fetchall()
        assert {(b, s, o): n for b, s, o, n in tally} == Counter((r[block], r[state], r[1]) for r in rows)
        connection.execute(f"CREATE VIRTUAL TABLE temp.kept USING fts5vocab(main, {TABLE}, instance)")
        kept: dict[int, list[str]] = {}
        for pk, term in connection.execute("SELECT doc, term FROM temp.kept"):
            kept.setdefault(pk, []).append(term)
        expected = {row[0]: sorted(set(facet_words(row[2:]).split())) for row in rows}
        assert {pk: sorted(terms) for pk, terms in kept.items()} == expected
    finally:
        connection.close()
