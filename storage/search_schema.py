"""The tables of the search index and what a new schema changes in them."""

from typing import Final

from storage.connection import Connection
from storage.schema import FTS_TABLES

# Contentless: no second copy of the text. The stems come from cur_tui.domain, so the tokenizer only splits.
SEARCH_TABLES: Final = tuple(
    f"CREATE VIRTUAL TABLE {name} USING fts5(words, content='', contentless_delete=1, "
    "tokenize='unicode61 remove_diacritics 0')"
    for name in FTS_TABLES.values()
)
"""The statements that make the index in an empty file."""


def search_to_2(connection: Connection) -> None:
    """Bring the index of schema 1 to schema 2, inside the transaction of the migration."""
