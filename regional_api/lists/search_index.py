"""The search index of the server: which words and which places lead to which appeal.

Both engines index the same tokens, made here: the stems of the texts and, with an equals sign that no word
has, the facets that cut a search down before a single row is looked at (block, authority, openness …). The
facets only save work; what a reader may see is decided on the rows themselves, as everywhere.

An entry's key is the second of registration followed by the appeal's own key, so that the order of the keys
is the order of the list, newest last, and its first page is found without sorting.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    String,
    cast,
    column,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from cur_tui.domain.language.search_phrases import Phrase
from cur_tui.domain.language.stems import index_text
from cur_tui.domain.model import Appeal
from cur_tui.domain.privacy.personal import Mask
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.vocabulary import GENERAL_BLOCK

_PK_BITS: Final = 31
_PK_MASK: Final = (1 << _PK_BITS) - 1
_FACET_VALUE: Final = re.compile(r"[a-z0-9._-]{1,100}")
"""What both engines keep as one token, letter for letter."""
_LONGEST: Final = 200
"""Characters of a word that count; PostgreSQL takes no longer ones than 2 KB."""
_LAST_POSITION: Final = 16_383
"""PostgreSQL tells positions apart up to here."""

_INDEX: Final = table(
    *("search_index", column("docid", BigInteger), column("rowid", BigInteger), column("tokens", TSVECTOR))
)
NEAREST: Final = 4_000
"""Entries among which PostgreSQL looks for words that are met often; it passes so many in 4 ms."""

_SQLITE: Final = (
    "CREATE VIRTUAL TABLE search_index USING fts5(tokens, content='', contentless_delete=1, "
    "tokenize=\"unicode61 remove_diacritics 0 tokenchars '=._-'\")",
)
_POSTGRES: Final = (
    "CREATE TABLE search_index (docid BIGINT PRIMARY KEY, tokens TSVECTOR NOT NULL)",
    # A list of what is still to be sorted in would be read by every search.
    "CREATE INDEX search_index_tokens ON search_index USING gin (tokens) WITH (fastupdate = off)",
)


def docid_of(registered_at: int, pk: int) -> int:
    """The key of an appeal's entry."""
    return (registered_at << _PK_BITS) | pk


def pk_of(docid: ColumnElement[int]) -> ColumnElement[int]:
    """The key of the appeal that an entry belongs to."""
    return docid.bitwise_and(literal_column(str(_PK_MASK)))


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index knows of an appeal; while it is the same, nothing has to be written."""

    facets: tuple[str, ...]
    texts: tuple[str | None, ...]

    @property
    def tokens(self) -> list[str]:
        """The facets, then the stems of the texts in their order."""
        return [*self.facets, *(word[:_LONGEST] for word in index_text(self.texts).split())]


def entry_of(appeal: Appeal, rulebook: Rulebook) -> Entry:
    """The entry of ``appeal``. The applicant is not in it: who wrote is found by those who may see it."""
    place = appeal.place
    facets = {
        "block": appeal.block or GENERAL_BLOCK,
        "topic": appeal.topic,
        "authority": appeal.authority,
        "municipality": place.municipality,
        "source": appeal.source.value,
        "regime": appeal.regime.value,
        "open": "1" if appeal.state.is_open else "0",
        "restricted": "1" if rulebook.is_restricted(appeal.topic) else None,
    }
    mask = Mask(appeal.applicant)
    texts = (appeal.text, appeal.essence, place.settlement, place.address)
    return Entry(
        tuple(facet(name, value) for name, value in facets.items() if value and can_be_facet(value)),
        (*(mask(text) if text else None for text in texts), appeal.number),
    )


def can_be_facet(value: str) -> bool:
    """Whether entries hold ``value`` as a facet; a search for any other is for the rows to decide."""
    return _FACET_VALUE.fullmatch(value) is not None


def facet(name: str, value: str) -> str:
    """The token of a facet. ``value`` is one that :func:`can_be_facet`."""
    return f"{name}={value}"


def create(connection: Connection) -> None:
    """Make the empty index."""
    for statement in _SQLITE if _is_sqlite(connection) else _POSTGRES:
        connection.execute(text(statement.replace(":", "\\:")))


def recreate(connection: Connection) -> None:
    """Make the index anew and empty, whether there was one or not."""
    connection.execute(text("DROP TABLE IF EXISTS search_index"))
    create(connection)


def put(connection: Connection, entries: Iterable[tuple[int, Entry]]) -> None:
    """Store entries under keys that are new or were removed before."""
    if _is_sqlite(connection):
        rows = [{"docid": docid, "tokens": " ".join(entry.tokens)} for docid, entry in entries]
        statement = "INSERT INTO search_index (rowid, tokens) VALUES (:docid, :tokens)"
    else:
        rows = [{"docid": docid, "tokens": _vector(entry)} for docid, entry in entries]
        statement = "INSERT INTO search_index (docid, tokens) VALUES (:docid, CAST(:tokens AS tsvector))"
    if rows:
        connection.execute(text(statement), rows)


def remove(connection: Connection, docids: Sequence[int]) -> None:
    """Take entries out."""
    if docids:
        key = "rowid" if _is_sqlite(connection) else "docid"
        statement = text(f"DELETE FROM search_index WHERE {key} = :docid")  # noqa: S608
        connection.execute(statement, [{"docid": docid} for docid in docids])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search asks for: all of ``every`` and none of ``never``, each a choice of phrases."""

    every: tuple[tuple[Phrase, ...], ...]
    never: tuple[tuple[Phrase, ...], ...] = ()


