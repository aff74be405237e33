"""Who still uses what a new edition of the profile lacks: appeals, accounts, kept cuts, applications."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import ColumnElement, Connection, func, select

from cur_tui.contract.codec import decode_appeal
from cur_tui.contract.packing import unpack
from cur_tui.domain.model import Appeal
from cur_tui.domain.query.vocabulary import Vocabulary
from cur_tui.domain.refusal import Refused
from regional_api.database.tables import ACCOUNT, APPEAL
from regional_api.figures.cuts import cuts_of
from regional_api.lists.query_sql import read_query
from regional_api.open311.tables import OPEN311_KEY, OPEN311_REQUEST
from regional_api.related.tables import MASS_INCIDENT

Where = Literal["appeals", "accounts", "cuts", "api_keys", "requests", "incidents"]
Lacking = Mapping[str, Mapping[str, str]]
"""Names by code, by kind."""

_CHUNK: Final = 1_000
_COLUMNS: Final[Mapping[str, tuple[tuple[Where, ColumnElement[str | None]], ...]]] = {
    "block": (("appeals", APPEAL.c.block),),
    "topic": (
        ("appeals", APPEAL.c.topic),
        ("requests", OPEN311_REQUEST.c.service),
        ("incidents", MASS_INCIDENT.c.topic),
    ),
    "authority": (("appeals", APPEAL.c.authority), ("accounts", ACCOUNT.c.authority)),
    "municipality": (("appeals", APPEAL.c.municipality), ("incidents", MASS_INCIDENT.c.municipality)),
    "fast_track": (("appeals", APPEAL.c.fast_track),),
    "role": (("accounts", ACCOUNT.c.role),),
}
_INSIDE: Final[Mapping[str, Callable[[Appeal], set[str | None]]]] = {
    "policy": lambda appeal: {appeal.policy},
    "template": lambda appeal: {answer.template for answer in appeal.answers},
}
"""What only the document of an appeal tells."""


@dataclass(frozen=True, slots=True)
class Use:
    """So many of ``where`` use the entry ``code``, which has a name in the edition in force."""

    kind: str
    code: str
    name: str
    where: Where
    count: int


def uses_of(connection: Connection, gone: Lacking, vocabulary: Vocabulary) -> list[Use]:
    """Who uses what is gone, except for what only documents tell. ``vocabulary``: of the new edition."""
    found = [
        Use(kind, row.code, codes[row.code], where, row.amount)
        for kind, codes in gone.items()
        for where, column in _COLUMNS.get(kind, ())
        for row in connection.execute(
            select(column.label("code"), func.count().label("amount"))
            .where(column.in_(sorted(codes)))
            .group_by(column)
            .order_by(column)
        )
    ]
    lists = connection.execute(select(ACCOUNT.c.blocks)).scalars()
    found += _listed(lists, gone.get("block", {}), "block", "accounts")
    of_keys = select(OPEN311_KEY.c.services).where(OPEN311_KEY.c.revoked_at.is_(None))
    found += _listed(connection.execute(of_keys).scalars(), gone.get("topic", {}), "topic", "api_keys")
    return [*found, *_broken_cuts(connection, vocabulary)] if gone else []


def uses_inside(
    connection: Connection, gone: Lacking, after: int = 0, told: Callable[[int], None] = lambda _: None
) -> Counter[tuple[str, str]]:
    """How many appeals name what is gone in their documents, by kind and code.

    Only those that changed since the position ``after`` of the feed. ``told`` hears how many were read.
    """
    asked = {kind: read for kind, read in _INSIDE.items() if gone.get(kind)}
    found: Counter[tuple[str, str]] = Counter()
    pk = done = 0
    while asked and (chunk := _read_chunk(connection, after, pk)):
        for _, appeal in chunk:
            found.update(_named_in(appeal, asked, gone))
        pk = chunk[-1][0]
        done += len(chunk)
        told(done)
    return found


def as_uses(counted: Counter[tuple[str, str]], gone: Lacking) -> list[Use]:
    """What :func:`uses_inside` counted."""
    return [
        Use(kind, code, gone[kind][code], "appeals", counted[kind, code]) for kind, code in sorted(counted)
    ]


def _read_chunk(connection: Connection, after: int, pk: int) -> list[tuple[int, Appeal]]:
    rows = connection.execute(
        select(APPEAL.c.pk, APPEAL.c.doc)
        .where(APPEAL.c.seq > after, APPEAL.c.pk > pk)
        .order_by(APPEAL.c.pk)
        .limit(_CHUNK)
    )
    return [(row.pk, decode_appeal(unpack(bytes(row.doc)))) for row in rows]


def _named_in(
    appeal: Appeal, asked: Mapping[str, Callable[[Appeal], set[str | None]]], gone: Lacking
) -> Iterator[tuple[str, str]]:
    for kind, read in asked.items():
        for code in read(appeal):
            if code is not None and code in gone[kind]:
                yield kind, code


def _listed(lists: Iterable[str], codes: Mapping[str, str], kind: str, where: Where) -> list[Use]:
    """Uses in columns that hold codes parted by blanks."""
    named = Counter(code for words in lists for code in set(words.split()))
    return [Use(kind, code, codes[code], where, named[code]) for code in sorted(codes) if named[code]]


def _broken_cuts(connection: Connection, vocabulary: Vocabulary) -> Iterator[Use]:
    for saved in cuts_of(connection):
        try:
            read_query(saved.cut.query, vocabulary)
        except Refused as refused:
            yield Use("cut", str(refused.params.get("value", "")), saved.title, "cuts", 1)
