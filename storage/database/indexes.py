"""The indexes of the appeals: what makes every list a walk in its order, and every count a short one.

Open appeals are a twentieth of all and looked at all day: they have an index for every order, with all
that filters ask of a row in it. Everything else is read through the facets (:mod:`storage.lists.facets`),
in the order of registration, so that the million has two indexes only, by id and by number.
"""

from typing import Final

from storage.database.schema import (
    IS_COMMUNICATION_ERROR,
    IS_CONFLICT_SITUATION,
    IS_ESCALATED,
    IS_UNDELIVERED,
)
from storage.figures.facts import CODE_INDEX, FACT_INDEX
from storage.lists.facets import FACET_RULES, FACET_TABLE
from storage.lists.tally import TALLY_INDEX

_OPEN = "WHERE is_open=1"
_ASKED = (
    "block, state, worker, topic, authority, municipality, source, regime, priority, tone, item_kind, "
    "fast_track, mass_incident, is_repeat, is_duplicate, provisional, pending, conflict, claim_until, "
    "answered_at, registered_at, tags"
)
"""What a filter may ask of an open appeal, beside what the index begins with."""

APPEAL_INDEXES: Final = (
    f"CREATE INDEX open_due ON appeal (due_rank, pk, rating, {_ASKED}) {_OPEN}",
    f"CREATE INDEX open_registered ON appeal (pk, due_rank, rating, {_ASKED}) {_OPEN}",
    f"CREATE INDEX open_urgency ON appeal (urgency, due_rank, pk, rating, {_ASKED}) {_OPEN}",
    f"CREATE INDEX open_rating ON appeal (rating, pk, due_rank, {_ASKED}) {_OPEN}",
    f"CREATE INDEX open_number ON appeal (number, pk, due_rank, rating, {_ASKED}) {_OPEN}",
    # By term, for the queues of the desks: each holds what their counts need.
    f"CREATE INDEX open_block_due ON appeal (block, due_rank, pk, state, worker) {_OPEN}",
    f"CREATE INDEX open_block_state_due ON appeal (block, state, due_rank, pk, worker) {_OPEN}",
    f"CREATE INDEX open_state_due ON appeal (state, due_rank, pk, block, worker) {_OPEN}",
    f"CREATE INDEX open_worker_due ON appeal (worker, due_rank, pk, block, state) {_OPEN}",
    f"CREATE INDEX open_fast_track_due ON appeal (due_rank, pk, block) {_OPEN} AND fast_track IS NOT NULL",
    f"CREATE INDEX open_claimed ON appeal (claim_until, block, state) {_OPEN} AND claim_until IS NOT NULL",
    # Everything, the archive included.
    "CREATE INDEX all_number ON appeal (number, pk)",
    # Handfuls that must be found without a search.
    "CREATE INDEX appeal_pending ON appeal (due_rank, pk) WHERE pending>0",
    "CREATE INDEX appeal_conflict ON appeal (due_rank, pk) WHERE conflict=1",
    f"CREATE INDEX appeal_escalated ON appeal (due_rank, pk) WHERE {IS_ESCALATED}",
    f"CREATE INDEX appeal_undelivered ON appeal (due_rank, pk) WHERE {IS_UNDELIVERED}",
    f"CREATE INDEX appeal_conflict_situation ON appeal (due_rank, pk) WHERE {IS_CONFLICT_SITUATION}",
    f"CREATE INDEX appeal_communication_error ON appeal (due_rank, pk) WHERE {IS_COMMUNICATION_ERROR}",
    "CREATE INDEX appeal_unindexed ON appeal (pk) WHERE fts=0",
    "CREATE INDEX appeal_mass ON appeal (mass_incident, due_rank, pk) WHERE mass_incident IS NOT NULL",
)

REGISTER_STATEMENTS: Final = (FACET_TABLE, FACET_RULES, TALLY_INDEX)

INDEXES: Final = (*APPEAL_INDEXES, *REGISTER_STATEMENTS, CODE_INDEX, FACT_INDEX)
