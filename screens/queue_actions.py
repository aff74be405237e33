"""What a person can do in the queues: each method is one action of the registry's scope «queue».

What an action alone needs is imported by it: the first screen must not wait for forms and dialogs.
"""

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from cur_tui.domain.query.query import Query, Sort, SortKey
from cur_tui.formats import format_number
from cur_tui.i18n import N_, _, current
from cur_tui.services.lists.views import FREE_WORK, OWN_WORK, View
from cur_tui.services.lists.window import Window
from screens.appeal_acts import AppealActs
from widgets.headline import sort_words
from widgets.key_line import KeyLine
from widgets.keys import bindings_for
from widgets.queue_table import QueueTable
from widgets.view_list import ViewList

MARKED_AT_MOST = 10_000
"""How many appeals can be marked at once: an act on each of them is a command of its own."""

if TYPE_CHECKING:
    from widgets.filter_line import FilterLine


class QueueActions(AppealActs):
    """The actions over a list that a subclass shows."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("queue")

    view: View
    """The queue that is open."""
    extra: str
    """The filter over it, as it was typed."""

    @property
    @abstractmethod
    def table(self) -> QueueTable:
        """The list of appeals."""

    @property
    @abstractmethod
    def window(self) -> Window | None:
        """The list that is shown."""

    @abstractmethod
    def query_now(self) -> Query:
        """The query of the open queue with the filter."""

    @abstractmethod
    def line_now(self) -> str:
        """That query as one line."""

    @abstractmethod
    def open_view(self, view: View) -> None:
        """Open a queue from its top."""

    @abstractmethod
    def show_query(self, query: str, title: str) -> None:
        """Show what a query finds."""

    @abstractmethod
    def set_filter(self, line: str) -> None:
        """Narrow the open queue."""

    @abstractmethod
    def go_to_end(self) -> None:
        """Go to the last row."""

    @abstractmethod
    async def go_to_key(self, pk: int) -> bool:
        """Put the cursor on the appeal with this key of the cache; False when it is not listed."""

    @abstractmethod
    def begin_typing(self) -> None:
        """Be ready to show what is typed, and to come back."""

    @abstractmethod
    def take_correction(self) -> bool:
        """Search for what was probably meant, where nothing was found."""

    @abstractmethod
    async def filter_line(self) -> "FilterLine":
        """The line in which a filter is typed."""

    # --- acts --------------------------------------------------------------------------------------

    def chosen_appeals(self) -> list[str]:
        """The ids of the marked appeals in the list's order, else of the one under the cursor."""
        marked, window = self.table.marked, self.window
        if marked and window is not None:
            return self.desk.lists.ids_of([pk for pk in window.keys if pk in marked])
        listed = self.table.current
        return [listed.row.id] if listed is not None else []

    def after_act(self) -> None:
        """What was marked has been dealt with."""
        self.table.set_marks(set())

    def action_open(self) -> None:
        """Open the appeal; where nothing was found, look for what was probably meant."""
        listed = self.table.current
        if listed is None:
            self.take_correction()
        else:
            self.station.open_appeal(listed.row.id, self.window)

    def action_answer(self) -> None:
        """Open its answer."""
        listed = self.table.current
        if listed is not None:
            self.station.open_answer(listed.row.id)

    def action_checklist(self) -> None:
        """Open its fast track."""
        listed = self.table.current
        if listed is not None:
            self.station.open_checklist(listed.row.id)

    def action_next(self) -> None:
        """Claim the most urgent appeal that nobody holds, and open it."""
        self.station.start(self._next())

    async def _next(self) -> None:
        from cur_tui.services.exchange.taking import take_next

        station, query = self.station, self.query_now()
        if self.view.code == OWN_WORK and not self.extra:
            # Nothing of one's own is free: whoever has done it all means the work of everybody.
            query = self.desk.lists.read(FREE_WORK).query
        answer = await station.attempt(lambda: (take_next(self.desk, station.exchange, query),))
        if answer is None:
            return
        (taken,) = answer
        if taken is None:
            station.say(_("Nobody waits here: every appeal of this list is held by somebody."))
        else:
            station.say(_("{number} is yours. R gives it back.").format(number=taken.number))
            station.open_appeal(taken.id, self.window)

    # --- what is listed ----------------------------------------------------------------------------

    async def action_filter(self) -> None:
        """Type a filter."""
        self.begin_typing()
        self.query_one(KeyLine).scope = "filter"
        (await self.filter_line()).open(self.extra)

    def action_sort(self) -> None:
        """Choose the order of the list."""
        self.station.start(self._sort())

    async def _sort(self) -> None:
        from cur_tui.domain.query.format import format_query
        from cur_tui.services.forms import Choice
        from screens.picker import Picker

        ways = (False, True)
        orders = [Sort(key, falling) for key in SortKey if key is not SortKey.RELEVANCE for falling in ways]
        if self.window is not None and self.window.find is not None:
            orders.insert(0, Sort(SortKey.RELEVANCE))  # only what was searched for can fit better or worse
        choices = tuple(Choice(str(n), sort_words(order)) for n, order in enumerate(orders))
        now = self.query_now().sort or Sort(SortKey.DUE)
        code = await self.station.push_screen_wait(
            Picker(_("Order of the list"), choices, str(orders.index(now) if now in orders else 0))
        )
        if code is not None:
            terms = self.desk.lists.read(self.extra).query.terms
            query = Query(terms, orders[int(code)])
            self.set_filter(format_query(query, self.desk.lists.vocabulary, current().language))

    def action_save_view(self) -> None:
        """Keep this filter and order under a name."""
        self.station.start(self._save_view())

    async def _save_view(self) -> None:
        from cur_tui.services.forms import FieldKind, Form, FormField
        from screens.form import FormScreen

        line = self.line_now()
        name = FormField("title", N_("Name of the view"), FieldKind.LINE, True, (), "")
        form = FormScreen(_("Save the view: {query}").format(query=line), Form("", (name,)), self.desk.now())
        values = await self.station.push_screen_wait(form)
        if values is not None:
            title = str(values["title"])
            saved = await self.station.attempt(lambda: self.desk.lists.save_view(title, line))
            if saved is not None:
                self.open_view(View(saved.code, saved.title, saved.query, "saved", saved=True))

    def action_delete_view(self) -> None:
        """Delete the saved view that is open; its query stays on the screen."""
        if not self.view.saved:
            self.station.say(_("Only a view that you saved can be deleted."), problem=True)
            return
        self.station.start(self._delete_view(self.view))

    async def _delete_view(self, view: View) -> None:
        await self.station.attempt(lambda: self.desk.lists.delete_view(view.code))
        self.show_query(view.query, view.title)
        self.station.say(_("The view «{title}» is deleted; V saves it again.").format(title=view.title))

    def action_numbered(self, key: str) -> None:
        """Open a queue by its number."""
        views = self.query_one(ViewList).views
        if int(key) <= len(views):
            self.open_view(views[int(key) - 1])
            self.table.focus()

    # --- marks -------------------------------------------------------------------------------------

    def action_mark(self) -> None:
        """Mark or unmark the row, and go on to the next."""
        self.table.toggle_mark()
        self.table.action_down()

    def action_mark_down(self) -> None:
        """Mark the row and go down."""
        self.table.mark_current()
        self.table.action_down()

    def action_mark_up(self) -> None:
        """Mark the row and go up."""
        self.table.mark_current()
        self.table.action_up()

    def action_mark_all(self) -> None:
        """Mark everything in the filter."""
        window = self.window
        if window is None or not window.whole or window.count > MARKED_AT_MOST:
            many = format_number(MARKED_AT_MOST)
            self.station.say(_("At most {count} appeals can be marked: narrow the list.").format(count=many))
        else:
            self.table.set_marks(set(window.keys))

    def action_unmark(self) -> None:
        """Go back one step: close the list of queues, remove the marks, remove the filter."""
        if self.has_class("-views-over"):
            self.remove_class("-views-over")
            self.table.focus()
        elif self.table.marked:
            self.table.set_marks(set())
        elif self.extra:
            self.set_filter("")
        else:
            self.table.focus()

    # --- moving ------------------------------------------------------------------------------------

    def action_down(self) -> None:
        """One row down."""
        if isinstance(self.focused, ViewList):
            self.focused.action_down()
        else:
            self.table.action_down()

    def action_up(self) -> None:
        """One row up."""
        if isinstance(self.focused, ViewList):
            self.focused.action_up()
        else:
            self.table.action_up()

    def action_top(self) -> None:
        """First row."""
        self.table.action_top()

    def action_bottom(self) -> None:
        """Last row."""
        self.go_to_end()

    def action_incidents(self) -> None:
        """Go to the mass incidents."""
        self.app.switch_mode("incidents")

    def action_next_overdue(self) -> None:
        """Jump to the next overdue appeal of the list, from its end on to its beginning."""
        self.station.start(self._next_overdue())

    async def _next_overdue(self) -> None:
        lists, query, listed = self.desk.lists, self.query_now(), self.table.current

        def look() -> tuple[int | None, bool]:
            behind = lists.next_overdue(query, listed.pk) if listed is not None else None
            return behind or lists.next_overdue(query, None), behind is None

        found = await self.station.attempt(look)
        if found is None:
            return
        pk, from_top = found
        if pk is None or not await self.go_to_key(pk):
            self.station.say(_("No appeal of this list is overdue."))
        elif from_top and listed is not None and pk == listed.pk:
            self.station.say(_("No other appeal of this list is overdue."))
        elif from_top:
            self.station.say(_("Gone on from the top of the list."))

    def action_views(self) -> None:
        """Go to the list of queues; where it is out of sight it comes over the table."""
        if self.has_class("-narrow"):
            self.add_class("-views-over")
        self.query_one(ViewList).focus()

    def action_table(self) -> None:
        """Go to the table."""
        self.remove_class("-views-over")
        self.table.focus()
