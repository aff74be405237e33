"""The journal's line on the batch in which an appeal was imported, found without walking the journal.

Lines and appeals are numbered under one lock (:mod:`regional_api.unit_of_work`), so the appeals of a later
line have higher keys. The lines on imports, some thousand for a million appeals, are halved by the key of the
first appeal of each.
"""

import hashlib
from bisect import bisect_right
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, select

from regional_api.appeals.intake import IMPORT
from regional_api.database.tables import APPEAL, JOURNAL, JOURNAL_PAYLOAD
from regional_api.record import journal

_CHAINED: Final = tuple(JOURNAL.c[name] for name in journal.CHAINED)
IMPORTS: Final = select(JOURNAL.c.n, JOURNAL.c.number).where(
    JOURNAL.c.appeal.is_(None), JOURNAL.c.type == IMPORT, JOURNAL.c.number.is_not(None)
)
"""Lines about no appeal in particular: the index on the appeal has them apart."""


def line_of_batch(connection: Connection, pk: int, number: str) -> Row[*tuple[Any, ...]] | None:
    """The line, with its payload as ``data``, that vouches for the message of the appeal, if there is one.

    One whose payload is gone or altered is returned as well: whoever verifies is to find it.
    """
    lines = sorted(connection.execute(IMPORTS).all())
    place = bisect_right(lines, pk, key=lambda line: _key_of(connection, line.number))
    if place == 0:
        return None
    query = (
        select(*_CHAINED, JOURNAL_PAYLOAD.c.data)
        .join_from(JOURNAL, JOURNAL_PAYLOAD, JOURNAL_PAYLOAD.c.n == JOURNAL.c.n, isouter=True)
        .where(JOURNAL.c.n == lines[place - 1].n)
    )
    line = connection.execute(query).one()
    return line if _may_name(line, number) else None


def _key_of(connection: Connection, number: str) -> int:
    return connection.execute(select(APPEAL.c.pk).where(APPEAL.c.number == number)).scalar() or 0


def _may_name(line: Row[*tuple[Any, ...]], number: str) -> bool:
    if line.data is None or hashlib.sha256(line.data).hexdigest() != line.payload_sha256:
        return True
    return number in dict(msgspec.json.decode(line.data)["imprints"])
