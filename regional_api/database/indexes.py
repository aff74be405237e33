"""The indexes of the appeals: one for each way in which they are read.

The partial ones hold open appeals, a twentieth of all after some years, and carry what desks filter by, so
that a list is walked in its order without looking at rows that it does not show. ``appeal_registered``
carries everything that lists and statistics ask of the archive: it is the narrow copy of the table, and
``appeal_open_registered`` that of what is open.
"""

from typing import Final

from sqlalchemy import ColumnElement, Index, and_, literal_column

from regional_api.database.tables import APPEAL

IS_OPEN: Final[ColumnElement[bool]] = APPEAL.c.is_open == literal_column("1")
"""Written out and not as a parameter: only so a planner sees that a partial index serves."""
IS_CLOSED: Final[ColumnElement[bool]] = APPEAL.c.is_open == literal_column("0")
HAS_TERM: Final[ColumnElement[bool]] = and_(IS_OPEN, APPEAL.c.control_due_at.is_not(None))
OPEN_WITHOUT_TERM: Final[ColumnElement[bool]] = and_(IS_OPEN, APPEAL.c.control_due_at.is_(None))
IS_PRESSING: Final[ColumnElement[bool]] = APPEAL.c.priority != literal_column("'normal'")
IS_RATED: Final[ColumnElement[bool]] = APPEAL.c.rating.is_not(None)

_DESK: Final = tuple(
    APPEAL.c[name]
    for name in ("block", "state", "authority", "topic", "restricted", "claim_until", "municipality", "tone")
)
"""What desks filter their open work by."""

_FACTS: Final = tuple(
    APPEAL.c[name]
    for name in (
        *("block", "state", "authority", "topic", "municipality", "worker", "restricted", "is_open"),
        *("control_due_at", "answered_at", "in_time", "rating", "outcome", "regime", "source", "priority"),
        *("tone", "item_kind", "is_repeat", "registered_day", "registered_month"),
        *("done_at", "done_day", "done_month", "spent", "allowed", "reworks", "complete"),
        *("fast_track", "is_duplicate"),
    )
)
"""What lists and statistics ask of any appeal."""


def _index(name: str, *columns: ColumnElement[object], where: ColumnElement[bool] | None = None) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


OPEN_DUE: Final = _index(
    "appeal_open_due",
    APPEAL.c.control_due_at,
    APPEAL.c.pk,
    APPEAL.c.worker,
    APPEAL.c.priority,
    *_DESK,
    *(APPEAL.c[name] for name in ("source", "regime", "item_kind", "registered_day", "registered_month")),
    where=HAS_TERM,
)
OPEN_WORKER: Final = _index(
    "appeal_open_worker",
    APPEAL.c.worker,
    APPEAL.c.control_due_at,
    APPEAL.c.pk,
    APPEAL.c.priority,
    *_DESK,
    where=HAS_TERM,
)
OPEN_PRIORITY: Final = _index(
    "appeal_open_priority",
    APPEAL.c.priority,
    APPEAL.c.control_due_at,
    APPEAL.c.pk,
    APPEAL.c.worker,
    *_DESK,
    where=HAS_TERM,
)
OPEN_UNDATED: Final = _index(
    "appeal_open_undated", APPEAL.c.registered_at, APPEAL.c.pk, where=OPEN_WITHOUT_TERM
)
RATED: Final = _index(
    "appeal_rated",
    APPEAL.c.rating,
    APPEAL.c.pk,
    *(APPEAL.c[name] for name in ("block", "state", "authority", "topic", "restricted", "worker")),
    where=IS_RATED,
)
CLOSED: Final = _index(
    "appeal_closed",
    APPEAL.c.registered_at,
    APPEAL.c.pk,
    *(APPEAL.c[name] for name in ("block", "state", "authority", "topic", "restricted", "municipality")),
    where=IS_CLOSED,
)
CLOSED_WORKER: Final = _index(
    "appeal_closed_worker", APPEAL.c.worker, APPEAL.c.registered_at, APPEAL.c.pk, where=IS_CLOSED
)
URGENT: Final = _index(
    "appeal_urgent",
    APPEAL.c.priority,
    APPEAL.c.registered_at,
    APPEAL.c.pk,
    APPEAL.c.is_open,
    APPEAL.c.control_due_at,
    *(APPEAL.c[name] for name in ("block", "state", "authority", "topic", "restricted", "worker")),
    where=IS_PRESSING,
)
DONE: Final = _index(
    "appeal_done",
    APPEAL.c.done_at,
    APPEAL.c.pk,
    *(column for column in _FACTS if column.name not in ("control_due_at", "done_at")),
    APPEAL.c.registered_at,
    where=APPEAL.c.done_at.is_not(None),
)
"""Rankings are about what was done in a month or a quarter."""
REGISTERED: Final = _index("appeal_registered", APPEAL.c.registered_at, APPEAL.c.pk, *_FACTS)
OPEN_REGISTERED: Final = _index(
    "appeal_open_registered",
    APPEAL.c.registered_at,
    APPEAL.c.pk,
    APPEAL.c.worker,
    *_DESK,
    # Hardly anything open is done already, and PostgreSQL takes no more than 32 columns.
    *(c for c in _FACTS if c.name not in {"worker", "done_day", "done_month", *(d.name for d in _DESK)}),
    where=IS_OPEN,
)

NUMBER: Final = Index("sqlite_autoindex_appeal_2")
"""The name that SQLite gives to the second UNIQUE of the table, that of the number."""

# The feed reads by seq; the snapshot by openness, newest first; seconded staff by their authority.
SEQ: Final = _index("appeal_seq", APPEAL.c.seq)
SNAPSHOT: Final = _index("appeal_snapshot", APPEAL.c.is_open, APPEAL.c.pk)
OF_AUTHORITY: Final = _index("appeal_of_authority", APPEAL.c.authority, APPEAL.c.is_open, APPEAL.c.pk)

MEMBERS: Final = _index(
    "appeal_mass", APPEAL.c.mass_incident, APPEAL.c.pk, where=APPEAL.c.mass_incident.is_not(None)
)
"""The members of a mass incident, by the number of its head."""

INDEXES: Final = tuple(APPEAL.indexes)
"""All of them."""
