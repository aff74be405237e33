"""The tables of the search index and what a new schema changes in them."""

from typing import Final

from cur_tui.domain.stems import WORD_RULES
from storage.connection import Connection
from storage.schema import FTS_TABLES

SEARCH_RULES: Final = "search_rules"
"""State: the word rules that the index was made by; while it is made anew, how far that has come."""

# Contentless: no second copy of the text. The stems come from cur_tui.domain, so the tokenizer only splits.
_WORDS: Final = tuple(
    f"CREATE VIRTUAL TABLE {name} USING fts5(words, content='', contentless_delete=1, "
    "tokenize='unicode61 remove_diacritics 0')"
    for name in FTS_TABLES.values()
)

SEARCH_TABLES: Final = (
    *_WORDS,
    f"INSERT INTO sync_state (k, v) VALUES ('{SEARCH_RULES}', '{WORD_RULES}')",  # noqa: S608
)
"""The statements that make the index in an empty file."""


def search_to_2(connection: Connection) -> None:
    """Leave the index of schema 1 as it is: its tables are the same, and its words, made by older rules,
    are found until :func:`storage.search_index.index_waiting` has made them anew.
    """
