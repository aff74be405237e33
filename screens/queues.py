"""The queues: which one is open, what it lists, and the appeal under the cursor."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from cur_tui.domain.query import Query
from cur_tui.i18n import _, current
from cur_tui.services.desk import Area, Change
from cur_tui.services.exchange import Phase, SyncState, progress_words
from cur_tui.services.views import DEFAULT_VIEW, OWN_WORK, View
from cur_tui.services.window import Window
from screens.queue_actions import QueueActions
from storage.entries import Count
from widgets.filter_line import FilterLine
from widgets.headline import headline
from widgets.key_line import KeyLine
from widgets.preview import Preview
from widgets.queue_table import QueueTable
from widgets.status_line import StatusLine
from widgets.view_list import ViewList

CLOCK_TICK = 30.0
"""Seconds after which the time left is drawn anew."""

REOPEN_DELAY = 1.0
"""Seconds in which changes of a list are gathered before it is read anew."""

LONG_LIST = 50_000
"""A list longer than this is read anew less often."""


class _Body(Horizontal):
    BLANK = True  # its children cover it: nothing of its own is ever seen, and drawing that costs every key


class _Panes(Container):
    BLANK = True


class QueuesScreen(QueueActions):
    """The workstation's first screen. What a person can do here is in :class:`QueueActions`."""

    BLANK = True
    CSS_PATH = "queues.tcss"
    HORIZONTAL_BREAKPOINTS = [
        (0, "-narrow"),
        (100, "-normal"),
        (140, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (40, "-tall")]

    def __init__(self) -> None:
        super().__init__()
        self.view = View(DEFAULT_VIEW, "", "")
        self.extra = ""
        self._counts: dict[str, Count] = {}
        self._window: Window | None = None
        self._preview_wanted: bool | None = None
        self._reopen_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Status, what is active, queues, table, preview, filter line, keys."""
        yield StatusLine()
        yield Static("", id="headline", markup=False)
        with _Body(id="body"):
            yield ViewList(id="views")
            with _Panes(id="panes"):
                yield QueueTable(self.desk.names, id="table")
                yield Preview(id="preview")
        yield FilterLine(self.desk.lists.read, lambda: self.desk.lists.vocabulary, id="filter")
        yield KeyLine("queue")

    def on_mount(self) -> None:
        """Open the first queue of the role."""
        views = self.desk.lists.views()
        self.query_one(ViewList).show(views, {}, None)
        self.open_view(views[0])
        self.table.focus()
        self.set_interval(CLOCK_TICK, self._tick)
        self.call_after_refresh(self._count)

    def on_resize(self) -> None:
        """The preview has a place of its own in a large terminal."""
        self._place_preview()

    # --- parts -------------------------------------------------------------------------------------

    @property
    def table(self) -> QueueTable:
        """The list of appeals."""
        return self.query_one(QueueTable)

    @property
    def window(self) -> Window | None:
        """The list that is shown."""
        return self._window

    # --- what is listed ----------------------------------------------------------------------------

    def query_now(self) -> Query:
        """The query of the open queue with the filter; the filter's order wins."""
        base = self.desk.lists.query_of(self.view)
        extra = self.desk.lists.read(self.extra).query if self.extra else Query()
        return Query((*base.terms, *extra.terms), extra.sort or base.sort)

    def line_now(self) -> str:
        """The query in force as one line."""
        from cur_tui.domain.query_format import format_query

        return format_query(self.query_now(), self.desk.lists.vocabulary, current().language)

    def open_view(self, view: View) -> None:
        """Open a queue from its top, without a filter."""
        self.view, self.extra = view, ""
        self.table.set_marks(set())
        self._open_list()

    def show_query(self, query: str, title: str) -> None:
        """Show what ``query`` finds, under ``title``; a queue of the list when it is one."""
        known = next((view for view in self.desk.lists.views() if view.query == query), None)
        self.open_view(known or View("", title or query, query, group=""))
        self.table.focus()

    def set_filter(self, line: str) -> None:
        """Narrow the open queue by a filter; an empty line widens it again."""
        self.extra = line
        self.table.set_marks(set())
        self._open_list()

    def _open_list(self) -> None:
        window = self.desk.lists.glimpse(self.query_now())
        self._show(window, keep=None)
        if not window.whole:
            self._reopen()

    def _show(self, window: Window, keep: int | None) -> None:
        self._window = window
        at = window.index_of(keep, self.table.cursor) if keep is not None else 0
        if at is None:
            at = self.table.cursor
        self.table.show(window, now=int(self.desk.now().timestamp()), at=at, keep=keep is not None)
        self._tell()

    def _tell(self) -> None:
        """Keep the headline, the empty state and the list of queues true."""
        window = self._window
        self.query_one("#headline", Static).update(
            headline(
                self.view,
                self.extra,
                self.query_now().sort,
                window.count if window else 0,
                whole=window.whole if window else True,
                marked=len(self.table.marked),
                narrow=self.has_class("-narrow"),
            ),
            layout=False,
        )
        if window is not None and window.count == 0:
            self.table.say_when_empty(_empty(self.view, self.extra, self.station.exchange.state()))
        self.query_one(ViewList).show(self.desk.lists.views(), self._counts, self.view.code)

    # --- what changes ------------------------------------------------------------------------------

    def on_data(self, change: Change) -> None:
        """Redraw the rows that changed at once; read the list and the counts anew a moment later."""
        if Area.REFERENCE in change.areas:
            self.table.rename(self.desk.names)
        if Area.VIEWS in change.areas:
            self._tell()
        if change.areas & {Area.APPEALS, Area.VIEWS}:
            if self._window is not None:
                self._window.forget(change.pks)
                self.table.redraw()
            self._draw_preview()
            if self._reopen_timer is None:
                long = self._window is not None and self._window.count > LONG_LIST
                self._reopen_timer = self.set_timer(REOPEN_DELAY * (5 if long else 1), self._renew)

    def on_exchange(self, state: SyncState) -> None:
        """While the first reading goes on, an empty list says how far it is."""
        if self._window is not None and self._window.count == 0:
            self._tell()

    def _renew(self) -> None:
        self._reopen_timer = None
        self._reopen()
        self._count()

    def _reopen(self) -> None:
        """Read the whole list beside the event loop and put it in place under the person's eyes."""
        query = self.query_now()

        def read() -> None:
            window = self.desk.lists.open(query)
            self.app.call_from_thread(self._arrived, query, window)

        self.run_worker(read, thread=True, exclusive=True, group="list", exit_on_error=False)

    def _arrived(self, query: Query, window: Window) -> None:
        if query != self.query_now() or not self.is_attached:
            return
        current_row = self.table.current
        self.table.marked &= set(window.keys) if self.table.marked else set()
        self._show(window, keep=current_row.pk if current_row else None)

    def _count(self) -> None:
        views = self.desk.lists.views()

        def read() -> None:
            counts = self.desk.lists.counts(views)
            self.app.call_from_thread(self._counted, counts)

        self.run_worker(read, thread=True, exclusive=True, group="counts", exit_on_error=False)

    def _counted(self, counts: dict[str, Count]) -> None:
        if self.is_attached:
            self._counts = counts
            self._tell()

    def _tick(self) -> None:
        self.table.tick(int(self.desk.now().timestamp()))

    # --- preview -----------------------------------------------------------------------------------

    def _place_preview(self) -> None:
        roomy = self.app.size.width >= 140 or self.app.size.height >= 40
        shown = roomy if self._preview_wanted is None else self._preview_wanted
        self.set_class(shown, "-preview")
        if shown:
            self._draw_preview()

    def action_preview(self) -> None:
        """Show or hide the preview."""
        self._preview_wanted = not self.has_class("-preview")
        self._place_preview()

    def _draw_preview(self) -> None:
        if not self.has_class("-preview"):
            return
        listed = self.table.current
        appeal = self.desk.find(listed.row.id) if listed is not None else None
        self.query_one(Preview).show(
            appeal,
            names=self.desk.names,
            me=self.desk.actor.account,
            now=self.desk.now(),
            zone=self.desk.zone,
        )

    # --- messages ----------------------------------------------------------------------------------

    @on(QueueTable.Rested)
    def _rested(self) -> None:
        self._draw_preview()

    @on(QueueTable.Opened)
    def _opened(self) -> None:
        self.action_open()

    @on(QueueTable.MarksChanged)
    def _marks_changed(self) -> None:
        self._tell()

    @on(ViewList.Chosen)
    def _view_chosen(self, event: ViewList.Chosen) -> None:
        self.remove_class("-views-over")
        self.open_view(event.view)
        self.table.focus()

    @on(FilterLine.Applied)
    def _filter_applied(self, event: FilterLine.Applied) -> None:
        self.set_filter(event.line)
        self._leave_filter()

    @on(FilterLine.Left)
    def _leave_filter(self) -> None:
        self.query_one(KeyLine).scope = "queue"
        self.table.focus()


def _empty(view: View, extra: str, state: SyncState) -> Content:
    """What an empty list means and what to do now."""
    if state.phase is Phase.BOOTSTRAPPING and state.progress is not None:
        reading = Content.styled(_("The first reading goes on."), "bold")
        return Content.assemble(("↓ ", "$warning"), reading, "\n\n", progress_words(state.progress))
    if extra:
        said, todo = _("Nothing fits the filter."), _("Esc removes it, / changes it.")
    elif view.code == OWN_WORK:
        said, todo = (
            _("You have nothing in work."),
            _("N claims the most urgent appeal that nobody holds; digits open other queues."),
        )
    elif view.code in ("overdue", "due_soon", "returned"):
        said, todo = _("Nothing here: well done."), _("Digits open other queues, H goes to their list.")
    else:
        said, todo = _("This queue is empty."), _("Digits open other queues, H goes to their list.")
    return Content.assemble(("✓ ", "$success"), (said, "bold $foreground"), "\n\n", todo)
