"""Cuts at the desk: counted from the cache, with contact or without, kept under a name, shared by others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from cur_tui.domain.figures.cuts import (
    MEASURES,
    Cut,
    CutTable,
    SavedCut,
    cell_terms,
    check_cut,
    check_title,
    period_terms,
)
from cur_tui.domain.figures.ranking import policy_in_force
from cur_tui.domain.figures.sums import Measures
from cur_tui.domain.query.format import format_query
from cur_tui.domain.query.query import Query
from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.periods import parse_period
from storage.figures.cells import CellRequest

if TYPE_CHECKING:
    from cur_tui.domain.query.query import Term
    from cur_tui.domain.time.periods import Period
    from cur_tui.services.desk import Desk
    from storage.figures.cells import Key

KIND: Final = "cut"
_OWN: Final = "own_cuts"
"""State of the cache: the cuts that the person keeps for themselves."""

_saved = msgspec.json.Decoder(SavedCut)
_every = msgspec.json.Decoder(tuple[SavedCut, ...])


class CutDesk:
    """The cuts of one desk. Counting blocks: call it in a worker."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def table(self, cut: Cut, *, stop: Callable[[], bool] | None = None) -> CutTable:
        """The cut as the cache has it now.

        Raises :class:`Refused` ``not_permitted`` or ``invalid_value``, :class:`QueryError` for the filter,
        and :class:`storage.errors.ReadStopped` soon after ``stop`` says so.
        """
        if not self._desk.may("supervise"):
            raise Refused("not_permitted", command="cut", permission="supervise")
        check_cut(cut)
        period = self.period_of(cut)
        cells = self._cells(cut, period, stop)
        if not cut.compare or period is None:
            return CutTable(cut, period, cells)
        against = period.compared(self._desk.local_now().date())
        return CutTable(cut, period, cells, self._cells(cut, against, stop), against)

    def period_of(self, cut: Cut) -> Period | None:
        """The days that the cut is about, seen from now; None for all."""
        return parse_period(cut.period, self._desk.local_now().date())

    def query_behind(
        self, table: CutTable, row: str | None, column: str | None, *, of: str = "cell", language: str = "en"
    ) -> str:
        """The line of the query language that finds the appeals of one number: of a ``cell``, of the total of
        a ``row`` or of a ``column``, or of the ``table``.
        """
        return self.line(table.cut.query, cell_terms(table.cut, table.period, row, column, of=of), language)

    def line(self, query: str, terms: tuple[Term, ...], language: str = "en") -> str:
        """A query with more terms, as a line."""
        asked = self._desk.lists.parse(query)
        return format_query(Query((*asked.terms, *terms)), self._desk.lists.vocabulary, language)

    def cells(
        self,
        rows: str,
        columns: str | None,
        terms: tuple[Term, ...],
        wanted: frozenset[str],
        stop: Callable[[], bool] | None = None,
    ) -> dict[Key, Measures]:
        """The sums ``wanted`` of every cell: what boards and reports are made of, too."""
        request = CellRequest(
            rows=rows,
            columns=columns,
            terms=terms,
            now=self._desk.local_now(),
            me=self._desk.actor.account,
            policy=policy_in_force(self._desk.rulebook.region),
            wanted=wanted,
        )
        return self._desk.cache.reader.cells(request, stop=stop)

    # --- kept cuts ---------------------------------------------------------------------------------

    def saved(self) -> tuple[SavedCut, ...]:
        """The person's own cuts, then those that are shared, by title."""
        return (*sorted(self._own(), key=_title), *sorted(self.shared(), key=_title))

    def shared(self) -> list[SavedCut]:
        """What others and the person have shared through the server, as far as this program can read it."""
        found = []
        for entry in self._desk.cache.reader.references(KIND):
            try:
                saved = _saved.decode(entry.doc)
                check_cut(saved.cut)
            except (msgspec.MsgspecError, Refused):  # of a later program
                continue
            if not saved.removed:
                found.append(saved)
        return found

    def find(self, key: str) -> SavedCut:
        """A kept cut by its id or title. Raises ``not_found``."""
        for saved in self.saved():
            if key in (saved.id, saved.title):
                return saved
        raise Refused("not_found", number=key)

    def shared_by_me(self, title: str) -> SavedCut | None:
        """The cut that the person has shared under ``title``."""
        own = (one for one in self.shared() if one.owner == self._desk.actor.account)
        return next((one for one in own if one.title == title), None)

    def is_own(self, cut_id: str) -> bool:
        """Whether the person keeps this cut for themselves."""
        return any(one.id == cut_id for one in self._own())

    def save(self, title: str, cut: Cut) -> SavedCut:
        """Keep a cut for oneself; one of the same title is replaced. Raises :class:`Refused`."""
        from uuid6 import uuid7  # its import reads the metadata of packages

        check_cut(cut)
        title = check_title(title)
        saved = SavedCut(str(uuid7()), title, cut, owner=self._desk.actor.account)
        self._keep([one for one in self._own() if one.title != title] + [saved])
        return saved

    def delete(self, cut_id: str) -> None:
        """Forget a cut of one's own."""
        self._keep([one for one in self._own() if one.id != cut_id])

    def _own(self) -> tuple[SavedCut, ...]:
        kept = self._desk.cache.reader.state(_OWN)
        try:
            return () if kept is None else _every.decode(kept)
        except msgspec.MsgspecError:  # of another shape
            return ()

    def _keep(self, cuts: list[SavedCut]) -> None:
        self._desk.cache.writer.set_state(_OWN, msgspec.json.encode(cuts).decode())

    def _cells(self, cut: Cut, period: Period | None, stop: Callable[[], bool] | None) -> dict[Key, Measures]:
        query = self._desk.lists.parse(cut.query)
        measure = MEASURES[cut.measure]
        wanted = frozenset({"count", measure.part, *([measure.whole] if measure.whole else [])})
        terms = (*query.terms, *period_terms(period, cut.basis))
        return self.cells(cut.rows, cut.columns, terms, wanted, stop)


def _title(saved: SavedCut) -> str:
    return saved.title.casefold()
