"""The indexes of the appeals: what makes every list a walk in its order, and every count a short one."""

from typing import Final

from storage.schema import DUE_FALLING, RATING_FALLING, RATING_RISING

_OPEN = "WHERE is_open=1"

INDEXES: Final = (
    # Open appeals: small indexes, one for each way the desks look at their work, covering what counts need.
    f"CREATE INDEX open_due ON appeal (due_rank, pk, block, state, worker) {_OPEN}",
    f"CREATE INDEX open_due_falling ON appeal ({DUE_FALLING}, pk) {_OPEN}",
    f"CREATE INDEX open_block_due ON appeal (block, due_rank, pk, state, worker) {_OPEN}",
    f"CREATE INDEX open_block_state_due ON appeal (block, state, due_rank, pk, worker) {_OPEN}",
    f"CREATE INDEX open_state_due ON appeal (state, due_rank, pk, block, worker) {_OPEN}",
    f"CREATE INDEX open_worker_due ON appeal (worker, due_rank, pk, block, state) {_OPEN}",
    f"CREATE INDEX open_authority_due ON appeal (authority, due_rank, pk, block, state) "
    f"{_OPEN} AND authority IS NOT NULL",
    f"CREATE INDEX open_fast_track_due ON appeal (due_rank, pk, block) {_OPEN} AND fast_track IS NOT NULL",
    f"CREATE INDEX open_urgency ON appeal (urgency, due_rank, pk) {_OPEN}",
    f"CREATE INDEX open_registered ON appeal (registered_at, pk) {_OPEN}",
    f"CREATE INDEX open_number ON appeal (number, pk) {_OPEN}",
    f"CREATE INDEX open_rating_rising ON appeal ({RATING_RISING}, pk) {_OPEN}",
    f"CREATE INDEX open_rating_falling ON appeal ({RATING_FALLING}, pk) {_OPEN}",
    # Everything, the archive included.
    "CREATE INDEX all_due ON appeal (due_rank, pk, is_open, block, state)",
    "CREATE INDEX all_block_registered ON appeal (block, registered_at, pk, is_open, state)",
    "CREATE INDEX all_urgency ON appeal (urgency, due_rank, pk)",
    "CREATE INDEX all_registered ON appeal (registered_at, pk, is_open, block, state)",
    "CREATE INDEX all_number ON appeal (number, pk)",
    # Handfuls that must be found without a search.
    "CREATE INDEX appeal_pending ON appeal (due_rank, pk) WHERE pending>0",
    "CREATE INDEX appeal_conflict ON appeal (due_rank, pk) WHERE conflict=1",
    "CREATE INDEX appeal_unindexed ON appeal (pk) WHERE fts=0",
    "CREATE INDEX appeal_mass ON appeal (mass_incident, due_rank, pk) WHERE mass_incident IS NOT NULL",
)
