"""Which rows of a damaged cache are the person's own, told by their shape: no page names its table."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from storage.salvage.pages import Pages
from storage.salvage.rows import Record, Value, records, width
from storage.writing.withdrawn import PREFIX

Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A table's columns in their stored order, each with its kind.

    ``key`` is the row's own number, which is not stored among the columns; a ``?`` allows an empty value.
    """

    table: str
    columns: tuple[tuple[str, str], ...]
    is_likely: Callable[[Row], bool] = lambda row: True
    """Tells tables apart whose columns are alike."""

    def row(self, record: Record) -> Row | None:
        """The record as a row of this table; None for one of another."""
        key, values = record
        if len(values) != len(self.columns):
            return None
        row = tuple(
            key if kind == "key" else value for (_, kind), value in zip(self.columns, values, strict=True)
        )
        kinds = (kind for _, kind in self.columns)
        if not all(_fits(kind, value) for kind, value in zip(kinds, values, strict=True)):
            return None
        return row if self.is_likely(row) else None


def _shape(table: str, columns: str, is_likely: Callable[[Row], bool] = lambda row: True) -> Shape:
    pairs = (column.partition(":") for column in columns.split())
    return Shape(table, tuple((name, kind or "text") for name, _, kind in pairs), is_likely)


REMEMBERED: Final = ("account", "next_dseq")
"""What is kept of the synchronisation's state, beside what was taken back: who works here, and the number of
the next command. All else speaks of rows that are read anew."""

SHAPES: Final = (
    _shape(
        "outbox",
        "n:key cid dseq:int? type appeal number base:int document:blob state doubt:text? device_at",
        lambda row: row[8] in ("pending", "sending"),
    ),
    _shape("unsent", "cid type appeal number code params detail document:blob at:int"),
    _shape(
        "settled",
        "n:key cid type appeal number base:int document:blob device_at refused:int at:int",
    ),
    _shape(
        "draft",
        "appeal kind number answer text outcome:text? template:text? template_version:int? "
        "promised_date:text? evidence saved_at:int",
    ),
    _shape(
        "upload",
        "id appeal number sha256 name size:int media_type code:text? params:text? data:blob at:int",
        lambda row: isinstance(row[9], bytes) and len(row[9]) == row[5],
    ),
    _shape("saved_view", "code title query position:int"),
    _shape("sync_state", "k v", lambda row: row[0] in REMEMBERED or str(row[0]).startswith(PREFIX)),
    # Without the region's rules nothing could be shown, or typed, before the server is reached.
    _shape("reference", "kind id version:int generation:int doc:blob"),
)
"""The tables of which every row is worth saving."""

_WIDTHS: Final = frozenset(len(shape.columns) for shape in SHAPES)


@dataclass(slots=True)
class Findings:
    """The rows by their table, and how many pages there were and could not be read."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {shape.table: [] for shape in SHAPES})
    pages: int = 0
    broken: int = 0


def search(pages: Pages) -> Findings:
    """Look through every page that is whole."""
    found = Findings(pages=pages.total)
    for number, page in pages:
        if page is None:
            found.broken += 1
        elif width(number, page) in _WIDTHS:
            for record in records(number, page, pages.page):
                _keep(found, record)
    return found


def _keep(found: Findings, record: Record) -> None:
    for shape in SHAPES:
        row = shape.row(record)
        if row is not None:
            found.rows[shape.table].append(row)
            return


_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "key": (type(None),),
    "text": (str,),
    "int": (int,),
    "blob": (bytes,),
}


def _fits(kind: str, value: Value) -> bool:
    return isinstance(value, _TYPES[kind.rstrip("?")]) or (value is None and kind.endswith("?"))