def entries(
    *, sqlite: bool, wanted: BindParameter[str], among: FromClause | None = None
) -> Select[tuple[int]]:
    """The keys, as the column ``docid``, of the entries that meet the :func:`expression` in ``wanted``.

    ``among``: only of those that :func:`nearest` gives, on PostgreSQL.
    """
    key: ColumnElement[int]
    match: ColumnElement[bool]
    if sqlite:
        key, match = _INDEX.c.rowid, literal_column("search_index", String).op("MATCH")(wanted)
    else:
        source: FromClause = _INDEX if among is None else among
        key, match = source.c.docid, source.c.tokens.op("@@")(cast(wanted, TSQUERY))
    return select(key.label("docid")).where(match)


def nearest(docid: ColumnElement[int] | None, *, descending: bool) -> FromClause:
    """The first :data:`NEAREST` entries behind ``docid``, whatever words they have."""
    key: ColumnElement[int] = _INDEX.c.docid
    found = select(key, _INDEX.c.tokens)
    if docid is not None:
        found = found.where(key < docid if descending else key > docid)
    return found.order_by(key.desc() if descending else key.asc()).limit(NEAREST).subquery("nearest")


def behind(
    entries: Select[tuple[int]], docid: ColumnElement[int] | None, *, descending: bool, walked: bool
) -> Select[tuple[int]]:
    """``entries`` behind ``docid``, in the order of the keys.

    ``walked``: met on a walk along the keys. SQLite's index of words is one, so a common word costs it no
    more than a rare one. PostgreSQL gathers all entries that have the words, which is quick for rare ones;
    left the choice it might walk along all keys, in the hope of meeting them soon.
    """
    key = entries.selected_columns.docid.element
    if docid is not None:
        entries = entries.where(key < docid if descending else key > docid)
    if not walked:
        key = key + literal_column("0")
        entries = entries.with_only_columns(key.label("docid"))
    return entries.order_by(key.desc() if descending else key.asc())


@dataclass(frozen=True, slots=True)
class _Signs:
    """How an engine writes that all, any and none of several searches hold."""

    both: str
    either: str
    but_not: str
    phrase: Callable[[Phrase], str]


def _fts5_phrase(phrase: Phrase) -> str:
    goes_on = " *" if phrase.prefix else ""
    runs = (" ".join(word[:_LONGEST] for word in run).replace('"', '""') for run in phrase.runs())
    return " OR ".join(f'"{run}"{goes_on}' for run in runs)


def _tsquery_phrase(phrase: Phrase) -> str:
    last = len(phrase.words) - 1
    words = [
        " | ".join(_lexeme(stem[:_LONGEST]) + (":*" if phrase.prefix and n == last else "") for stem in stems)
        for n, stems in enumerate(phrase.words)
    ]
    return " <-> ".join(f"({word})" for word in words)


def _lexeme(token: str) -> str:
    """A token as tsvector and tsquery quote it."""
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


_FTS5: Final = _Signs(" AND ", " OR ", " NOT ", _fts5_phrase)
_TSQUERY: Final = _Signs(" & ", " | ", " & !", _tsquery_phrase)


def expression(wanted: Wanted, *, sqlite: bool) -> str:
    """``wanted``, which asks for something, in the language of the engine."""
    signs = _FTS5 if sqlite else _TSQUERY

    def choice(phrases: tuple[Phrase, ...]) -> str:
        # Each only once, and one list of alternatives: engines bound how deep an expression may go.
        return "(" + signs.either.join(dict.fromkeys(map(signs.phrase, phrases))) + ")"

    positive = "(" + signs.both.join(dict.fromkeys(map(choice, wanted.every))) + ")"
    never = tuple(chain.from_iterable(wanted.never))
    return positive + (signs.but_not + choice(never) if never else "")


def _vector(entry: Entry) -> str:
    """The entry as PostgreSQL writes a tsvector; facets have no place among the words."""
    places: dict[str, list[int]] = {}
    start = len(entry.facets)
    for position, token in enumerate(entry.tokens[start:], 1):
        places.setdefault(token, []).append(min(position, _LAST_POSITION))
    words = (f"{_lexeme(token)}:{','.join(map(str, at))}" for token, at in places.items())
    return " ".join([*map(_lexeme, entry.facets), *words])


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
