"""The queues: which one is open, what it lists, and the appeal under the cursor."""

import asyncio
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.widgets import Static

from cur_tui.i18n import _
from cur_tui.services.exchange.exchange import Phase, SyncState, progress_words
from cur_tui.services.lists.views import OWN_WORK, View
from screens.queue_typing import QueueTyping
from widgets.headline import count_words, headline
from widgets.key_line import KeyLine
from widgets.preview import Preview
from widgets.queue_table import QueueTable
from widgets.show import show_line
from widgets.status_line import StatusLine
from widgets.view_list import ViewList

if TYPE_CHECKING:
    from widgets.filter_line import FilterLine

CLOCK_TICK = 30.0
"""Seconds after which the time left is drawn anew."""


class _Body(Horizontal):
    BLANK = True  # its children cover it: nothing of its own is ever seen, and drawing that costs every key


class _Panes(Container):
    BLANK = True


class QueuesScreen(QueueTyping):
    """The workstation's first screen.

    What a person can do here is in :class:`QueueActions`, how a list is read in :class:`QueueList`.
    """

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
        self._preview_wanted: bool | None = None
        self._rows_shown = False
        self._making_filter_line = asyncio.Lock()

    def compose(self) -> ComposeResult:
        """Status, what is active, queues, table, preview, filter line, keys."""
        # Known before the parts are made, the size need not style each of them a second and a third time.
        width, height = self.app.size
        reached = (_reached(width, self.HORIZONTAL_BREAKPOINTS), _reached(height, self.VERTICAL_BREAKPOINTS))
        self.add_class(*reached, *(["-preview"] if self._has_room_for_preview else []), update=False)
        yield StatusLine()
        yield Static("", id="headline", markup=False)
        with _Body(id="body"):
            yield ViewList(id="views")
            with _Panes(id="panes"):
                yield QueueTable(self.desk.names, id="table")
                yield Preview(id="preview")
        yield KeyLine("queue")

    def on_mount(self) -> None:
        """Open the first queue of the role."""
        views = self.desk.lists.views()
        self.query_one(ViewList).show(views, {}, None)
        self.open_view(views[0])
        self.table.focus()
        self.every(CLOCK_TICK, self._tick)
        self.station.painted.subscribe(self, self._first_rows_shown)

    def _compositor_refresh(self) -> None:
        """Draw what has changed; in the middle of a batch the library would take for shown what it drops."""
        if self.app._batch_count:
            self.refresh()
            return
        if self._repaint_required:  # with what the layout paints just before it, as one
            self._repaint_required = False
            self._compositor.update_widgets({self})
        super()._compositor_refresh()

    async def _first_rows_shown(self, _told: None) -> None:
        """Go on with what takes longer: the whole list, the preview, the numbers of queues, a filter line."""
        self._rows_shown = True
        self.read_rest()
        self.preview_again()
        self.count()
        await self.filter_line()

    def on_resize(self) -> None:
        """The preview has a place of its own in a large terminal."""
        self._place_preview()

    # --- parts -------------------------------------------------------------------------------------

    @property
    def table(self) -> QueueTable:
        """The list of appeals."""
        return self.query_one(QueueTable)

    async def filter_line(self) -> "FilterLine":
        """The line in which a filter is typed; it is made after the first rows, or for the first filter."""
        from widgets.filter_line import FilterLine

        async with self._making_filter_line:
            if not self.query(FilterLine):
                lists = self.desk.lists
                line = FilterLine(lists.read, lambda: lists.vocabulary, id="filter")
                await self.mount(line, before=self.query_one(KeyLine))
        return self.query_one(FilterLine)

    def tell(self) -> None:
        """Keep the headline, the empty state and the list of queues true."""
        sort = self.query_now().sort
        marked, narrow = len(self.table.marked), self.has_class("-narrow")
        count = count_words(self.count_now, self.window.found if self.window is not None else None)
        lacking = self._lacking()
        line = headline(
            *(self.view, self.shown_filter, sort, count), marked=marked, narrow=narrow, lacking=lacking
        )
        self.query_one("#headline", Static).update(line, layout=False)
        if self.window is None:
            self.table.say_when_empty(Content.styled(_("The list is being read …"), "bold"))
        elif not self.window.count and self.is_trying:
            self.table.say_when_empty(Content.styled(_("Nothing fits the filter."), "bold"))
        elif not self.window.count:
            state = self.station.exchange.state()
            self.table.say_when_empty(_empty(self.view, self.shown_filter, self.correction, state))
        self.query_one(ViewList).show(self.desk.lists.views(), self.counts, self.view.code)

    def _lacking(self) -> str:
        """Why the open list may be shorter than it should be; empty where it is not."""
        if not self.uncounted:
            return ""
        from cur_tui.domain.query.measuring import asks_measured
        from cur_tui.services.figures.completeness import uncounted_words

        if not asks_measured(self.query_now().terms):
            return ""
        return uncounted_words(self.uncounted, self.station.exchange.state())

    def on_exchange(self, state: SyncState) -> None:
        """While the first reading goes on, an empty list says how far it is."""
        if self.window is not None and not self.window.count:
            self.tell()

    def _tick(self) -> None:
        self.table.tick(int(self.desk.now().timestamp()))

    # --- preview -----------------------------------------------------------------------------------

    @property
    def _has_room_for_preview(self) -> bool:
        return self.app.size.width >= 140 or self.app.size.height >= 40

    def _place_preview(self) -> None:
        wanted = self._preview_wanted
        shown = self._has_room_for_preview if wanted is None else wanted
        self.set_class(shown, "-preview")
        if shown:
            self.preview_again()

    def action_preview(self) -> None:
        """Show or hide the preview."""
        self._preview_wanted = not self.has_class("-preview")
        self._place_preview()

    def preview_again(self) -> None:
        """Draw the appeal under the cursor beside the list."""
        if not (self._rows_shown and self.has_class("-preview")):
            return
        listed = self.table.current
        appeal = self.desk.find(listed.row.id) if listed is not None else None
        self.query_one(Preview).show(
            appeal,
            names=self.desk.names,
            me=self.desk.actor.account,
            now=self.desk.now(),
            zone=self.desk.zone,
            find=self.window.find if self.window is not None else None,
            members=self.desk.members_of(appeal) if appeal is not None else 0,
        )

    # --- messages ----------------------------------------------------------------------------------

    @on(QueueTable.Rested)
    def _rested(self) -> None:
        self.preview_again()

    @on(QueueTable.Opened)
    def _opened(self) -> None:
        self.action_open()

    @on(QueueTable.MarksChanged)
    def _marks_changed(self) -> None:
        self.tell()

    @on(ViewList.Chosen)
    def _view_chosen(self, event: ViewList.Chosen) -> None:
        self.remove_class("-views-over")
        self.open_view(event.view)
        self.table.focus()

    def on_filter_line_applied(self, event: "FilterLine.Applied") -> None:
        with self.app.batch_update():
            self.apply_typed(event.line)
            self._to_rows()

    def on_filter_line_typed(self, event: "FilterLine.Typed") -> None:
        self.try_soon(event.line)

    def on_filter_line_left(self) -> None:
        with self.app.batch_update():
            self.back_from_typing()
            self._to_rows()

    def _to_rows(self) -> None:
        """Go from the line back to the table; the caller makes it one repaint with what is shown there."""
        from widgets.filter_line import FilterLine

        self.query_one(FilterLine).close()
        self.query_one(KeyLine).scope = "queue"
        self.table.focus()


def _reached(cells: int, breakpoints: list[tuple[int, str]]) -> str:
    """The class of the last of ``breakpoints`` that a terminal of so many cells reaches."""
    return max((start, name) for start, name in breakpoints if start <= cells)[1]


def _empty(view: View, extra: str, correction: str | None, state: SyncState) -> Content:
    """What an empty list means and what to do now."""
    if state.phase is Phase.BOOTSTRAPPING and state.progress is not None:
        reading = Content.styled(_("The first reading goes on."), "bold")
        return Content.assemble(("↓ ", "$warning"), reading, "\n\n", progress_words(state.progress))
    if correction is not None:
        nothing, todo = _("Nothing fits the filter."), _("Enter looks for it, / changes the filter.")
        meant = Content.assemble(_("Perhaps you meant: "), show_line(correction, 80, "bold $primary"))
        return Content("\n\n").join([Content.styled(nothing, "bold $foreground"), meant, Content(todo)])
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
