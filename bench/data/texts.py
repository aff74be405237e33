"""The texts of appeals in a plain SQLite file with SQLite's own search index, and words to ask it for."""

import itertools
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from cur_tui.contract.wire import Put

_CHUNK: Final = 20_000
RARE, SOME, COMMON = 0.001, 0.05, 0.3
"""In how many of the texts the words occur: each nearest to this share is taken."""
SHORTEST: Final = 5
"""Letters of a word that a person would search for."""


class _Place(msgspec.Struct):
    address: str | None = None
    settlement: str | None = None


class _Texts(msgspec.Struct):
    text: str = ""
    essence: str | None = None
    place: _Place | None = None
    number: str = ""


_decoder = msgspec.json.Decoder(_Texts)


@dataclass(frozen=True, slots=True)
class Words:
    """What is searched for: words by their frequency."""

    rare: str
    two: str
    common: str

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Name and query of each."""
        return iter((("rare word", self.rare), ("two words", self.two), ("word in 30 %", self.common)))


def fill_texts(path: Path, lines: Iterable[Put]) -> None:
    """Make the file: table ``text`` for LIKE, ``found`` for MATCH, newest last in both."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in (
        *("PRAGMA journal_mode=WAL", "PRAGMA synchronous=OFF", "PRAGMA cache_size=-65536"),
        "CREATE TABLE text (pk INTEGER PRIMARY KEY, words TEXT NOT NULL)",
        "CREATE VIRTUAL TABLE found USING fts5(words, content='', tokenize='unicode61')",
        "CREATE VIRTUAL TABLE vocabulary USING fts5vocab(found, 'row')",
    ):
        connection.execute(statement)
    rows = ((line.seq, searched(bytes(line.doc))) for line in lines)
    while chunk := list(itertools.islice(rows, _CHUNK)):
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO text VALUES (?,?)", chunk)
        connection.executemany("INSERT INTO found (rowid, words) VALUES (?,?)", chunk)
        connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def searched(document: bytes) -> str:
    """What the product's search reads of a document, as one text."""
    parts = _decoder.decode(document)
    place = parts.place or _Place()
    return "\n".join(
        part for part in (parts.text, parts.essence, place.settlement, place.address, parts.number) if part
    )


def chosen_words(path: Path) -> Words:
    """The words to search for in the file of :func:`fill_texts`."""
    connection = sqlite3.connect(path)
    try:
        return _choose(connection)
    finally:
        connection.close()


def _choose(connection: sqlite3.Connection) -> Words:
    (total,) = connection.execute("SELECT count(*) FROM text").fetchone()
    terms = [
        (term, documents / total)
        for term, documents in connection.execute("SELECT term, doc FROM vocabulary")
        if len(term) >= SHORTEST and term.isalpha()
    ]

    def nearest(share: float, to: list[tuple[str, float]]) -> str:
        return min(to, key=lambda term: (abs(term[1] - share), term[0]))[0]

    first = nearest(SOME, terms)
    others = sorted((term for term in terms if term[0] != first), key=lambda term: abs(term[1] - SOME))
    second = next((term for term, _ in others if _hits(connection, f"{first} {term}")), first)
    return Words(nearest(RARE, terms), f"{first} {second}", nearest(COMMON, terms))


def _hits(connection: sqlite3.Connection, query: str) -> bool:
    return (
        connection.execute("SELECT 1 FROM found WHERE found MATCH ? LIMIT 1", (query,)).fetchone() is not None
    )
