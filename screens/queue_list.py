"""The list that is open in the queues: how it is read, kept true and put under the eyes of a person.

Its first rows are read at once, the whole of it by a worker, and anew only when its members or their order
may have changed. Nothing that may take long is done on the screen's own turn.
"""

from dataclasses import dataclass
from time import monotonic

from textual.timer import Timer
from textual.worker import Worker, get_current_worker

from cur_tui.domain.query.query import Query
from cur_tui.i18n import current
from cur_tui.services.desk import Area, Change
from cur_tui.services.lists.pace import Pace
from cur_tui.services.lists.views import DEFAULT_VIEW, View
from cur_tui.services.lists.window import Window
from screens.queue_counts import QueueCounts
from storage.entries import Count


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where a person stood in a list: on which appeal, at which index, with which marks."""

    pk: int | None
    index: int
    marked: frozenset[int]


class QueueList(QueueCounts):
    """Opens lists for :class:`screens.queues.QueuesScreen`, which draws what is told about them."""

    def __init__(self) -> None:
        super().__init__()
        self.view = View(DEFAULT_VIEW, "", "")
        self.extra = ""
        self._query = Query()
        self._window: Window | None = None
        self._correction: str | None = None
        self._number: Count | None = None
        self._to_end = False
        self._changed: set[int] = set()
        self._pace = Pace()
        self._reading: Worker[None] | None = None
        self._renewal: Timer | None = None

    # --- what is listed ----------------------------------------------------------------------------

    @property
    def window(self) -> Window | None:
        """The list that is shown; None while its first rows are still looked for."""
        return self._window

    @property
    def count_now(self) -> Count:
        """How many appeals are listed, as far as that is known yet."""
        if self._window is not None and self._window.whole:
            return Count(self._window.count)
        known = self._number or (None if self.shown_filter else self.counts.get(self.view.code))
        return known or Count(self._window.count if self._window is not None else 0, exact=False)

    @property
    def shown_filter(self) -> str:
        """The filter whose rows are shown."""
        return self.extra

    @property
    def is_trying(self) -> bool:
        """Whether other rows than those of the open list are shown for a while."""
        return False

    @property
    def correction(self) -> str | None:
        """The filter that was probably meant, when the one in force finds nothing."""
        return self._correction

    def query_now(self) -> Query:
        """The query of the open queue with the filter; the filter's order wins."""
        return self._query

    def _query_with(self, filter_: Query) -> Query:
        base = self.desk.lists.query_of(self.view)
        return Query((*base.terms, *filter_.terms), filter_.sort or base.sort)

    def line_now(self) -> str:
        """The query in force as one line."""
        from cur_tui.domain.query.format import format_query

        return format_query(self.query_now(), self.desk.lists.vocabulary, current().language)

    def open_view(self, view: View) -> None:
        """Open a queue from its top, without a filter."""
        self.view = view
        self.set_filter("")

    def show_query(self, query: str, title: str) -> None:
        """Show what ``query`` finds, under ``title``; a queue of the list when it is one."""
        known = next((view for view in self.desk.lists.views() if view.query == query), None)
        self.open_view(known or View("", title or query, query, group=""))
        self.table.focus()

    def set_filter(self, line: str) -> None:
        """Narrow the open queue by a filter; an empty line widens it again."""
        self.extra = line
        self._query = self._query_with(self.desk.lists.read(line).query if line else Query())
        self.table.set_marks(set())
        self._open_list()

    def keep_filter(self, line: str) -> None:
        """Put a filter in force whose first rows are under the person's eyes already."""
        self.extra = line
        self.table.set_marks(set())
        self._begin_list(self._number)
        self.tell()
        self.call_after_refresh(self.read_rest)

    # --- reading -----------------------------------------------------------------------------------

    def _open_list(self) -> None:
        """Show the first rows and their number now if that is quick; read the rest beside the event loop."""
        self._stop_reading()
        lists = self.desk.lists
        window = lists.glimpse(self._query)
        is_begun = window is not None and not window.whole
        is_queue = self.view.code and not self.extra  # queues are counted all the time
        self._begin_list(lists.count_at_once(self._query) if is_begun and not is_queue else None)
        self._put(window)
        if window is None:
            self._read_list()
        elif is_begun and self.station.has_painted:
            self.call_after_refresh(self.read_rest)  # the paint comes first: reading would take turns with it
        elif not window.count and self.extra:
            self._look_for_correction()

    def _begin_list(self, number: Count | None) -> None:
        """Nothing is known of the list that is opened but, perhaps, its ``number``."""
        self._changed.clear()
        self._correction, self._number, self._to_end = None, number, False

    def read_rest(self) -> None:
        """Read the list of which the first rows were shown, if there is more of it."""
        if self._window is not None and not self._window.whole:
            self._read_list()

    def _stop_reading(self) -> None:
        """Nobody waits any more for what is being read."""
        self.workers.cancel_group(self, "list")
        self.workers.cancel_group(self, "correction")

    def _put(self, window: Window | None, at: int = 0, *, keep: bool = False) -> None:
        """Put a list under the person's eyes."""
        self._window = window
        shown = window or Window.empty()
        self.table.look_for(shown.find)
        self.table.show(shown, now=int(self.desk.now().timestamp()), at=at, keep=keep)
        self.tell()

    def _read_list(self, changed: frozenset[int] | None = None) -> None:
        """Read the whole list; for ``changed`` appeals only if they can have moved or come or gone.

        Whoever opens another list ends this reading.
        """
        lists, query, known, counted = self.desk.lists, self._query, self._window, self._number
        table = self.table
        row = table.current
        stand = _Stand(row.pk if row else None, table.cursor, frozenset(table.marked))

        def read() -> None:
            worker = get_current_worker()
            self._pace.begin(monotonic())
            try:
                if changed is not None and known is not None and not lists.stirred(query, known, changed):
                    return
                if known is None:
                    first = lists.glimpse(query, stop=lambda: worker.is_cancelled)
                    if first is None:
                        return
                    self.app.call_from_thread(self._first_found, query, first)
                if (known is None or not known.whole) and (counted is None or not counted.exact):
                    number = lists.count(query, stop=lambda: worker.is_cancelled)
                    if number is None:
                        return
                    self.app.call_from_thread(self._number_known, query, number)
                window = lists.open(query, stop=lambda: worker.is_cancelled)
                if window is None:
                    return
                at = window.index_of(stand.pk, stand.index) if stand.pk is not None else None
                marked = set(window.indexes_of(stand.marked))
            finally:
                self._pace.end(monotonic())
            if not worker.is_cancelled:
                self.app.call_from_thread(self._arrived, query, window, stand, at, marked)

        self._reading = self.run_worker(read, thread=True, exclusive=True, group="list", exit_on_error=False)

    def _first_found(self, query: Query, window: Window) -> None:
        """The first rows have been found that lay far apart."""
        if query == self._query and self.is_here and self._window is None and not self.is_trying:
            self._put(window)

    def _number_known(self, query: Query, number: Count) -> None:
        """It is known how many there are, before all of them are."""
        if query == self._query and self.is_here and number != self._number:
            self._number = number
            self.tell()

    def _arrived(self, query: Query, window: Window, stand: _Stand, at: int | None, marked: set[int]) -> None:
        if query != self._query or not self.is_here or self.is_trying:
            return
        row = self.table.current
        if row is not None and row.pk != stand.pk:  # the person has moved on meanwhile
            at = window.index_of(row.pk, self.table.cursor)
        if stand.marked == self.table.marked:
            self.table.set_marks(marked)
        first = self._window is None
        if self._window is not None:
            window.take_over(self._window)
        to_end, self._to_end = self._to_end, False
        if to_end and window.count:
            self._put(window, window.count - 1)
        else:
            self._put(window, self.table.cursor if at is None else at, keep=not first)
        if not window.count and self.extra:
            self._look_for_correction()

    def go_to_end(self) -> None:
        """Go to the last row, as soon as it is known which that is."""
        self._to_end = self._window is not None and not self._window.whole
        self.table.action_bottom()

    def _look_for_correction(self) -> None:
        """Nothing was found: ask beside the event loop what was probably meant."""
        lists, line, language = self.desk.lists, self.extra, current().language

        def look() -> None:
            corrected = lists.corrected(line, language)
            if corrected is not None:
                self.app.call_from_thread(self._corrected, line, corrected)

        self.run_worker(look, thread=True, exclusive=True, group="correction", exit_on_error=False)

    def _corrected(self, line: str, corrected: str) -> None:
        if self.is_here and line == self.extra:
            self._correction = corrected
            self.tell()

    def take_correction(self) -> bool:
        """Search for what was probably meant; False when there is nothing to take."""
        if self._correction is None or self.table.count:
            return False
        self.set_filter(self._correction)
        return True

    # --- what changes ------------------------------------------------------------------------------

    def on_data(self, change: Change) -> None:
        """Redraw the rows that changed at once; read the list and the counts anew a moment later."""
        if Area.REFERENCE in change.areas:
            self.table.rename(self.desk.names)
        if Area.VIEWS in change.areas:
            self.tell()
            self.count_soon()
        if Area.APPEALS not in change.areas:
            return
        if self._window is not None and self.table.is_seen(self._window.forget(change.pks)):
            self.table.redraw()
            self.preview_again()
        self._changed |= change.pks
        self._renew_soon()
        self.count_soon()

    def preview_again(self) -> None:
        """Draw the preview anew."""
        raise NotImplementedError

    def _renew_soon(self) -> None:
        if self._renewal is None:
            self._renewal = self.after(self._pace.wait(monotonic()), self._renew)

    def _renew(self) -> None:
        self._renewal = None
        if self.is_trying or (self._reading is not None and self._reading.is_running):
            self._renew_soon()
            return
        changed, self._changed = frozenset(self._changed), set()
        self._read_list(changed if self._window is not None and self._window.whole else None)

    # --- going to an appeal ------------------------------------------------------------------------

    async def find_here(self, key: str) -> bool:
        """Put the cursor on the appeal with this id or number; False when it is not listed."""
        pk = await self.station.attempt(lambda: self.desk.lists.position_key(key))
        return pk is not None and await self.go_to_key(pk)

    async def go_to_key(self, pk: int) -> bool:
        """Put the cursor on the appeal with this key of the cache; False when it is not listed."""
        window = self._window
        if window is None:
            return False
        index = await self.station.attempt(lambda: window.index_of(pk, self.table.cursor))
        if index is None or window is not self._window:
            return False
        self.table.move_to(index)
        self.table.focus()
        return True
