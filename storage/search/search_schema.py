"""The tables of the search index and what a new schema changes in them."""

from typing import Final

from cur_tui.domain.language.stems import WORD_RULES
from storage.database.connection import Connection
from storage.database.schema import FTS_ARCHIVE, FTS_OPEN, FTS_TABLES
from storage.search.search_state import SEARCH_RULES

# Contentless: no second copy of the text. The stems come from cur_tui.domain, so the tokenizer only splits.
_WORDS: Final = tuple(
    f"CREATE VIRTUAL TABLE {name} USING fts5(words, content='', contentless_delete=1, "
    "tokenize='unicode61 remove_diacritics 0')"
    for name in FTS_TABLES.values()
)

VOCABULARY_OPEN: Final = "words_of_open"
VOCABULARY_ARCHIVE: Final = "words_of_archive"
_VOCABULARIES: Final = (
    f"CREATE VIRTUAL TABLE {VOCABULARY_OPEN} USING fts5vocab({FTS_TABLES[FTS_OPEN]}, row)",
    f"CREATE VIRTUAL TABLE {VOCABULARY_ARCHIVE} USING fts5vocab({FTS_TABLES[FTS_ARCHIVE]}, row)",
)
"""The words of the index with the number of appeals that have them; they store nothing themselves."""

SEARCH_TABLES: Final = (
    *_WORDS,
    *_VOCABULARIES,
    f"INSERT INTO sync_state (k, v) VALUES ('{SEARCH_RULES}', '{WORD_RULES}')",  # noqa: S608
)
"""The statements that make the index in an empty file."""


def search_to_2(connection: Connection) -> None:
    """Bring the index of schema 1 to schema 2, inside the transaction of the migration.

    Its tables stay: their words, made by older rules and without facets, are found until
    :func:`storage.search.search_index.index_waiting` has made them anew; till then filters are asked of
    the rows.
    """
    for statement in _VOCABULARIES:
        connection.execute(statement)
