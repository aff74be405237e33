"""The snapshot: everything in the reader's scope, page by page, without any memory on the server.

It is fuzzy on purpose. The reader remembers its cursor from before the first page; whatever changes while
pages are being read comes again through the feed. Open appeals come first, then the archive, each from the
newest, so that work can begin after the first page.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from sqlalchemy import ColumnElement, func, select

from cur_tui.contract.wire import Checkpoint, End, Put, Reference
from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre
from regional_api.database.store import put_columns, put_of
from regional_api.database.tables import APPEAL
from regional_api.feed.pages import ends, references
from regional_api.identity.callers import MASKED, PERSONAL_DATA, Scope

_TOP = 2**62
_ALL_DIFFERENT = (PERSONAL_DATA, MASKED)
"""Keys whose coming changes every record that the reader has."""
PIECE = 500
"""Rows read in one transaction, and between two checkpoints."""


class Token(msgspec.Struct, array_like=True, frozen=True):
    """Where a snapshot goes on: in which half, below which key, after how many rows of how many."""

    is_open: bool
    below: int
    n: int
    total: int


@dataclass(frozen=True, slots=True)
class Part:
    """What of the region a snapshot covers: the reader's scope, or some keys of it that are new to them."""

    scope: Scope
    keys: tuple[str, ...] = ()
    dictionaries: tuple[int, ...] = ()
    """Those that the reader has: documents packed with them are sent as they are stored."""

    @property
    def where(self) -> ColumnElement[bool]:
        """The condition on appeals."""
        condition = self.scope.where()
        if not self.keys or {"*", *_ALL_DIFFERENT}.intersection(self.keys):
            return condition
        added = Scope.from_keys((*self.keys, "restricted")).where()
        if "restricted" in self.keys:
            added = added | (APPEAL.c.restricted == 1)
        return condition & added


def read_token(value: str) -> Token:
    """The token in ``value``. Raises ``resync`` when it is none."""
    try:
        token = msgspec.json.decode(
            base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True), type=Token
        )
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise Refused("resync", reason="token") from None
    if not 0 <= token.below <= _TOP:
        raise Refused("resync", reason="token")
    return token


def write_token(token: Token) -> str:
    """``token`` as the client sends it back."""
    return base64.urlsafe_b64encode(msgspec.json.encode(token)).decode().rstrip("=")


def pages(
    centre: Centre, part: Part, after: str | None, limit: int
) -> Iterator[list[Reference | Put | Checkpoint | End]]:
    """The next ``limit`` rows, with a checkpoint behind each piece of them; ``End`` after the last of all.

    Pieces are short on purpose: a reader writes each in one transaction, and its own people write as well.
    """
    token = read_token(after) if after else None
    if token is None:
        with centre.database.reading() as connection:
            _, last = ends(connection, centre)
            total = connection.execute(
                select(func.count()).select_from(APPEAL).where(part.where)
            ).scalar_one()
            documents = references(connection, 0, last)
        token = Token(True, _TOP, 0, total)
        yield list(documents)
    left = limit
    while left > 0:
        puts, below = _read(centre, part, token, min(PIECE, left))
        if puts:
            # Newer than the reader's cursor perhaps: shown all the same, should a backup be restored.
            centre.mark.raise_to(max(put.seq for put in puts))
            left -= len(puts)
            token = Token(token.is_open, below, token.n + len(puts), max(token.total, token.n + len(puts)))
            yield [*puts, _checkpoint(token)]
        elif token.is_open:
            token = Token(False, _TOP, token.n, token.total)
        else:
            yield [_checkpoint(token), End(token.n)]
            return


def _checkpoint(token: Token) -> Checkpoint:
    return Checkpoint(write_token(token), token.n, token.total)


def _read(centre: Centre, part: Part, token: Token, limit: int) -> tuple[list[Put], int]:
    with centre.database.reading() as connection:
        rows = connection.execute(
            select(*put_columns(part.scope.personal_data), APPEAL.c.pk)
            .where(APPEAL.c.is_open == int(token.is_open), APPEAL.c.pk < token.below, part.where)
            .order_by(APPEAL.c.pk.desc())
            .limit(limit)
        ).all()
    puts = [put_of(row, part.scope.personal_data, part.dictionaries) for row in rows]
    return puts, rows[-1][-1] if rows else token.below
