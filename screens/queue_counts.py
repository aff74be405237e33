"""How many appeals each queue holds: counted beside the event loop, and no more often than that is cheap."""

from collections.abc import Mapping
from time import monotonic

from textual.timer import Timer

from cur_tui.services.lists.pace import Pace
from screens.queue_actions import QueueActions
from storage.entries import Count
from widgets.queue_table import QueueTable


class QueueCounts(QueueActions):
    """Keeps the numbers beside the queues true; a subclass shows them."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, Count] = {}
        self._uncounted = 0
        self._count_pace = Pace()
        self._recount: Timer | None = None

    @property
    def counts(self) -> Mapping[str, Count]:
        """The numbers by queue, as far as they are known."""
        return self._counts

    @property
    def uncounted(self) -> int:
        """How many appeals no list knows yet that asks for what is measured of them."""
        return self._uncounted

    @property
    def is_here(self) -> bool:
        """Whether there is a table to show anything in: while the program ends, workers still answer."""
        return self.is_attached and bool(self.query(QueueTable))

    def tell(self) -> None:
        """Show what is known anew."""
        raise NotImplementedError

    def count_soon(self) -> None:
        """Count when it is time to; changes that come until then are counted with these."""
        if self._recount is None:
            self._recount = self.after(self._count_pace.wait(monotonic()), self.count)

    def count(self) -> None:
        """Count the queues."""
        if self._recount is not None:
            self._recount.stop()
            self._recount = None
        desk = self.desk
        views = desk.lists.views()

        def read() -> None:
            from cur_tui.services.figures.completeness import uncounted  # the first rows need none of it

            self._count_pace.begin(monotonic())
            try:
                counts, lacking = desk.lists.counts(views), uncounted(desk)
            finally:
                self._count_pace.end(monotonic())
            self.app.call_from_thread(self._counted, counts, lacking)

        self.run_worker(read, thread=True, exclusive=True, group="counts", exit_on_error=False)

    def _counted(self, counts: dict[str, Count], lacking: int) -> None:
        if self.is_here and (counts, lacking) != (self._counts, self._uncounted):
            self._counts, self._uncounted = counts, lacking
            self.tell()
