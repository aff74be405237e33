"""How many appeals there are of each block in each state: what counts of queues and of the archive add up."""

from typing import Final

from cur_tui.domain.query.query import Field, FieldTerm, Flag, FlagTerm, Term

TALLY_TABLE: Final = "tally"
TALLY_INDEX: Final = f"CREATE UNIQUE INDEX tally_of ON {TALLY_TABLE} (ifnull(block, 0), state)"
COUNT_IN: Final = (
    f"INSERT INTO {TALLY_TABLE} (block, state, is_open, n) VALUES (?,?,?,?) "  # noqa: S608
    "ON CONFLICT (ifnull(block, 0), state) DO UPDATE SET n=n+excluded.n"
)
COUNT_ALL: Final = (
    f"INSERT INTO {TALLY_TABLE} (block, state, is_open, n) "  # noqa: S608
    "SELECT block, state, is_open, count(*) FROM appeal GROUP BY block, state"
)

_FIELDS: Final = frozenset({Field.BLOCK, Field.STATE})
_FLAGS: Final = frozenset({Flag.OPEN, Flag.CLOSED, Flag.RETURNED, Flag.AWAITING_APPROVAL})


def is_tallied(term: Term) -> bool:
    """Whether the tally alone can answer the term."""
    match term:
        case FieldTerm(field=field):
            return field in _FIELDS
        case FlagTerm(flag=flag):
            return flag in _FLAGS
    return False
