"""A screen of figures counted from the cache: counted in a worker, anew when something has changed."""

from abc import abstractmethod
from typing import ClassVar, Generic, TypeVar

from textual import work
from textual.content import Content
from textual.widgets import DataTable, Static

from cur_tui.i18n import _
from cur_tui.services.desk import Area, Change
from cur_tui.services.exchange.exchange import SyncState
from cur_tui.services.exchange.exchange_words import age_words
from cur_tui.services.figures.completeness import uncounted, uncounted_words
from screens.base import DeskScreen

T = TypeVar("T")


class FiguresScreen(DeskScreen, Generic[T]):
    """Counts when it is shown, when the cache changes, and every now and then: time alone moves terms.

    Subclasses compose a ``#header`` and one table, which gets the focus.
    """

    CALM: ClassVar[float] = 1.0
    """Seconds in which changes are gathered before it is counted anew."""
    TICK: ClassVar[float | None] = 20.0
    """Seconds after which it is counted anew whatever happens; None where time alone changes nothing."""

    IS_SUM: ClassVar[bool] = True
    """Whether appeals are added up that may not be measured yet, and not merely listed."""

    figures: T | None = None
    """What was counted last."""
    _counted_for: object = None
    _uncounted = 0
    """How many appeals these figures lack."""
    _is_due = False

    @property
    def asked(self) -> object:
        """What the figures are to be of: what was counted for anything else is not shown."""
        return None

    @property
    def answer(self) -> T | None:
        """The figures of what is asked; None as long as they are being counted."""
        return self.figures if self._counted_for == self.asked else None

    @abstractmethod
    def count_figures(self) -> T:
        """Count; called beside the event loop."""

    @abstractmethod
    def draw(self, figures: T) -> None:
        """Show what was counted."""

    @abstractmethod
    def draw_header(self) -> None:
        """Show what is shown and how old the data are, by :meth:`show_header`."""

    def on_mount(self) -> None:
        """Count, and go on counting."""
        super().on_mount()
        self.draw_header()
        self.query_one(DataTable).focus()
        self.count()
        if self.TICK is not None:
            self.every(self.TICK, self.count)

    def on_screen_resume(self) -> None:
        """Count what has changed while another screen was shown."""
        self.count()

    def on_data(self, change: Change) -> None:
        """Count anew, a moment later: changes come in crowds, and one count is for all of them."""
        if change.areas & {Area.APPEALS, Area.REFERENCE} and not self._is_due:
            self._is_due = True
            self.after(self.CALM, self._calm)

    def on_exchange(self, state: SyncState) -> None:
        """The age of the data changes with the contact."""
        self.draw_header()

    def on_resize(self) -> None:
        """What is shown gets what room there is."""
        if self.figures is not None:
            self.draw_header()
            self.draw(self.figures)

    def count(self) -> None:
        """Count anew, if anybody can see it."""
        if self.is_current:
            self._counted()

    def show_header(self, head: Content, *parts: Content) -> None:
        """Show ``head``, what its figures lack, ``parts``, and how old the data are."""
        state = self.station.exchange.state()
        told = [head, *parts, Content.styled(age_words(state, self.desk.now()), "$text-muted")]
        if self.answer is None:
            told.append(Content.styled(_("being counted …"), "$text-muted"))
        if self._uncounted:
            lacking = f"▲ {uncounted_words(self._uncounted, state)}"
            told.insert(1, Content.styled(lacking, "bold $text-warning"))
        self.query_one("#header", Static).update(Content("  ·  ").join(told))

    def colour(self, name: str) -> str:
        """A colour of the theme, for the cells of a table."""
        return self.app.get_css_variables()[name]

    def _calm(self) -> None:
        self._is_due = False
        self.count()

    @work(group="figures", exclusive=True, exit_on_error=False)
    async def _counted(self) -> None:
        asked, desk = self.asked, self.desk

        def count() -> tuple[int, T]:
            # What is missing is looked up first: what comes meanwhile may be counted and still be told of.
            return uncounted(desk) if self.IS_SUM else 0, self.count_figures()

        counted = await self.station.attempt(count)
        if counted is not None and self.is_attached and asked == self.asked:
            self._uncounted, self.figures = counted
            self._counted_for = asked
            self.draw_header()
            self.draw(self.figures)
