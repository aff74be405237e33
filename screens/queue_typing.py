"""What a filter would find, shown under it while it is typed. The line keeps the focus all the time."""

from dataclasses import dataclass

from textual.timer import Timer
from textual.worker import get_current_worker

from cur_tui.domain.query.query import Query
from cur_tui.services.lists.window import Window
from screens.queue_list import QueueList
from storage.entries import Count
from widgets.queue_place import Place

PAUSE = 0.08
"""Seconds without a further letter after which what was typed is looked for."""


@dataclass(frozen=True, slots=True)
class _Before:
    """What was shown before somebody began to type."""

    window: Window | None
    query: Query


class QueueTyping(QueueList):
    """Tries what is being typed; leaving the line brings back what was shown, where it stood."""

    def __init__(self) -> None:
        super().__init__()
        self._typed = ""
        self._tried: str | None = None
        self._place = Place()
        self._before: _Before | None = None
        self._trial: Timer | None = None

    @property
    def shown_filter(self) -> str:
        """The filter whose rows are shown: the one in force, or the one that is being typed."""
        return self.extra if self._tried is None else self._tried

    @property
    def is_trying(self) -> bool:
        """Whether the rows of a filter are shown that is still being typed."""
        return self._before is not None

    def begin_typing(self) -> None:
        """Remember where the person stands before the line takes room from the table."""
        self._place = self.table.place

    def try_soon(self, line: str) -> None:
        """Show what ``line`` finds, unless it goes on in a moment."""
        self._typed = line
        if self._trial is not None:
            self._trial.stop()
        self._trial = self.after(PAUSE, self._try)

    def _try(self) -> None:
        line = self._typed
        if line == self.shown_filter:
            return
        if self._before is None:
            self._before = _Before(self.window, self._query)
        self._stop_reading()
        lists = self.desk.lists
        query = self._query_with(lists.begun(line))

        def look() -> None:
            worker = get_current_worker()
            window = lists.glimpse(query)
            if window is None:  # Its rows lie far apart: whoever wants to wait for them presses Enter.
                return
            known = Count(window.count) if window.whole else lists.count_at_once(query)
            self.app.call_from_thread(self._show_tried, line, query, window, known)
            if known is not None and known.exact:
                return
            number = lists.count(query, stop=lambda: worker.is_cancelled)
            if number is not None:
                self.app.call_from_thread(self._number_known, query, number)

        self.run_worker(look, thread=True, exclusive=True, group="typed", exit_on_error=False)

    def _show_tried(self, line: str, query: Query, window: Window, number: Count | None) -> None:
        if self.is_here and self.is_trying and line == self._typed:
            self._tried, self._query, self._number = line, query, number
            self._put(window)

    def apply_typed(self, line: str) -> None:
        """Put the line in force. Where only words that go on were found, those are what was meant."""
        found = self._tried == line and self.table.count > 0
        is_shown = found and self._query == self._query_with(self.desk.lists.read(line).query)
        self._end_trial()
        if is_shown:
            self.keep_filter(line)
            return
        self.set_filter(line)
        if found and not self.table.count and self.window is not None:
            self.set_filter(line + "*")

    def back_from_typing(self) -> None:
        """Bring back what was shown before."""
        before = self._before
        self._end_trial()
        if before is not None:
            self._query = before.query
            self._put(before.window)
            self._renew_soon()
            if before.window is None or not before.window.whole:
                self._read_list()
        self.table.return_to(self._place)

    def _end_trial(self) -> None:
        if self._trial is not None:
            self._trial.stop()
        self.workers.cancel_group(self, "typed")
        self._tried, self._before = None, None
