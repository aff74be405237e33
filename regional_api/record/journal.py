"""The journal: an append-only chain in which every line vouches for the one before it.

How is in :mod:`regional_api.record.chain`. The line holds the digest of its payload, not the payload:
personal data can be erased from it and the chain still holds, provided that a later line tells of the
erasure. The head of the chain is kept apart, so that lines cut off its end are missed too. Whoever can
write to the database can write a chain anew with its head: that is found by a head that was kept elsewhere.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from cur_tui.domain.intake import SYSTEM_ACCOUNT
from cur_tui.domain.privacy.erasure import ERASE
from regional_api.clock import stamp
from regional_api.database.connections import Database
from regional_api.database.tables import JOURNAL, JOURNAL_HEAD, JOURNAL_PAYLOAD
from regional_api.record.chain import GENESIS, canonical, link, link_of_old

_CHUNK = 2_000
_PAYLOADS = 200
"""Payloads that are read at once: that of an import has up to 100 kB."""
_HEAD = select(JOURNAL_HEAD.c.n, JOURNAL_HEAD.c.hash).where(JOURNAL_HEAD.c.shard == bindparam("of_shard"))
_SET_HEAD = update(JOURNAL_HEAD).where(JOURNAL_HEAD.c.shard == bindparam("of_shard"))
_ADD_LINES = insert(JOURNAL)
_ADD_PAYLOADS = insert(JOURNAL_PAYLOAD)
CHAINED = tuple(column.name for column in JOURNAL.c if column.name not in ("prev", "hash"))
"""What a line's hash covers, besides the hash of the line before it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one line says: who, as what, when by server and device, which act, on which appeal."""

    at: str
    account: str
    role: str
    type: str
    payload: bytes
    device_at: str | None = None
    appeal: str | None = None
    number: str | None = None
    before: int | None = None
    after: int | None = None
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain at some moment: how many lines there were, and the hash of the last one."""

    n: int
    hash: str


def entry_of(
    now: datetime,
    type: str,
    payload: Mapping[str, object],
    *,
    account: str = SYSTEM_ACCOUNT,
    role: str = SYSTEM_ACCOUNT,
    appeal: str | None = None,
    number: str | None = None,
    before: int | None = None,
    after: int | None = None,
    command: str | None = None,
) -> Entry:
    """A line about an act of the server's own, or of ``account`` without a device."""
    return Entry(
        at=stamp(now),
        account=account,
        role=role,
        type=type,
        payload=msgspec.json.encode(payload),
        appeal=appeal,
        number=number,
        before=before,
        after=after,
        command=command,
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of walking the chain. ``bad`` is the number of the first line that does not hold.

    ``reason``: ``missing``, ``order``, ``altered``, ``payload``, ``head``; against a head that was kept, also
    ``cut`` (the chain ends before it) and ``kept`` (line ``bad`` is not the one that was its head: some line
    up to there was written anew).
    """

    entries: int
    head: str
    bad: int | None = None
    reason: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the whole chain holds."""
        return self.bad is None


def start(connection: Connection, shard: str) -> None:
    """Begin an empty chain."""
    connection.execute(insert(JOURNAL_HEAD).values(shard=shard, n=0, hash=GENESIS))


def append(connection: Connection, shard: str, entries: Sequence[Entry]) -> None:
    """Add lines. The caller holds the feed clock, which makes writers take turns."""
    head = connection.execute(_HEAD, {"of_shard": shard}).one()
    number, previous = head.n, head.hash
    lines, payloads = [], []
    for entry in entries:
        number += 1
        line = {
            "n": number,
            "at": entry.at,
            "device_at": entry.device_at,
            "account": entry.account,
            "role": entry.role,
            "type": entry.type,
            "appeal": entry.appeal,
            "number": entry.number,
            "before": entry.before,
            "after": entry.after,
            "command": entry.command,
            "payload_sha256": hashlib.sha256(entry.payload).hexdigest(),
        }
        digest = link(previous, canonical(line))
        lines.append({**line, "prev": previous, "hash": digest})
        payloads.append({"n": number, "data": entry.payload})
        previous = digest
    connection.execute(_ADD_LINES, lines)
    connection.execute(_ADD_PAYLOADS, payloads)
    connection.execute(_SET_HEAD, {"of_shard": shard, "n": number, "hash": previous})


def head_of(database: Database, shard: str) -> Head:
    """The present end of the chain: to be kept where nobody who can write to the database can write."""
    with database.reading() as connection:
        row = connection.execute(_HEAD, {"of_shard": shard}).one()
    return Head(row.n, row.hash)


def verify(database: Database, shard: str, kept: Head | None = None) -> Verdict:
    """Walk the chain from its beginning to the head, in short transactions, and name the first bad line.

    With the head ``kept`` from an earlier time the chain must still run through it: so lines that were cut
    off, or written anew together with all behind them and the head, are found as well.
    """
    head = head_of(database, shard)
    previous, expected = GENESIS, 1
    gone: dict[str, int] = {}
    for line, payload in _lines(database, head.n):
        reason = _fault(line, payload, previous, expected)
        if reason is not None:
            return Verdict(head.n, head.hash, min(expected, line.n), reason)
        if line.type == ERASE:
            gone.pop(line.appeal, None)
        if payload is None:  # of an erasure as well: nothing but its own reason excuses it
            gone.setdefault(line.appeal, line.n)
        if kept is not None and line.n == kept.n and line.hash != kept.hash:
            return Verdict(head.n, head.hash, line.n, "kept")
        previous, expected = line.hash, expected + 1
    if expected <= head.n:
        return Verdict(head.n, head.hash, expected, "missing")
    if previous != head.hash:
        return Verdict(head.n, head.hash, head.n, "head")
    if kept is not None and kept.n > head.n:
        return Verdict(head.n, head.hash, expected, "cut")
    unexplained = _without_erasure(database, gone, head.n)
    if unexplained is not None:
        return Verdict(head.n, head.hash, unexplained, "payload")
    return Verdict(head.n, head.hash)


def _without_erasure(database: Database, gone: Mapping[str, int], last: int) -> int | None:
    """The first line whose payload is gone though its appeal was not erased, be it since line ``last``."""
    if not gone:
        return None
    erasures = select(JOURNAL.c.appeal).where(JOURNAL.c.type == ERASE, JOURNAL.c.n > last)
    with database.reading() as connection:
        since = set(connection.execute(erasures).scalars())
    return min((n for appeal, n in gone.items() if appeal not in since), default=None)


def _fault(line: Row[tuple[object, ...]], payload: str | None, previous: str, expected: int) -> str | None:
    values = line._mapping
    if values["n"] != expected:
        return "missing"
    if values["prev"] != previous:
        return "order"
    said = canonical({name: values[name] for name in CHAINED})
    if values["hash"] not in (link(previous, said), link_of_old(previous, said)):
        return "altered"
    if payload is None and values["appeal"] is None:
        return "payload"
    if payload is not None and payload != values["payload_sha256"]:
        return "payload"
    return None


def _lines(database: Database, last: int) -> Iterator[tuple[Row[tuple[object, ...]], str | None]]:
    """Each line, and the digest of its payload as it is now."""
    after = 0
    while after < last:
        with database.reading() as connection:
            rows = connection.execute(
                select(JOURNAL)
                .where(JOURNAL.c.n > after, JOURNAL.c.n <= last)
                .order_by(JOURNAL.c.n)
                .limit(_CHUNK)
            ).all()
            digests = _digests(connection, [row.n for row in rows])
        for row in rows:
            yield row, digests.get(row.n)
        if not rows:
            return
        after = rows[-1].n


def _digests(connection: Connection, numbers: Sequence[int]) -> dict[int, str]:
    """The digest of each payload that is there."""
    digests: dict[int, str] = {}
    for start in range(0, len(numbers), _PAYLOADS):
        some = numbers[start : start + _PAYLOADS]
        found = connection.execute(
            select(JOURNAL_PAYLOAD.c.n, JOURNAL_PAYLOAD.c.data).where(
                JOURNAL_PAYLOAD.c.n.between(some[0], some[-1])
            )
        )
        digests |= {n: hashlib.sha256(data).hexdigest() for n, data in found}
    return digests
