"""What leaves the cache: appeals that are gone, that moved away, or that the account may no longer see."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from cur_tui.contract.row import COLUMNS
from cur_tui.contract.wire import Gone, Out, Put
from cur_tui.domain.vocabulary import GENERAL_BLOCK
from storage.changes import Area, Changes
from storage.database.schema import BOOTSTRAP, COMPLETE
from storage.writing.core import LEFTOVERS, Replay, Unit, WriterCore
from storage.writing.records import known_appeals, remove

LEFT_SCOPE: Final = "not_found"
"""The doubt of commands whose appeal may no longer be seen: what the server will answer to them."""

_STEP: Final = 2_000
"""Appeals looked at in one transaction of a wipe."""
_EXITS_KEPT: Final = 10_000


def _told(column: str) -> str:
    """A column as the server told it: what the person's own pending commands make of it opens nothing."""
    place = f"'$[{COLUMNS.index(column)}]'"
    own = f"SELECT json_extract(CAST(s.row AS TEXT), {place}) FROM shadow s WHERE s.pk=appeal.pk"  # noqa: S608
    return f"CASE WHEN pending THEN ({own}) ELSE {column} END"


_SCOPES: Final = {
    kind: f"ifnull({_told(kind)}, '') IN (SELECT value FROM json_each(?))"  # noqa: S608
    for kind in ("block", "authority")
}
"""What a scope key of each kind opens."""


class Departures(WriterCore):
    """Wipes appeals. What the operator typed for them lies in other tables and stays."""

    def __init__(self, path: Path, key: bytes, changes: Changes, replay: Replay) -> None:
        super().__init__(path, key, changes, replay)
        self._exits: dict[str, int] = {}
        """The versions with which appeals left lately. An answer to a push or to ``next`` may be under way
        while the feed takes its appeal away; applied later, it would bring back what may not be seen."""

    def sweep(self) -> int:
        """Remove what is left of older generations, in short transactions; returns how many appeals went.

        The reading of everything is over with it.
        """
        with self._transaction(durable=False) as unit:
            generation = unit.generation
        return self._sweep(generation)

    def complete_reading(self, generation: int) -> bool:
        """Everything has been read under ``generation``: sweep, and remember that changes are enough now.

        False when another reading has begun meanwhile: what it has not read yet must neither be swept nor be
        taken for read.
        """
        self._sweep(generation)
        with self._transaction(durable=False) as unit:
            if unit.generation != generation:
                return False
            unit.set_state(BOOTSTRAP, COMPLETE)
        return True

    def drop_outside(self, scopes: Iterable[str], restricted_topics: Iterable[str]) -> int:
        """Wipe at once what an account with these scope keys may not see; returns how many appeals went.

        ``restricted_topics`` are those that only the key ``restricted`` opens. Without the key ``pd`` the
        authors of what stays are forgotten too.
        """
        keys = set(scopes)
        values = {kind: [k.partition(":")[2] for k in keys if k.startswith(f"{kind}:")] for kind in _SCOPES}
        if GENERAL_BLOCK in values["block"]:
            values["block"].append("")  # what has no block yet is on the general desk
        outside, params = "0", []
        if "*" not in keys:
            outside = f"NOT ({' OR '.join(_SCOPES.values())})"
            params = [msgspec.json.encode(values[kind]).decode() for kind in _SCOPES]
        if "restricted" not in keys:
            outside += f" OR {_told('topic')} IN (SELECT value FROM json_each(?))"  # noqa: S608
            params.append(msgspec.json.encode(list(restricted_topics)).decode())
        removed = self._wipe_all(outside, tuple(params))
        if "pd" not in keys:
            with self._transaction(durable=False) as unit:
                for table in ("appeal_doc", "shadow"):
                    unit.connection.execute(
                        f"UPDATE {table} SET applicant=NULL WHERE applicant IS NOT NULL"  # noqa: S608
                    )
        return removed

    def drop_scope(self, ids: Sequence[str]) -> None:
        """Wipe appeals that the account may no longer see; the operator's own texts stay."""
        with self._transaction(durable=False) as unit:
            self._drop(unit, ids)

    # --- inside ---------------------------------------------------------------------------------------

    def _sweep(self, generation: int) -> int:
        # A reading that begins in between does no harm: what is older than ``generation`` goes with it too.
        with self._transaction(durable=False) as unit:
            if unit.generation != generation:
                return 0
            leftovers = unit.state(LEFTOVERS)
            unit.connection.execute("DELETE FROM reference WHERE generation < ?", (generation,))
        removed = 0 if leftovers == "" else self._wipe_all("generation < ?", (generation,))
        self.narrow()
        return removed

    def _drop(self, unit: Unit, ids: Sequence[str]) -> None:
        known = known_appeals(unit.connection, ids)
        self._wipe(unit, [(here.pk, here.id) for here in known.values()])

    def _remember_exits(self, exits: Iterable[Out | Gone]) -> None:
        for line in exits:
            self._exits[line.id] = max(line.version, self._exits.pop(line.id, -1))
        for id_ in list(self._exits)[:-_EXITS_KEPT]:
            del self._exits[id_]

    def _wipe_all(self, condition: str, params: tuple[object, ...]) -> int:
        """Remove the appeals that a condition in SQL finds, in short transactions; returns how many."""
        removed, last = 0, -1
        while True:
            with self._transaction(durable=False) as unit:
                rows = unit.all(
                    f"SELECT pk, id, {condition} FROM appeal WHERE pk > ? ORDER BY pk LIMIT ?",  # noqa: S608
                    (*params, last, _STEP),
                )
                found = [(pk, id_) for pk, id_, is_found in rows if is_found]
                self._wipe(unit, found)
            removed += len(found)
            if len(rows) < _STEP:
                return removed
            last = rows[-1][0]

    def _wipe(self, unit: Unit, appeals: Sequence[tuple[int, str]]) -> None:
        remove(unit, [pk for pk, _ in appeals])
        ids = {id_ for _, id_ in appeals}
        for appeal in ids & appeals_in(unit, "outbox"):
            unit.connection.execute("UPDATE outbox SET doubt=? WHERE appeal=?", (LEFT_SCOPE, appeal))
            unit.areas.add(Area.OUTBOX)

    def _has_left(self, put: Put) -> bool:
        """Whether the feed has taken the appeal away since ``put`` was written."""
        return put.row.version <= self._exits.get(put.row.id, -1)

    def _forget_exits(self) -> None:
        self._exits.clear()


def appeals_in(unit: Unit, table: Literal["outbox", "unsent"]) -> set[str]:
    """The appeals that commands of a table are about: a handful, whatever the size of the page."""
    return {appeal for (appeal,) in unit.all(f"SELECT DISTINCT appeal FROM {table}")}  # noqa: S608
