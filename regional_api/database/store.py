"""Appeals in the database: from the aggregate to the columns and back."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from cur_tui.contract.codec import decode_appeal, encode_appeal, encode_applicant
from cur_tui.contract.packing import pack, sent_form, unpack
from cur_tui.contract.row import COLUMNS, AppealRow, row_of
from cur_tui.contract.wire import Put
from cur_tui.domain.figures import measured
from cur_tui.domain.model import Appeal
from cur_tui.domain.privacy.personal import masked
from cur_tui.domain.profile.rulebook import Rulebook
from regional_api.database.tables import APPEAL, ROW_COLUMNS

_MASKED_ROW = tuple(
    func.coalesce(APPEAL.c.title_masked, column).label(column.name) if column is APPEAL.c.title else column
    for column in ROW_COLUMNS
)
_LOAD = (
    select(
        APPEAL.c.pk,
        APPEAL.c.seq,
        APPEAL.c.id,
        APPEAL.c.block,
        APPEAL.c.authority,
        APPEAL.c.restricted,
        APPEAL.c.doc,
        APPEAL.c.applicant,
    )
    .where(APPEAL.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(APPEAL.c.id)
)
_LOCK = _LOAD.with_for_update()
_WIDTH = len(COLUMNS)
_ENVELOPE = 128
"""Bytes of a line around the row and the documents, and then some."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an appeal stands for the question who may see it."""

    block: str | None
    authority: str | None
    restricted: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """An appeal as it was read for a change."""

    pk: int
    seq: int
    place: Place
    appeal: Appeal


def place_of(appeal: Appeal, rulebook: Rulebook) -> Place:
    """The place of ``appeal``."""
    return Place(appeal.block, appeal.authority, rulebook.is_restricted(appeal.topic))


def columns_of(appeal: Appeal, rulebook: Rulebook) -> dict[str, object]:
    """The columns that lists read and scopes decide by."""
    row = row_of(appeal, measured.pace(appeal, rulebook.time))
    columns: dict[str, object] = dict(zip(COLUMNS, msgspec.structs.astuple(row), strict=True))
    columns["is_open"] = int(appeal.state.is_open)
    columns["restricted"] = int(rulebook.is_restricted(appeal.topic))
    return columns


def documents_of(appeal: Appeal) -> dict[str, object]:
    """The columns that hold the appeal itself."""
    return {"doc": pack(encode_appeal(appeal)), "applicant": encode_applicant(appeal.applicant)}


def line_length(columns: Mapping[str, object]) -> int:
    """An upper bound of the bytes that the record with these columns takes up in a line of the feed."""
    row = msgspec.json.encode([columns[name] for name in COLUMNS])
    document, applicant = columns["doc"], columns["applicant"]
    assert isinstance(document, bytes)
    assert isinstance(applicant, bytes)
    return _ENVELOPE + len(row) + len(unpack(document)) + len(applicant)


def load(connection: Connection, ids: Iterable[str], *, lock: bool = False) -> dict[str, Stored]:
    """The appeals with these ids. ``lock``: held until the transaction ends, always in the order of ids,
    so that two batches on the same appeals never wait for each other in a circle.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return {
        row.id: Stored(
            pk=row.pk,
            seq=row.seq,
            place=Place(row.block, row.authority, bool(row.restricted)),
            appeal=decode_appeal(unpack(bytes(row.doc)), bytes(row.applicant)),
        )
        for row in connection.execute(_LOCK if lock else _LOAD, {"ids": wanted})
    }


def row_columns(personal_data: bool) -> tuple[ColumnElement[Any], ...]:
    """The columns of a row as a list shows it to readers with ``personal_data``, or without."""
    return ROW_COLUMNS if personal_data else _MASKED_ROW


def put_columns(personal_data: bool) -> tuple[ColumnElement[Any], ...]:
    """The columns to select for :func:`put_of`."""
    return (*row_columns(personal_data), APPEAL.c.seq, APPEAL.c.doc, APPEAL.c.applicant)


def put_of(row: Sequence[Any], personal_data: bool, dictionaries: Container[int] = ()) -> Put:
    """A feed line from the columns of :func:`put_columns`.

    For readers with ``personal_data`` nothing in it is decoded, and a document packed with one of their
    ``dictionaries`` is passed on as it is stored. All others get it masked, and without the applicant.
    """
    document, applicant = bytes(row[_WIDTH + 1]), bytes(row[_WIDTH + 2])
    if personal_data:
        doc, author = msgspec.Raw(sent_form(document, dictionaries)), msgspec.Raw(applicant)
    else:
        doc = msgspec.Raw(encode_appeal(masked(decode_appeal(unpack(document), applicant))))
        author = None
    return Put(seq=row[_WIDTH], row=AppealRow(*row[:_WIDTH]), doc=doc, applicant=author)
