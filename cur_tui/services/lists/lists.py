"""The lists of appeals: which queues there are, what each of them holds, the queries behind them.

Everything that the first screen needs is here, and nothing that only acts need: the rules, the commands and
the aggregate are not imported to look at a list.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from cur_tui.domain.query.query import Field, FieldTerm, Flag, FlagTerm, Query, TextTerm
from cur_tui.domain.refusal import Refused
from cur_tui.services.lists.found import find_of
from cur_tui.services.lists.views import View, built_in_views
from cur_tui.services.lists.window import GLIMPSE, Window
from storage.entries import BandCounts, CachedRow, Count, SavedView
from storage.errors import ReadStopped, TooLong
from storage.lists.conditions import has_words
from storage.lists.filters import CompiledView, compile_view

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from cur_tui.domain.query.parse import Reading
    from cur_tui.domain.query.vocabulary import Vocabulary
    from cur_tui.domain.rights import Actor
    from cur_tui.services.reference import ReferenceData
    from storage.cache import Cache

ROWS_AT_ONCE = 1_000
"""How many rows one statement reads."""

PATIENCE = 0.03
"""How long a screen waits for first rows, in seconds."""

COUNT_PATIENCE = 0.02
"""How long it waits besides for their number, so that both are painted at once."""

COUNT_BOUND = 10_000
"""Where counting a list stops that must be looked through row by row."""

LOOKED_AT = 40
"""Of more changed appeals than this it is not looked up whether each can have altered a list."""


class Lists:
    """The lists of one person over one cache. ``now`` gives the estimated server time on the region's clocks.

    Safe from any thread.
    """

    def __init__(
        self, cache: Cache, actor: Actor, reference: ReferenceData, *, now: Callable[[], datetime]
    ) -> None:
        self._cache = cache
        self.actor = actor
        self._reference = reference
        self._now = now

    # --- queues ------------------------------------------------------------------------------------

    def views(self) -> tuple[View, ...]:
        """The queues of the role, then those that the person saved."""
        saved = (
            View(view.code, view.title, view.query, group="saved", saved=True)
            for view in self._cache.reader.saved_views()
        )
        return (*built_in_views(self.actor, self._reference.front), *saved)

    def counts(self, views: Iterable[View]) -> dict[str, Count]:
        """How many appeals each queue holds, up to a bound; a query that no longer reads is left out."""
        compiled = {}
        for view in views:
            reading = None if view.parsed is not None else self.read(view.query)
            if reading is None or not reading.errors:
                compiled[view.code] = self._compiled(self.query_of(view))
        return dict(zip(compiled, self._cache.reader.counts(compiled.values()), strict=True))

    def clocks_by_queue(self, soon: timedelta) -> dict[str | None, BandCounts]:
        """Open appeals by block and by how soon they are due, ``soon`` at first; None: no block yet."""
        now = self._now()
        return self._cache.reader.clocks_by_queue(now, now + soon)

    def save_view(self, title: str, query: str) -> SavedView:
        """Keep a query under a name."""
        from uuid6 import uuid7  # its import reads the metadata of packages: 15 ms that no start should pay

        known = self._cache.reader.saved_views()
        position = max((view.position for view in known), default=0) + 1
        view = SavedView(code=f"saved:{uuid7()}", title=title.strip(), query=query, position=position)
        self._cache.writer.save_view(view)
        return view

    def delete_view(self, code: str) -> None:
        """Forget a saved query."""
        self._cache.writer.delete_view(code)

    # --- queries -----------------------------------------------------------------------------------

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of the query language here."""
        return self._reference.vocabulary

    def query_of(self, view: View) -> Query:
        """The query behind a queue, as far as it reads."""
        return self.read(view.query).query if view.parsed is None else view.parsed

    def parse(self, line: str) -> Query:
        """A query from its line. Raises :class:`cur_tui.domain.query.query.QueryError`."""
        from cur_tui.domain.query.parse import parse_query

        return parse_query(line, self.vocabulary)

    def read(self, line: str) -> Reading:
        """What can be read of a line that is still being typed, and what is wrong with it."""
        from cur_tui.domain.query.parse import parse_leniently

        return parse_leniently(line, self.vocabulary)

    def begun(self, line: str) -> Query:
        """What a line asks that is still being typed: its last word may go on, once it has two letters."""
        query = self.read(line).query
        last = query.terms[-1] if query.terms else None
        if not isinstance(last, TextTerm) or last.prefix or not line.endswith(last.words[-1:]):
            return query
        going_on = (msgspec.structs.replace(last, prefix=True),) if len(last.words[-1]) > 1 else ()
        return Query((*query.terms[:-1], *going_on), query.sort)

    def corrected(self, line: str, language: str) -> str | None:
        """The line that was probably meant by one that finds nothing; None when its words are known."""
        from cur_tui.domain.query.format import format_query

        query, better = self.read(line).query, False
        terms = list(query.terms)
        for at, term in enumerate(terms):
            if isinstance(term, TextTerm) and not term.negated:
                for proposed in self._cache.reader.correction(term)[:1]:
                    terms[at], better = msgspec.structs.replace(term, words=tuple(proposed.split())), True
        return format_query(Query(tuple(terms), query.sort), self.vocabulary, language) if better else None

    # --- rows --------------------------------------------------------------------------------------

    def glimpse(
        self, query: Query, *, patient: bool = False, stop: Callable[[], bool] | None = None
    ) -> Window | None:
        """The first rows of the list behind a query, at once: what the first paint needs.

        None where they lie so far apart that a screen should not wait for them. A worker may be ``patient``,
        or go on until ``stop`` says that nobody waits for it any more.
        """
        reader, view = self._cache.reader, self._compiled(query)
        patience = None if patient or stop is not None else PATIENCE
        try:
            rows = reader.first_rows(view, GLIMPSE, patience=patience, stop=stop)
        except (TooLong, ReadStopped):
            return None
        keys = array("q", [row.pk for row in rows])
        # As many rows as the list may hold at most can be fewer than meet the query.
        whole = len(rows) < min(GLIMPSE, GLIMPSE if view.bound is None else view.bound)
        return Window(keys, reader.rows, rows, whole=whole, find=find_of(query))

    def open(self, query: Query, *, stop: Callable[[], bool] | None = None) -> Window | None:
        """The whole list behind a query; for a worker, since a million keys take a while.

        None once ``stop`` says that nobody waits for it any more.
        """
        reader, view = self._cache.reader, self._compiled(query)
        try:
            keys = reader.ids(view, stop=stop)
            found = reader.count(view, COUNT_BOUND, stop=stop) if view.bound is not None else None
        except ReadStopped:
            return None
        return Window(keys, reader.rows, find=find_of(query), found=found)

    def count(self, query: Query, *, stop: Callable[[], bool] | None = None) -> Count | None:
        """How many appeals a list holds, up to a bound; None once ``stop`` says that nobody waits for it."""
        try:
            return self._cache.reader.count(self._compiled(query), COUNT_BOUND, stop=stop)
        except ReadStopped:
            return None

    def count_at_once(self, query: Query) -> Count | None:
        """How many appeals a list holds, or more than how many, as far as a screen can wait for it."""
        return self._cache.reader.count_at_once(self._compiled(query), COUNT_BOUND, COUNT_PATIENCE)

    def stirred(self, query: Query, window: Window, pks: frozenset[int]) -> bool:
        """Whether the changes of the appeals ``pks`` can have altered ``window``; for a worker.

        They have not if each that is listed still stands between its neighbours and no other has come.
        """
        if len(pks) > LOOKED_AT or window.find is not None:
            return True
        reader, view = self._cache.reader, self._compiled(query)
        listed = window.indexes_of(pks)
        try:
            for index in {at for place in listed.values() for at in (place, place + 1) if at < window.count}:
                before = (
                    reader.rows_after(view, window.keys[index - 1], 1, patience=PATIENCE)
                    if index
                    else reader.first_rows(view, 1, patience=PATIENCE)
                )
                if [row.pk for row in before] != [window.keys[index]]:
                    return True
        except TooLong:
            return True
        others = [row.row.number for row in reader.rows(sorted(pks - listed.keys())) if row is not None]
        return any(self._holds(query, number) for number in others)

    def _holds(self, query: Query, number: str) -> bool:
        alone = Query((*query.terms, FieldTerm(Field.NUMBER, (number,))), query.sort)
        return bool(self._cache.reader.first_rows(self._compiled(alone), 1))

    def next_overdue(self, query: Query, pk: int | None) -> int | None:
        """The key of the first overdue appeal of a list, behind the appeal ``pk`` when one is named."""
        view = self._compiled(Query((*query.terms, FlagTerm(Flag.OVERDUE)), query.sort))
        reader = self._cache.reader
        rows = reader.first_rows(view, 1) if pk is None else reader.rows_after(view, pk, 1)
        return rows[0].pk if rows else None

    def first_unheld(self, query: Query) -> str | None:
        """The id of the first appeal of a list that nobody holds; None when there is none."""
        free = Query((*query.terms, FlagTerm(Flag.OPEN), FlagTerm(Flag.CLAIMED, negated=True)), query.sort)
        rows = self._cache.reader.first_rows(self._compiled(free), 1)
        return rows[0].row.id if rows else None

    def page(self, query: Query, limit: int, after: str | None = None) -> tuple[list[CachedRow], bool]:
        """At most ``limit`` rows of a list, behind the appeal ``after`` if one is named; whether more follow.

        Raises ``Refused("not_found")`` when ``after`` is not in the cache.
        """
        view, reader = self._compiled(query), self._cache.reader
        if after is None:
            found = reader.first_rows(view, limit + 1)
        else:
            key = reader.position_key(after)
            if key is None:
                raise Refused("not_found", number=after)
            found = reader.rows_after(view, key, limit + 1)
        return found[:limit], len(found) > limit

    def position_key(self, key: str) -> int | None:
        """The cache's own key of an appeal, by its id or number; lists are made of these keys."""
        return self._cache.reader.position_key(key)

    def ids_of(self, pks: Sequence[int]) -> list[str]:
        """The ids of the appeals with these keys, in the same order; those that have gone are left out."""
        ids: list[str] = []
        for start in range(0, len(pks), ROWS_AT_ONCE):
            rows = self._cache.reader.rows(pks[start : start + ROWS_AT_ONCE])
            ids += [listed.row.id for listed in rows if listed is not None]
        return ids

    def _compiled(self, query: Query) -> CompiledView:
        is_stale = has_words(query.terms) and self._cache.reader.is_search_stale()
        return compile_view(query, now=self._now(), me=self.actor.account, is_stale=is_stale)
